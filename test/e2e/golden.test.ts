/** The real history through real processes: CSV in, one refresh, every golden value out of the views. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDay } from '../../src/domain/calendar/day.js';
import { expectFreshBuild } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { expectGolden, type GoldenShape } from '../support/golden-rows.js';
import { sharedFile } from '../support/shared.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const PRICES = sharedFile('data/btcusd.csv');
const GOLDEN = {
  bars: sharedFile('golden/btc/bars.csv'),
  last: sharedFile('golden/btc/ema_last.csv'),
  close: sharedFile('golden/btc/ema_close.csv'),
  daily: sharedFile('golden/btc/ema_daily.csv'),
};
const isThere = PRICES !== null && !Object.values(GOLDEN).includes(null);

/** Sums over whole series and bars: the golden ones were added up in another order. */
const SUM = { relative: 1e-9 };
const VALUE = { relative: 1e-12 };

const BARS: GoldenShape = {
  key: ['alignment', 'tf', 'bar_seq'],
  columns: {
    ...{ time_open: 'time', time_close: 'time', time_high: 'time', time_low: 'time' },
    ...{
      open: 'number',
      high: 'number',
      low: 'number',
      close: 'number',
      volume: VALUE,
      market_cap: 'number',
    },
    ...{ is_partial_start: 'flag', is_partial_end: 'flag', tf_days: 'number', count_days: 'number' },
    ...{ count_missing_days: 'number', count_days_remaining: 'number' },
  },
};
const SERIES = ['alignment', 'tf', 'period'];
const LAST: GoldenShape = {
  key: SERIES,
  columns: { day: 'date', roll: 'flag', ema: VALUE, ema_bar: VALUE },
};
const CLOSE: GoldenShape = {
  key: SERIES,
  columns: {
    ...{ rows: 'number', first_day: 'date', last_close_day: 'date' },
    ...{ sum_ema_at_close: SUM, sum_ema_bar_at_close: SUM },
  },
};
const DAILY: GoldenShape = {
  key: [...SERIES, 'day'],
  columns: { roll: 'flag', ema: VALUE, ema_bar: VALUE },
};

/** The golden files' name of an alignment, in SQL. */
const ALIGNMENT = `case alignment_source when 'multi_tf' then 'multi_tf' else substr(alignment_source, 10) end`;

/** semantics.md §6, bars of BTC: the numbers of the last closed bar are its first and last day and O, H, L, C. */
type ClosedBars = readonly [
  alignment: string,
  tf: string,
  count: number,
  sum: string,
  firstDay: string,
  lastDay: string,
  prices: readonly number[] | null,
];
const CLOSED_BARS: readonly ClosedBars[] = [
  [
    'multi_tf',
    '2D',
    1976,
    '52278664.1611',
    '2025-10-25',
    '2025-10-26',
    [111032.6149, 115260.9051, 110704.4078, 114472.4434],
  ],
  [
    'multi_tf',
    '7D',
    564,
    '14951676.5427',
    '2025-10-16',
    '2025-10-22',
    [110782.1719, 113996.3463, 103598.4289, 107688.5881],
  ],
  [
    'multi_tf',
    '30D',
    131,
    '3416818.3127',
    '2025-09-05',
    '2025-10-04',
    [110723.01, 123944.705, 108713.3962, 122425.4287],
  ],
  [
    'cal_us',
    '1W_CAL_US',
    564,
    '14942954.5246',
    '2025-10-19',
    '2025-10-25',
    [107204.3141, 113996.3463, 106157.7906, 111641.73],
  ],
  [
    'cal_iso',
    '1W_CAL_ISO',
    564,
    '14963147.7849',
    '2025-10-20',
    '2025-10-26',
    [108667.4438, 115260.9051, 106777.9966, 114472.4434],
  ],
  [
    'cal_us',
    '1M_CAL',
    129,
    '3367600.1416',
    '2025-09-01',
    '2025-09-30',
    [108228.75, 117911.7883, 107271.18, 114056.0836],
  ],
  ['cal_us', '3Y_CAL', 3, '85423.3100', '2021-01-01', '2023-12-31', [28994.01, 68789.63, 15599.05, 42265.19]],
  ['cal_anchor_us', '1W_CAL_ANCHOR_US', 565, '14943235.6066', '2025-10-19', '2025-10-25', null],
  ['cal_anchor_iso', '1W_CAL_ANCHOR_ISO', 565, '14963411.9799', '2025-10-20', '2025-10-26', null],
  ['cal_anchor_us', '10W_CAL_ANCHOR_US', 57, '1501403.5893', '2025-08-03', '2025-10-11', null],
  [
    'cal_anchor_us',
    '3Y_CAL_ANCHOR',
    4,
    '143908.9170',
    '2022-01-01',
    '2024-12-31',
    [46311.74, 108268.45, 15599.05, 93429.2],
  ],
];

/** Ingests a file as asset 1 and refreshes it, both as processes of their own. */
async function loadAndRefresh(warehouse: Warehouse, path: string): Promise<void> {
  await expectExit(0, warehouse.run(['ingest', path, '--id', '1']));
  await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1']));
}

