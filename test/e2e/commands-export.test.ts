/** export: one series as CSV, on stdout or as a file that is whole or not there. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/domain/text/errors.js';
import { type ExportRequest, readExport } from '../../src/storage/reading/export.js';
import { builtFile, cleanEnvironment } from '../support/cli.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-export-'));
  warehouse = await createWarehouse();
  await warehouse.execute('delete from dim_timeframe where tf_days > 30');
  await writePrices(warehouse.database, { ids: [1], days: 120 });
  await expectExit(0, warehouse.run(['indicator', 'add', 'rsi_14', 'macd_3_6_4']));
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await warehouse.execute(`insert into dim_assets (id, name) values (2, 'empty')`);
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => warehouse.run(['export', ...args]);

/** The rows of an export as objects; stderr must be silent. */
async function readCsv(...args: string[]): Promise<Record<string, string>[]> {
  const { stdout, stderr } = await expectExit(0, run(...args));
  expect(stderr).toBe('');
  return parse(stdout, { columns: true });
}

const cellsOf = (rows: readonly Record<string, string>[], names: readonly string[]) =>
  rows.map((row) => names.map((name) => Number(row[name])));

test('bars are the closed ones, with the columns of the views; --snapshots are those of every day', async () => {
  const names = ['bar_seq', 'open', 'high', 'low', 'close', 'volume'];
  const stored = await warehouse.query<number[]>(
    `select ${names.join(', ')} from price_bars where id = 1 and alignment = 'multi_tf' and tf = '7D' order by bar_seq`,
  );
  const bars = await readCsv('bars', '--id', '1', '--tf', '7d');
  expect(cellsOf(bars, names)).toEqual(stored);
  const columns = await warehouse.query<[string]>(
    `select attname from pg_attribute where attrelid = 'price_bars_daily'::regclass and attnum > 0 order by attnum`,
  );
  expect(Object.keys(bars[0] ?? {})).toEqual(columns.map(([name]) => name));
  expect(await readCsv('bars', '--id', '1', '--tf', '7D', '--snapshots')).toHaveLength(120);
});

test('an alignment, and a range of days with both ends in it', async () => {
  const [first, last] = await warehouse.query<[string]>(
    `select last_day::text from price_bars where id = 1 and alignment = 'cal_iso' and tf = '1M_CAL' order by bar_seq`,
  );
  const range = ['--from', String(first?.[0]), '--to', String(last?.[0])];
  const bars = await readCsv('bars', '--id', '1', '--tf', '1M_CAL', '--alignment', 'cal_iso', ...range);
  expect(bars.map((bar) => [bar.alignment, bar.time_close?.slice(0, 10)])).toEqual([
    ['cal_iso', first?.[0]],
    ['cal_iso', last?.[0]],
  ]);
});

test('emas and daily bars, in the order of days, exact to the last bit', async () => {
  const stored = await warehouse.query<[number, number]>(
    `select ema, ema_bar from cmc_ema_multi_tf where id = 1 and tf = '7D' and period = 9 order by ts`,
  );
  const emas = await readCsv('emas', '--id', '1', '--tf', '7D', '--period', '9');
  expect(stored.length).toBeGreaterThan(20);
  expect(cellsOf(emas, ['ema', 'ema_bar'])).toEqual(stored);
  const v2 = await readCsv('emas', '--id', '1', '--tf', '7D', '--period', '9', '--alignment', 'v2');
  expect(v2[0]?.ema_bar).toBe('');
  const closes = await warehouse.query(
    'select bar_seq, close from cmc_price_bars_1d where id = 1 order by bar_seq',
  );
  expect(cellsOf(await readCsv('daily', '--id', '1'), ['bar_seq', 'close'])).toEqual(closes);
});

test('an indicator at closes, by the name of its output, exact to the last bit', async () => {
  for (const name of ['rsi_14', 'macd_3_6_4.signal']) {
    const stored = await warehouse.query<[number]>(
      `select value from indicators where id = 1 and tf = '1D' and name = $1 order by day`,
      [name],
    );
    const rows = await readCsv('indicators', '--id', '1', '--tf', '1D', '--indicator', name);
    expect(stored.length).toBeGreaterThan(100);
    expect(cellsOf(rows, ['value'])).toEqual(stored);
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'alignment', 'tf', 'day', 'ts', 'name', 'value']);
  }
  const some = [
    '--tf',
    '1W_CAL_ISO',
    '--indicator',
    'macd_3_6_4',
    '--from',
    '2000-01-01',
    '--to',
    '2001-01-01',
  ];
  const { stdout } = await expectExit(0, run('indicators', '--id', '1', ...some));
  expect(stdout.split('\n')).toHaveLength(2);
});

