/** deploy/Containerfile built by an engine, and the services of deploy/compose.yaml started from it as they stand there. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { buildImage, ENGINE, HAS_INIT, runEngine, runImage } from '../support/engine.js';
import { HEADER, line } from '../support/ingest.js';
import { makeFolder, packProject } from '../support/package.js';
import { waitFor } from '../support/processes.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TAG = `localhost/barwright-test:${process.pid}`;
const TOKEN = 'a-token-of-the-tests';
const BUILD_MS = 300_000;

/** What of a service is handed on to the engine. */
const Service = z.object({
  command: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  read_only: z.literal(true),
  init: z.literal(true),
});

function runTests(): void {
  const { folder, remove } = makeFolder();
  const names: string[] = [];
  let server: TestDatabase;

  beforeAll(async () => {
    server = await createEmptyDatabase();
    await packProject(folder);
    copyFileSync(join(ROOT, '.dockerignore'), join(folder, '.dockerignore'));
    mkdirSync(join(folder, 'prices'));
    // Its user in the container is another one than here.
    for (const path of [folder, join(folder, 'prices')]) chmodSync(path, 0o755);
    writeFileSync(join(folder, 'environment'), `TARGET_DB_URL=${server.url}\nBARWRIGHT_TOKEN=${TOKEN}\n`);
    expect(await buildImage(folder, TAG)).toMatchObject({ code: 0 });
  }, BUILD_MS);
  afterAll(async () => {
    for (const name of names) await runEngine(['rm', '--force', '--volumes', name]);
    await runEngine(['volume', 'rm', '--force', volumeOf('work')]);
    await runEngine(['rmi', '--force', TAG]);
    await server?.drop();
    remove();
  }, BUILD_MS);

  const volumeOf = (name: string) => `barwright-test-${process.pid}-${name}`;

  /** Starts a service with everything that compose.yaml says of it, but for the database beside it and the ports. */
  function start(name: string, flags: readonly string[], more: readonly string[] = []) {
    const text = readFileSync(join(ROOT, 'deploy/compose.yaml'), 'utf8');
    const service = Service.parse(parse(text, { merge: true }).services[name]);
    const mounts = service.volumes.map((volume) =>
      volume.startsWith('./') ? join(folder, volume) : volume.replace(/^\w+/, volumeOf),
    );
    const { command, tmpfs, cap_drop, security_opt } = service;
    const container = `barwright-test-${process.pid}-${name}`;
    names.push(container);
    const options = {
      name: [container],
      volume: mounts,
      tmpfs,
      'cap-drop': cap_drop,
      'security-opt': security_opt,
    };
    const given = Object.entries(options).flatMap(([key, values]) =>
      values.flatMap((value) => [`--${key}`, value]),
    );
    const all = [
      '--env-file',
      join(folder, 'environment'),
      '--read-only',
      ...(HAS_INIT ? ['--init'] : []),
      ...given,
    ];
    return { container, ended: runImage(TAG, [...all, ...flags], [...command, ...more]) };
  }

  const query = (sql: string) => server.database.read((tx) => tx.query(sql));
  const logsOf = async (container: string) => {
    const { stdout, stderr } = await runEngine(['logs', container]);
    return stdout + stderr;
  };

  test('the package is what was packed, and is not run as root', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await runImage(TAG, ['--rm'], ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const who = await runImage(TAG, ['--rm', '--entrypoint', 'id'], ['-un']);
    expect(who).toMatchObject({ code: 0, stdout: 'node\n' });
  });

  test('the service init makes the schema', async () => {
    expect(await start('init', ['--rm']).ended).toMatchObject({ code: 0 });
    expect(await query('select count(*) from dim_timeframe')).toEqual([[expect.any(Number)]]);
  });

  test('the service schedule loads, refreshes, is found healthy, and ends in order', async () => {
    const file = 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv';
    writeFileSync(join(folder, 'prices', file), [HEADER, line(9), line(8), line(7)].join('\n'));
    const { container, ended } = start('schedule', ['--detach']);
    expect(await ended).toMatchObject({ code: 0 });
    const said = await waitFor('a round', async () => {
      const log = await logsOf(container);
      return log.includes('ended after') ? log : null;
    });
    expect(said).toContain('3 lines read: 3 new');
    expect(said).toMatch(/ended after [\d.]+ s: ingest exit 0, refresh exit 0, check exit 0/);
    expect(await query('select count(*) from cmc_price_bars_1d')).toEqual([[3]]);
    expect(await runEngine(['healthcheck', 'run', container])).toMatchObject({ code: 0 });
    const exec = await runEngine(['exec', container, 'sh', '-c', 'ls -A; touch /x']);
    expect(exec).toMatchObject({
      stdout: '.logs\n',
      stderr: expect.stringContaining('Read-only file system'),
    });
    await runEngine(['stop', '--time', '90', container]);
    expect((await logsOf(container)).trimEnd()).toMatch(/schedule has ended$/);
    const state = await runEngine(['inspect', '--format', '{{.State.ExitCode}}', container]);
    expect(state.stdout.trim()).toBe('0');
  });

  test('the service dashboard answers all who have the token', async () => {
    // The network is this machine's: any port that is free.
    const { container, ended } = start('dashboard', ['--detach'], ['--port', '0']);
    expect(await ended).toMatchObject({ code: 0 });
    const port = await waitFor(
      'the address of the dashboard',
      async () => /Dashboard: http:\S+:(\d+)/.exec(await logsOf(container))?.[1] ?? null,
    );
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`http://localhost:${port}/api/freshness`, { headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(200);
  });
}

test('an engine is sent the package and nothing else of the checkout', () => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  expect(lines.filter((each) => !/^(#|$)/.test(each))).toEqual(['*', '!barwright-*.tgz']);
});

if (ENGINE !== null) describe('a container', runTests);
