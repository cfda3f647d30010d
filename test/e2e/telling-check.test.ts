/** `check`, the dead-man's handle, and the metrics file. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { createEmptyDatabase } from '../support/database.js';
import { createDesk, type Desk } from '../support/desk.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { parseMetrics, type Sample } from '../support/prometheus.js';
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
    expect(words).toBe('[FAILED] the last good run cannot be looked up: connect ECONNREFUSED 127.0.0.1:1\n');
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

  test('a table that is locked: 1, in seconds', async () => {
    const warehouse = await createWarehouse();
    const { holdTable } = await import('../support/locks.js');
    const release = await holdTable(warehouse.database, 'refresh_run', 'access exclusive');
    const { words, ms } = await check(1, warehouse.url);
    await release();
    expect(words).toMatch(/cannot be looked up: canceling statement due to (statement|lock) timeout/);
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

describe('--metrics-file', () => {
  let warehouse: Warehouse;
  let desk: Desk;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [
      { ids: [1], days: 40 },
      { ids: [52], days: 40, endsDaysAgo: 4 },
    ]);
    await warehouse.execute(
      `insert into dim_assets (id, symbol) values (1, E'B"T\\\\C\\n{x="y"}'), (7, 'NEW')`,
    );
  });
  afterAll(() => warehouse?.drop());
  beforeEach(() => {
    desk = createDesk({ TARGET_DB_URL: warehouse.url });
  });
  afterEach(() => desk.clear());

  const read = (name = 'm.prom') => {
    const { samples, types } = parseMetrics(readFileSync(join(desk.folder, name), 'utf8'));
    expect(
      [...types.keys()].filter((metric) => !/^barwright_[a-z_]+$/.test(metric) || metric.endsWith('_total')),
    ).toEqual([]);
    expect(new Set(types.values())).toEqual(new Set(['gauge']));
    const schemas = samples.map(({ labels }) => `${labels.database} ${labels.schema}`);
    expect(new Set(schemas).size).toBe(1);
    return samples;
  };
  const sampleOf = (samples: Sample[], name: string, labels: Record<string, string> = {}) =>
    samples.find(
      (sample) =>
        sample.name === `barwright_${name}` &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )?.value;

  test('a good run: outcome, durations, rows, age and lag of every asset', async () => {
    await expectExit(3, desk.run(['refresh', '--all', '--metrics-file', 'm.prom']));
    const first = read();
    expect(sampleOf(first, 'last_run_exit_code')).toBe(3);
    expect(sampleOf(first, 'last_run_outcome', { outcome: 'skipped' })).toBe(1);
    expect(sampleOf(first, 'last_success_timestamp_seconds')).toBeUndefined();
    await warehouse.execute('update dim_assets set active = false where id = 7');
    await writePrices(warehouse.database, { ids: [52], days: 2, endsDaysAgo: 2 });
    await expectExit(
      0,
      desk.run(['refresh', '--bars', '--ids', '1'], { env: { BARWRIGHT_METRICS_FILE: 'm.prom' } }),
    );
    const samples = read();
    const nowSec = Date.now() / 1000;
    expect(sampleOf(samples, 'last_run_outcome', { outcome: 'ok' })).toBe(1);
    expect(
      samples.filter(({ name, value }) => name === 'barwright_last_run_outcome' && value === 1),
    ).toHaveLength(1);
    for (const name of ['last_run_timestamp_seconds', 'last_success_timestamp_seconds'])
      expect(Math.abs((sampleOf(samples, name) ?? 0) - nowSec)).toBeLessThan(30);
    expect(sampleOf(samples, 'component_assets', { component: 'bars', outcome: 'ok' })).toBe(1);
    expect(sampleOf(first, 'component_rows_written', { component: 'emas' })).toBeGreaterThan(0);
    expect(sampleOf(first, 'component_rows_needed', { component: 'bars' })).toBe(
      sampleOf(first, 'component_rows_written', { component: 'bars' }),
    );
    expect(sampleOf(first, 'component_duration_seconds', { component: 'bars' })).toBeGreaterThan(0);
    // The symbol comes back as it is in dim_assets.
    expect(samples.find(({ labels }) => labels.id === '1')?.labels.symbol).toBe('B"T\\C\n{x="y"}');
    expect(sampleOf(samples, 'asset_lag_seconds', { id: '1' })).toBe(0);
    expect(sampleOf(samples, 'asset_lag_seconds', { id: '52' })).toBe(2 * 86_400);
    expect(sampleOf(samples, 'asset_waiting_rows', { id: '52' })).toBe(2);
    const last = sampleOf(samples, 'asset_last_source_timestamp_seconds', { id: '52' }) ?? 0;
    expect(
      Math.abs((sampleOf(samples, 'asset_age_seconds', { id: '52' }) ?? 0) - (nowSec - last)),
    ).toBeLessThan(30);
    expect(samples.some(({ labels }) => labels.id === '7')).toBe(false);
    expect(sampleOf(first, 'asset_age_seconds', { id: '7' })).toBeUndefined();
    expect(sampleOf(first, 'asset_waiting_rows', { id: '7' })).toBe(0);
  });

  test('a failed run writes it too, and the last success stays known without a database', async () => {
    await expectExit(0, desk.run(['refresh', '--bars', '--metrics-file', 'm.prom']));
    const success = sampleOf(read(), 'last_success_timestamp_seconds');
    expect(success).toBeGreaterThan(0);
    const nowhere = { TARGET_DB_URL: 'postgresql://u:pwcanary@127.0.0.1:1/d' };
    await expectExit(1, desk.run(['refresh', '--bars', '--metrics-file', 'm.prom'], { env: nowhere }));
    const failed = read();
    expect(sampleOf(failed, 'last_run_outcome', { outcome: 'failed' })).toBe(1);
    expect(sampleOf(failed, 'last_run_exit_code')).toBe(1);
    expect(sampleOf(failed, 'last_success_timestamp_seconds')).toBe(success);
    expect(failed.some(({ name }) => name.startsWith('barwright_asset_'))).toBe(false);
    expect(readFileSync(join(desk.folder, 'm.prom'), 'utf8')).not.toContain('canary');
    await expectExit(
      2,
      desk.run(['refresh', '--bars', '--metrics-file', 'm.prom'], { env: { TARGET_DB_URL: '' } }),
    );
    expect(sampleOf(read(), 'last_run_outcome', { outcome: 'usage' })).toBe(1);
  });

  test('it is replaced as a whole, readable for all, and nothing is left beside it', async () => {
    writeFileSync(join(desk.folder, 'm.prom'), 'old', { mode: 0o600 });
    const before = statSync(join(desk.folder, 'm.prom')).ino;
    await expectExit(0, desk.run(['refresh', '--bars', '--metrics-file', 'm.prom', '--no-log-file']));
    const { ino, mode } = statSync(join(desk.folder, 'm.prom'));
    expect(ino).not.toBe(before);
    expect((mode & 0o777).toString(8)).toBe('644');
    expect(readdirSync(desk.folder)).toEqual(['m.prom']);
  });

  test('where it cannot be written: a warning, and the exit code is the same', async () => {
    mkdirSync(join(desk.folder, 'm.prom'));
    for (const file of ['m.prom', '/proc/nowhere/m.prom']) {
      const { stdout } = await expectExit(
        0,
        desk.run(['refresh', '--bars', '--strict', '--metrics-file', file]),
      );
      expect(stdout).toMatch(/\[WARNING\] metrics were not written: E[A-Z]+/);
    }
    expect(readdirSync(desk.folder).sort()).toEqual(['.logs', 'm.prom']);
  });
});

describe('the reader of the format that these tests use', () => {
  const head = '# HELP a b\n# TYPE a gauge\n';
  test.each([
    'a 1\n',
    `${head}a 1`,
    `${head}a 1\na 2\n`,
    `${head}b 1\n`,
    `${head}a{x="1",x="2"} 1\n`,
    `${head}a{x="1",} 1\n`,
    `${head}a{x="1} 1\n`,
    `${head}a{x="\\t"} 1\n`,
    `${head}a one\n`,
    `${head}# HELP a b\n`,
    '# TYPE a gauge\n',
  ])('refuses %j', (text) => {
    expect(() => parseMetrics(text)).toThrow();
  });
});
