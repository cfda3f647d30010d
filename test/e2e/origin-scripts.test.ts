/** Command lines of the replaced system's two scripts: what has a counterpart is done, what has none is refused with its name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEverything } from '../support/contents.js';
import { keepOriginSeries } from '../support/origin/warehouse.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52, 825], days: 200 }]);
  await keepOriginSeries(warehouse);
});
afterAll(() => warehouse?.drop());

const run = (script: string, line: string) =>
  warehouse.run(line.split(' '), { script: `scripts/${script}.js` });
const bars = (line: string) => run('run-all-bar-builders', line);
const emas = (line: string) => run('run-all-ema-refreshes', line);

/** Assets by alignment of their series. */
async function built(table: 'bar_carry' | 'ema_carry'): Promise<Record<string, number[]>> {
  const rows = await warehouse.query<[string, number[]]>(
    `select alignment::text, array_agg(id order by id) from ${table} where tf <> '{}' group by 1 order by 1`,
  );
  return Object.fromEntries(rows);
}

describe('run-all-bar-builders', () => {
  test('--ids with blanks, --builders: these assets and builders alone', async () => {
    await expectExit(0, bars('--ids 1 52 --builders 1d multi_tf --num-processes 2 --keep-rejects'));
    expect(await built('bar_carry')).toEqual({ multi_tf: [1, 52] });
  });

  test('--skip: all the others', async () => {
    await expectExit(0, bars('--ids 1 52 --skip cal_anchor_us cal_anchor_iso --continue-on-error --verbose'));
    expect(await built('bar_carry')).toEqual({ multi_tf: [1, 52], cal_us: [1, 52], cal_iso: [1, 52] });
  });

  test('--full-rebuild --fail-on-rejects: everything again, equal', async () => {
    await expectExit(0, bars('--ids all --full-rebuild --fail-on-rejects'));
    const all = [1, 52, 825];
    expect(await built('bar_carry')).toEqual({
      ...{ multi_tf: all, cal_us: all, cal_iso: all, cal_anchor_us: all, cal_anchor_iso: all },
    });
  });

  test('--dry-run: says it by our names', async () => {
    const { stdout } = await expectExit(0, bars('--ids 1 52 --builders cal_us --dry-run'));
    expect(stdout).toMatch(/^\[DRY RUN\] bars: run-all-bar-builders --ids 1,52\n/);
    expect(stdout).toContain('cal_us');
    expect(stdout).not.toContain('cal_iso');
  });
});

describe('run-all-ema-refreshes', () => {
  test('--only: one family', async () => {
    await expectExit(0, emas('--ids 1 --only v2 --debug'));
    expect(await built('ema_carry')).toEqual({ v2: [1] });
  });

  test('--periods with --tfs of ours: these series, with all their periods', async () => {
    await expectExit(0, emas('--ids 52 --periods 6,21 --tfs 2D'));
    const series = await warehouse.query(
      'select tf, array_agg(period order by period) from ema_latest where id = 52 group by 1',
    );
    expect(series).toEqual([['2D', [3, 6, 21]]]);
  });

  test('its defaults typed, --full-refresh, --validate: all families and periods', async () => {
    const usual = '--periods lut --start 2010-01-01 --cal-scheme both --anchor-scheme both';
    await expectExit(0, emas(`--ids 1 52 ${usual} --full-refresh --validate --continue-on-error`));
    const both = [1, 52];
    expect(await built('ema_carry')).toEqual({
      ...{ multi_tf: both, cal_us: both, cal_iso: both, cal_anchor_us: both, cal_anchor_iso: both, v2: both },
    });
    const periods = await warehouse.query('select distinct period from ema_latest where id = 1 order by 1');
    expect(periods).toEqual([[3], [6], [21]]);
  });
});

describe('what has no counterpart is refused with what there is, and nothing is written', () => {
  test.each([
    [
      'run-all-bar-builders',
      '--ids all --tz America/New_York',
      /--tz has no counterpart here: a day is a UTC day/,
    ],
    [
      'run-all-bar-builders',
      '--ids all --builders 1d,vwap',
      /--builders: no builder "vwap"; there are 1d, multi_tf/,
    ],
    [
      'run-all-bar-builders',
      '--ids all --skip 1d_tvc',
      /--skip: no builder "1d_tvc"; there are 1d, multi_tf/,
    ],
    [
      'run-all-ema-refreshes',
      '--ids 1 --start 2024-01-01',
      /--start has no counterpart here: .*--full-rebuild/,
    ],
    ['run-all-ema-refreshes', '--ids 1 --end 2025-12-01', /--end has no counterpart here: .*ema_series\(\)/],
    ['run-all-ema-refreshes', '--ids 1 --no-update', /--no-update has no counterpart here: equal rows/],
    ['run-all-ema-refreshes', '--cal-scheme us', /--cal-scheme has no counterpart here: .*--tfs/],
    ['run-all-ema-refreshes', '--anchor-scheme iso', /--anchor-scheme has no counterpart here: .*--tfs/],
    [
      'run-all-ema-refreshes',
      '--only cal --periods 6',
      /--only with --periods has no counterpart here: --tfs/,
    ],
    ['run-all-ema-refreshes', '--v2-out-table mine', /--v2-out-table has no counterpart here: --schema/],
    ['run-all-ema-refreshes', '--log-level DEBUG', /--log-level has no counterpart here: --verbose/],
  ])('%s %s', async (script, line, reason) => {
    const before = await readEverything(warehouse.database);
    const { stderr, stdout } = await expectExit(2, run(script, line));
    expect(stderr).toMatch(reason);
    expect(stdout).toBe('');
    expect(await readEverything(warehouse.database)).toEqual(before);
  });
});
