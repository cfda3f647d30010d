import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decidedOutcome } from '../processes/component-result.js';
import { createHide } from '../program/secrets.js';
import { deleteOldLogs, logFileOf, openLineFile } from './log-file.js';
import { logRun, openRunLog } from './run-log.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-log-'));
  file = join(folder, 'a', 'b', 'run.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('openRunLog', () => {
  test('JSON lines, appended, readable as soon as they are written', async () => {
    for (const words of ['first', 'second']) {
      const log = await openRunLog(file, { hide: createHide({}), isPrivate: false });
      log.write('warn', words, { id: 825 });
      expect(linesOf(file).at(-1)).toMatchObject({ level: 'warn', msg: words, id: 825, pid: process.pid });
      expect(Date.parse(String(linesOf(file).at(-1)?.time))).toBeGreaterThan(Date.now() - 60_000);
      log.close();
    }
    expect(linesOf(file)).toHaveLength(2);
  });

  test('secrets are hidden in words and fields, and the line stays JSON', async () => {
    const log = await openRunLog(file, {
      hide: createHide({ TELEGRAM_BOT_TOKEN: '1:canary-token' }),
      isPrivate: false,
    });
    log.write('info', 'postgresql://u:canary@h/d', {
      a: { password: '1:canary-token', b: ['password=canary'] },
    });
    log.close();
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
    expect(linesOf(file)).toHaveLength(1);
  });

  test.each([
    ['a file instead of the folder', () => writeFileSync(join(folder, 'a'), '')],
    ['a folder instead of the file', () => mkdirSync(file, { recursive: true })],
    [
      'a pipe without a reader',
      () => {
        mkdirSync(join(folder, 'a', 'b'), { recursive: true });
        execFileSync('mkfifo', [file]);
      },
    ],
  ])('%s: a failure in words, and no throw', async (_what, damage) => {
    damage();
    const log = await openRunLog(file, { hide: createHide({}), isPrivate: false });
    log.write('info', 'lost');
    log.close();
    expect(log.failure).toMatch(
      /^the log .*run\.log cannot be written: E[A-Z]+: .*; the run continues without it$/,
    );
  });

  test('a place that has no folders to be made: a failure', async () => {
    const log = await openRunLog('/proc/barwright/a/run.log', { hide: createHide({}), isPrivate: false });
    expect(log.failure).toMatch(/cannot be written: E[A-Z]+/);
    log.close();
  });

  test('a full disk', async () => {
    const log = await openRunLog('/dev/full', { hide: createHide({}), isPrivate: false });
    expect(log.failure).toBeNull();
    for (let line = 0; line < 100; line++) log.write('info', 'lost');
    expect(log.failure).toMatch(/the log \/dev\/full cannot be written: ENOSPC/);
    log.close();
  });
});

test('a line of which only a part was written does not swallow the next one', () => {
  const lines = openLineFile(file, { isPrivate: false });
  lines.append('{"n":1}\n');
  expect(() =>
    lines.append({
      toString: () => {
        throw new Error('disk full');
      },
    } as unknown as string),
  ).toThrow();
  // As a full disk leaves it.
  appendFileSync(file, '{"n":2,"cu');
  lines.append('{"n":3}\n');
  lines.append('{"n":4}\n');
  lines.close();
  expect(readFileSync(file, 'utf8').split('\n')).toEqual(['{"n":1}', '{"n":2,"cu', '{"n":3}', '{"n":4}', '']);
});

describe('logRun', () => {
  test('every event at its level, whole lists, and outcomes once', async () => {
    const log = await openRunLog(file, { hide: createHide({}), isPrivate: false });
    const said: string[] = [];
    const told = new Set<string>();
    const listener = logRun(
      log,
      { say: (text) => said.push(text), event: (_component, { type }) => said.push(type) },
      told,
    );
    listener.say('[WARNING] 101 IDs: [1, … 100 more]', '[WARNING] 101 IDs: [1, 2, 3]');
    listener.say('[INFO] database: d');
    listener.event('bars', { type: 'started', component: 'bars', assets: 2 });
    listener.event('bars', { type: 'heartbeat' });
    listener.event('bars', { type: 'message', level: 'warning', text: 'careful' });
    for (const [id, status] of [
      [1, 'ok'],
      [2, 'failed'],
      [3, 'skipped'],
    ] as const)
      listener.event('bars', {
        type: 'asset_finished',
        outcome: decidedOutcome(id, status, { reason: `r${id}` }),
      });
    listener.event('bars', { type: 'failed', error: 'lost' });
    listener.event('bars', { type: 'later' } as never);
    log.close();
    expect(said).toHaveLength(10);
    expect(linesOf(file).map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'warn 101 IDs: [1, 2, 3]',
      'info database: d',
      'info started',
      'trace heartbeat',
      'warn careful',
      'info r1',
      'error r2',
      'warn r3',
      'error lost',
      'info later',
    ]);
    expect([...told]).toEqual(['bars 1 ok', 'bars 2 failed', 'bars 3 skipped']);
  });
});

describe('log files by day', () => {
  test('the day is that of UTC', () => {
    expect(logFileOf(new Date('2026-03-01T00:30:00+01:00'))).toBe('.logs/refresh-2026-02-28.log');
  });

  test('thirty days stay; what is not ours stays', () => {
    const now = new Date('2026-03-31T12:00:00Z');
    // The newest thirty files: 1 to 31 March without the 15th.
    const kept = Array.from({ length: 31 }, (_, day) => `2026-03-${String(day + 1).padStart(2, '0')}`)
      .filter((day) => day !== '2026-03-15')
      .map((day) => `refresh-${day}.log`);
    const old = ['refresh-2025-01-01.log', 'refresh-2026-02-28.log'];
    for (const name of [...kept, ...old]) writeFileSync(join(folder, name), '');
    const others = [
      'alerts.json',
      'refresh-2020-01-01.log.gz',
      'my-refresh-2020-01-01.log',
      'refresh-20200101.log',
    ];
    for (const name of others) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'refresh-2019-01-01.log'));
    expect(deleteOldLogs(folder, now).sort()).toEqual(old);
    expect(readdirSync(folder).sort()).toEqual([...others, ...kept, 'refresh-2019-01-01.log'].sort());
    expect(deleteOldLogs(join(folder, 'nowhere'), now)).toEqual([]);
  });

  test('a clock that is ahead deletes none of the newest thirty', () => {
    for (const day of ['2025-01-01', '2026-03-01', '2026-03-31'])
      writeFileSync(join(folder, `refresh-${day}.log`), '');
    expect(deleteOldLogs(folder, new Date('2036-03-31T12:00:00Z'))).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(3);
  });
});
