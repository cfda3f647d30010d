/** deploy/: units that systemd takes as they are, without a secret in them, and a crontab that cron takes. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { note } from './support/note.js';
import { findProgram } from './support/programs.js';

const FOLDER = resolve(import.meta.dirname, '../deploy');
const UNITS = globSync('*.{service,timer}', { cwd: FOLDER }).sort();
const TIMEOUT_MS = 60_000;
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** `Name=value` lines of a unit, comments left out. */
function settingsOf(name: string): string[] {
  return textOf(name)
    .split('\n')
    .filter((line) => /^[A-Z]\w+=/.test(line));
}

const analyze = findProgram('systemd-analyze');
if (analyze === null)
  note('[INFO] left out: the check of deploy/ by systemd itself (no systemd-analyze here)');
else {
  const run = (...args: string[]) =>
    spawnSync(analyze, args, { cwd: FOLDER, encoding: 'utf8', timeout: TIMEOUT_MS });

  test('systemd finds nothing to say about the units', () => {
    const { status, stdout, stderr } = run('verify', '--man=no', ...UNITS.map((name) => `./${name}`));
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('barwright'))).toEqual([]);
    expect(status).toBe(0);
  });

  test('the times of the timers are times, and what they start is there', () => {
    for (const name of UNITS.filter((unit) => unit.endsWith('.timer'))) {
      const [, when] = /^OnCalendar=(.*)$/m.exec(textOf(name)) ?? [];
      expect(run('calendar', when ?? '').status, name).toBe(0);
      expect(UNITS).toContain(name.replace('.timer', '.service'));
    }
  });
}

test('services that talk to the database run as a user of their own, bounded in time, and with no rights to spare', () => {
  for (const name of ['barwright.service', 'barwright-check.service']) {
    const settings = settingsOf(name);
    for (const wanted of [
      'Type=oneshot',
      'User=barwright',
      'EnvironmentFile=/etc/barwright/environment',
      'NoNewPrivileges=true',
      'ProtectSystem=strict',
      'ProtectHome=true',
      'CapabilityBoundingSet=',
      'UMask=0077',
      'WorkingDirectory=/var/lib/barwright',
    ])
      expect(settings, name).toContain(wanted);
    expect(
      settings.some((line) => /^TimeoutStartSec=\d+(min|h)$/.test(line)),
      name,
    ).toBe(true);
    // Node writes machine code as it runs; and nothing waits for a network that may never count as online.
    expect(settings.filter((line) => /MemoryDenyWriteExecute|network-online/.test(line))).toEqual([]);
    const [, alarm] = /^OnFailure=(.*)$/m.exec(textOf(name)) ?? [];
    expect(UNITS).toContain(alarm?.replace('%n.service', '.service'));
  }
});

test('the refresh is reported by message, and a dead-man of its own asks for it', () => {
  expect(textOf('barwright.service')).toMatch(
    /^ExecStart=.* barwright refresh --all --quiet --alert-on-error$/m,
  );
  expect(textOf('barwright-check.service')).toMatch(/^ExecStart=.* barwright check --whole --max-age 26$/m);
});

test('there is no URL with a password but in the example of the private file', () => {
  const files = globSync('**/*.*', { cwd: FOLDER }).filter((file) => file !== 'environment.example');
  expect(files).toContain('grafana/barwright.json');
  for (const name of files) expect(textOf(name), name).not.toMatch(/postgres(ql)?:\/\//);
  expect(textOf('environment.example')).toMatch(/0600/);
});

test('every line of the crontab is a comment, a variable or five fields and a command, with each % taken literally', () => {
  const lines = textOf('crontab.example').split('\n');
  const jobs = lines.filter((line) => line !== '' && !/^#|^[A-Z]+=/.test(line));
  expect(jobs).toHaveLength(3);
  for (const job of jobs) {
    expect(job).toMatch(/^(\d+|\*)\s+(\d+|\*)\s+\*\s+\*\s+(\d|\*)\s+cd "\$HOME\/warehouse" && barwright /);
    expect(job.replaceAll('\\%', '')).not.toContain('%');
  }
});