describe.runIf(isThere).each(SERVERS)('data/btcusd.csv on $server', ({ options }) => {
  let warehouse: Warehouse;
  let compared = 0;

  beforeAll(async () => {
    warehouse = await createWarehouse(options);
    await loadAndRefresh(warehouse, PRICES ?? '');
  });
  afterAll(() => warehouse?.drop());

  const expectAll = (path: string | null, shape: GoldenShape, rows: readonly unknown[][]) => {
    compared += expectGolden(path ?? '', shape, rows);
  };

  test('the newest snapshot of every bar is its row of bars.csv, and bars_latest has the last one of each series', async () => {
    const columns = Object.keys(BARS.columns).join(', ');
    const rows = await warehouse.query(
      `select distinct on (alignment, tf, bar_seq) alignment, tf, bar_seq, ${columns} from price_bars_daily
       where id = 1 order by alignment, tf, bar_seq, time_close desc`,
    );
    expectAll(GOLDEN.bars, BARS, rows);
    const lastOfSeries = new Map(rows.map((row) => [row.slice(0, 2).join(' '), row]));
    const latest = await warehouse.query(`select alignment, tf, bar_seq, ${columns} from bars_latest`);
    expect(new Map(latest.map((row) => [row.slice(0, 2).join(' '), row]))).toEqual(lastOfSeries);
    expect(latest).toHaveLength(222);
  });

  test.each(CLOSED_BARS)(
    '%s %s: %i closed bars',
    async (alignment, tf, count, sum, firstDay, lastDay, prices) => {
      const rows = await warehouse.query<[number, number, number, ...number[]]>(
        `select bar_seq, time_open::date, time_close::date, open, high, low, close from price_bars_daily
       where id = 1 and alignment = $1 and tf = $2 and not is_partial_end order by bar_seq`,
        [alignment, tf],
      );
      expect(rows).toHaveLength(count);
      expect(rows.reduce((total, row) => total + Number(row[6]), 0).toFixed(4)).toBe(sum);
      expect(rows.at(-1)?.slice(0, 3)).toEqual([count, parseDay(firstDay), parseDay(lastDay)]);
      if (prices !== null) expect(rows.at(-1)?.slice(3)).toEqual(prices);
    },
  );

  test('ema_latest is ema_last.csv', async () => {
    const rows = await warehouse.query(
      'select alignment::text, tf, period, ts, roll, ema, ema_bar from ema_latest where id = 1',
    );
    expectAll(GOLDEN.last, LAST, rows);
  });

  test('cmc_ema_multi_tf_u: sums over closing days are ema_close.csv, the newest rows are ema_last.csv', async () => {
    // One pass over its four million rows: arrays compare by their first element, and so the newest row is the greatest.
    const rows = await warehouse.query(
      `select ${ALIGNMENT}, tf, period, count(*), min(ts), max(ts) filter (where not roll),
         sum(ema) filter (where not roll), sum(ema_bar) filter (where not roll),
         max(ts), max(array[date_part('epoch', ts), roll::int, ema, ema_bar])
       from cmc_ema_multi_tf_u where id = 1 group by alignment_source, tf, period`,
    );
    expectAll(
      GOLDEN.close,
      CLOSE,
      rows.map((row) => row.slice(0, 8)),
    );
    const newest = rows.map((row) => {
      const [, roll, ema, emaBar] = row[9] as (number | null)[];
      return [...row.slice(0, 3), row[8], roll === 1, ema, emaBar];
    });
    expectAll(GOLDEN.last, LAST, newest);
  });

  test('the daily rows of the EMA views are ema_daily.csv', async () => {
    const rows: unknown[][] = [];
    for (const [view, tf, period] of [
      ['multi_tf', '3D', 6],
      ['multi_tf_cal_us', '1W_CAL_US', 9],
      ['multi_tf_cal_iso', '1M_CAL', 12],
      ['multi_tf_v2', '7D', 10],
    ] as const) {
      const found = await warehouse.query(
        `select $1, tf, period, to_char(ts, 'YYYY-MM-DD'), roll, ema, ema_bar from cmc_ema_${view}
         where id = 1 and tf = $2 and period = $3 order by ts`,
        [view.replace('multi_tf_', ''), tf, period],
      );
      rows.push(...found);
    }
    expectAll(GOLDEN.daily, DAILY, rows);
  });

  test('a second refresh finds nothing to do', async () => {
    const { report } = await warehouse.report(['refresh', '--all', '--ids', '1']);
    expect(report.components.map(({ rowsNeeded, rowsWritten }) => [rowsNeeded, rowsWritten])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    console.log(`golden, all files: ${compared} values compared`);
  });
});

describe.runIf(isThere).each(SERVERS)('one new day of data/btcusd.csv on $server', ({ options }) => {
  let warehouse: Warehouse;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'barwright-golden-'));
    warehouse = await createWarehouse(options);
    // Newest row first: the file without its second line is the history of the day before.
    const [header, , ...older] = readFileSync(PRICES ?? '', 'utf8').split('\n');
    const path = join(folder, 'btcusd.csv');
    writeFileSync(path, [header, ...older].join('\n'));
    await loadAndRefresh(warehouse, path);
  });
  afterAll(async () => {
    await warehouse?.drop();
    rmSync(folder, { recursive: true });
  });

  test('costs exactly the rows that it changes, and gives the rows of a build of the whole history', async () => {
    const file = JSON.parse((await warehouse.run(['ingest', PRICES ?? '', '--id', '1', '--json'])).stdout)
      .files[0];
    expect([file.newRows, file.changedRows, file.unchangedRows]).toEqual([1, 0, 3951]);
    const { report, code } = await warehouse.report(['refresh', '--all', '--ids', '1']);
    expect(code).toBe(0);
    for (const { component, rowsNeeded, rowsWritten, outcomes } of report.components) {
      expect(outcomes?.map(({ action }) => action)).toEqual(['append']);
      expect(rowsWritten).toBe(rowsNeeded);
      expect(rowsNeeded).toBeGreaterThan(0);
      console.log(`one new day: ${component}: ${rowsNeeded} rows needed, ${rowsWritten} written`);
    }
    await expectFreshBuild(warehouse, ['--ids', '1']);
  });
});