describe('--out', () => {
  test('a pipe or a device is written to, not replaced by a file', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = promisify(execFile)('cat', [pipe], { timeout: 60_000 });
    await expectExit(0, run('bars', '--id', '1', '--tf', '7D', '--out', pipe));
    const { stdout } = await run('bars', '--id', '1', '--tf', '7D');
    expect((await reading).stdout).toBe(stdout);
    expect(statSync(pipe).isFIFO()).toBe(true);
    rmSync(pipe);
  });

  test('writes the file whole, in the place of an older one, and says so on stderr', async () => {
    const file = join(folder, 'bars.csv');
    writeFileSync(file, 'older');
    const { stdout, stderr } = await expectExit(0, run('bars', '--id', '1', '--tf', '7D', '--out', file));
    expect(stdout).toBe('');
    expect(stderr).toBe(`[OK] ${file}: 18 lines\n`);
    expect(parse(readFileSync(file, 'utf8'), { columns: true })).toEqual(
      await readCsv('bars', '--id', '1', '--tf', '7D'),
    );
    expect(readdirSync(folder)).toEqual(['bars.csv']);
  });

  test('that cannot be, or fails on the way, leaves what was there', async () => {
    const file = join(folder, 'bars.csv');
    const before = readFileSync(file, 'utf8');
    const { stderr } = await expectExit(1, run('daily', '--id', '1', '--out', join(folder, 'no', 'x.csv')));
    expect(stderr).toMatch(/^\[FAILED\] writing .*x\.csv failed, .*: ENOENT/);
    await expectExit(2, run('bars', '--id', '1', '--tf', '8D', '--out', file));
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['bars.csv']);
  });
});

test('a series without rows is its header, and stderr says that there are none', async () => {
  const { stdout, stderr } = await expectExit(0, run('bars', '--id', '2', '--tf', '7D'));
  expect(stdout).toMatch(/^id,alignment,tf,[^\n]*\n$/);
  expect(stderr).toMatch(/no rows of this series; "barwright explain 2" may say why/);
});

test.each([
  ['no timeframe "8D"', ['bars', '--id', '1', '--tf', '8D']],
  ['a date like 2025-10-26', ['daily', '--id', '1', '--from', '2025-02-30']],
  ['Allowed choices are daily, bars, emas, indicators', ['weekly', '--id', '1']],
])('%s: a usage error, and nothing on stdout', async (message, args) => {
  const { stdout, stderr } = await expectExit(2, run(...args));
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

const BARS: ExportRequest = {
  kind: 'bars',
  id: 1,
  tf: '7D',
  alignment: null,
  period: null,
  indicator: null,
  fromDay: null,
  toDay: null,
  hasSnapshots: false,
};
test.each<[string, Partial<ExportRequest>]>([
  ['no such asset: 9;', { id: 9 }],
  [`no timeframe "7D'; drop table x"`, { tf: `7D'; drop table x` }],
  [
    'no emas of timeframe "7D" in cal_us; it has them in multi_tf, v2',
    { kind: 'emas', period: 9, alignment: 'cal_us' },
  ],
  ['no bars of timeframe "7D" in v2; it has them in multi_tf', { alignment: 'v2' }],
  ['no period 22 in dim_period', { kind: 'emas', period: 22 }],
  ['export emas expects a period', { kind: 'emas' }],
  ['export bars expects a timeframe', { tf: null }],
  ['--period is for "export emas"', { period: 9 }],
  ['--snapshots is for "export bars"', { kind: 'emas', period: 9, hasSnapshots: true }],
  ['--period is for "export emas"', { kind: 'indicators', period: 9 }],
  ['--indicator is for "export indicators"', { indicator: 'rsi_14' }],
  ['no values of "rsi_2", ID 1 has macd_3_6_4, ', { kind: 'indicators', indicator: 'rsi_2' }],
  ['export indicators expects a name, ID 1 has macd_3_6_4, ', { kind: 'indicators' }],
  ['ID 2 has no indicators; ', { kind: 'indicators', id: 2, indicator: 'rsi_14' }],
  ['1D bars are exported with "export daily"', { tf: '1D' }],
  ['export daily takes --id, --from and --to only', { kind: 'daily' }],
  ['a day of the years 1 to 9999 was expected', { fromDay: -1_000_000 }],
])('%s: refused before the first row', async (message, differing) => {
  const rows = warehouse.database.read((tx) => readExport(tx, { ...BARS, ...differing }).next());
  await expect(rows).rejects.toThrow(message);
  await expect(rows).rejects.toBeInstanceOf(UsageError);
});

test('a reader that goes away ends it at once, silently and without a connection left behind', async () => {
  await warehouse.execute(
    `insert into cmc_price_bars_1d (id, bar_seq, timestamp, time_open, time_close, time_high, time_low, open, high, low,
       close)
     select 2, k, t, t, t, t, t, 1, 1, 1, 1 from generate_series(1, 200000) k,
       lateral (select timestamptz '1500-01-01Z' + k * interval '1 day' as t) d`,
  );
  const words = [process.execPath, builtFile('cli/bin.js'), 'export', 'daily', '--id', '2'];
  const env = cleanEnvironment({ TARGET_DB_URL: warehouse.url });
  const end = await new Promise<string[]>((resolve) => {
    execFile(
      'bash',
      ['-c', '"$@" | head -n 3 | wc -l; echo "$PIPESTATUS"', 'bash', ...words],
      { env, cwd: folder },
      (_error, stdout, stderr) => resolve([stdout, stderr]),
    );
  });
  expect(end).toEqual(['3\n0\n', '']);
  // The server notices at its next write.
  await waitFor('the end of the server process', async () => {
    const left = await warehouse.query(
      `select 1 from pg_stat_activity where datname = current_database() and query like 'copy%'`,
    );
    return left.length === 0 ? true : null;
  });
});
