/** --metrics-file: what Prometheus' textfile collector gets. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IMPATIENT } from '../support/cli.js';
import { createDesk, type Desk } from '../support/desk.js';
import { writePrices } from '../support/prices.js';
import { parseMetrics, type Sample } from '../support/prometheus.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

describe('--metrics-file', () => {
  let warehouse: Warehouse;
  let desk: Desk;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [
      { ids: [1], days: 40 },
      { ids: [52], days: 40, endsDaysAgo: 4 },
    ]);
    await warehouse.execute(`insert into dim_assets (id, symbol) values (1, E'B"T\\\\C\\n{x="y"}')`);
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
    await warehouse.execute(`insert into dim_assets (id, symbol) values (7, 'NEW')`);
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
    expect(samples.find(({ labels }) => labels.id === '1')?.labels.symbol).toBe('B"T\\C {x="y"}');
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
    const nowhere = { TARGET_DB_URL: 'postgresql://u:pwcanary@127.0.0.1:1/d', ...IMPATIENT };
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
