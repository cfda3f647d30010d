/** `check`, the dead-man's handle. */
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { createEmptyDatabase } from '../support/database.js';
import { createDesk } from '../support/desk.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

describe.each(SERVERS)('check on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse(options);
  });
  afterAll(() => warehouse?.drop());
  beforeEach(() => warehouse.execute('truncate refresh_run cascade'));

  const addRun = (
    status: string,
    hoursAgo: number,
    runOptions = '{"bars": true, "emas": true, "ids": null}',
  ) =>
    warehouse.execute(
      `insert into refresh_run (run, command, options, as_of, status, exit_code, host, pid, version, started_at, finished_at)
       values (gen_random_uuid(), 'refresh --all', $3, now(), $1, 0, 'h', 1, 'v', now() - interval '1 year',
         case when $1 <> 'running' then now() - make_interval(secs => $2::float8 * 3600) end)`,
      [status, hoursAgo, runOptions],
    );
  const check = (code: number, ...flags: string[]) => expectExit(code, warehouse.run(['check', ...flags]));

  test('1 when there is no good run: none at all, and none among others', async () => {
    expect((await check(1)).stdout).toBe('[FAILED] there is no good run\n');
    for (const status of ['running', 'failed', 'skipped', 'interrupted']) await addRun(status, 0.1);
    expect((await check(1)).stdout).toBe('[FAILED] there is no good run\n');
  });

  test('the newest good run counts, by the database clock, and the limit is part of it', async () => {
    await addRun('ok', 200);
    await addRun('ok', 25.99);
    await addRun('failed', 0);
    expect((await check(0)).stdout).toMatch(
      /^\[OK\] the last good run ended 26\.0 hours ago: refresh --all, \d{4}-\S+Z \(run [0-9a-f-]{36}\)\n$/,
    );
    const late = await check(1, '--max-age', '25.9');
    expect(late.stdout).toMatch(
      /^\[FAILED\] the last good run ended 26\.0 hours ago: .*; at most 25\.9 hours are allowed\n$/,
    );
    await warehouse.execute('truncate refresh_run cascade');
    await addRun('ok', 26.01);
    await check(1);
    await check(0, '--max-age', '27');
  });

  test('--allow-skipped counts runs that skipped assets', async () => {
    await addRun('ok', 100);
    await addRun('skipped', 1);
    await check(1);
    await check(0, '--allow-skipped');
  });

  test('--whole counts only runs of both components over everything', async () => {
    for (const part of [
      '{"bars": true, "emas": false, "ids": null}',
      '{"bars": true, "emas": true, "ids": [1]}',
      '{"bars": true, "emas": true, "ids": null, "tfs": ["7D"]}',
    ])
      await addRun('ok', 1, part);
    await check(0);
    await check(1, '--whole');
    await addRun(
      'ok',
      2,
      '{"bars": true, "emas": true, "ids": null, "tfs": null, "periods": null, "combos": null}',
    );
    await check(0, '--whole');
  });

  test('--json, and a real run', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 3 });
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const { stdout, stderr } = await check(0, '--json', '--whole');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      isGood: true,
      maxAgeHours: 26,
      error: null,
      lastGoodRun: { command: 'refresh --all', status: 'ok', ageHours: expect.any(Number) },
    });
    await warehouse.execute('truncate refresh_run cascade');
    const none = JSON.parse((await check(1, '--json')).stdout);
    expect(none).toMatchObject({ isGood: false, lastGoodRun: null, verdict: 'there is no good run' });
  });

  test('it writes nothing and takes no lease', async () => {
    await addRun('ok', 1);
    const before = await warehouse.query('select xmin::text, ctid::text, t::text from refresh_run t');
    await check(0);
    expect(await warehouse.query('select xmin::text, ctid::text, t::text from refresh_run t')).toEqual(
      before,
    );
    expect(await warehouse.query(`select count(*) from refresh_lease where expires > now()`)).toEqual([[0]]);
  });
});

describe('check where there is nothing to ask', () => {
  const check = async (code: number, url: string, ...flags: string[]) => {
    const startedMs = performance.now();
    const end = await expectExit(
      code,
      runCli(['check', ...flags], { env: { TARGET_DB_URL: url }, timeoutMs: 30_000 }),
    );
    expect(end.stdout.split('\n')).toHaveLength(2);
    return { words: end.stdout, ms: performance.now() - startedMs };
  };

  test('nobody answers: 1, in a line', async () => {
    const { words } = await check(1, 'postgresql://u:pwcanary@127.0.0.1:1/d');
    expect(words).toMatch(
      /^\[FAILED\] the last good run cannot be looked up: the database cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\): .*\n$/,
    );
  });

  test('somebody accepts and says nothing: 1, in seconds', async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { words, ms } = await check(
      1,
      `postgresql://u:pwcanary@127.0.0.1:${(mute.address() as AddressInfo).port}/d`,
    );
    expect(words).toMatch(/^\[FAILED\] the last good run cannot be looked up: .*timeout/);
    expect(ms).toBeLessThan(20_000);
    mute.close();
  });

  test('a table that is locked: 1, in seconds, with who holds it and what to do', async () => {
    const warehouse = await createWarehouse();
    const release = await holdTable(warehouse.database, 'refresh_run', 'access exclusive');
    const { words, ms } = await check(1, warehouse.url);
    await release();
    expect(words).toMatch(
      /cannot be looked up: could not get a lock within 2 s: process \d+ of the database .* holds refresh_run since .*pg_terminate_backend/,
    );
    expect(ms).toBeLessThan(20_000);
    await warehouse.drop();
  });

  test('no schema: the command to type; no database: usage', async () => {
    const empty = await createEmptyDatabase();
    expect((await check(1, empty.url)).words).toMatch(/has no barwright tables: run "barwright init"\n$/);
    await empty.drop();
    expect((await check(2, '')).words).toMatch(/^no database is named/);
    expect((await check(2, empty.url, '--max-age', '-1')).words).toMatch(/A number of hours above 0/);
  });

  test('an embedded server is not started', async () => {
    const desk = createDesk();
    const { stdout } = await expectExit(
      1,
      desk.run(['check', '--embedded', '--data-dir', join(desk.folder, 'pg')]),
    );
    expect(stdout).toMatch(/^\[FAILED\] .*the embedded server does not exist yet/);
    expect(readdirSync(desk.folder)).toEqual([]);
    desk.clear();
  });
});
