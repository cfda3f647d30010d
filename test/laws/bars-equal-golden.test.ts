import { describe, expect, test } from 'vitest';
import { type Bar, stepBars } from '../../src/domain/bars/bar.js';
import { dayOfUs, formatDay } from '../../src/domain/calendar/day.js';
import {
  type BarAlignment,
  hasBars,
  parseTimeframe,
  TIMEFRAMES,
} from '../../src/domain/calendar/timeframe.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import { sharedFile } from '../support/shared.js';
import { readCsv, readPriceCsv, usOfIso } from '../support/shared-data.js';
import { tally } from '../support/tally.js';

const PRICES = sharedFile('data/btcusd.csv');
const GOLDEN = sharedFile('golden/btc/bars.csv');

/** bars.csv: values to 1e-12 relative, times, counts and flags exact. */
const VALUES = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  market_cap: 'marketCap',
} as const;
const TIMES = {
  time_open: 'timeOpenUs',
  time_close: 'timeCloseUs',
  time_high: 'timeHighUs',
  time_low: 'timeLowUs',
} as const;
const COUNTS = {
  tf_days: 'tfDays',
  count_days: 'countDays',
  count_missing_days: 'countMissingDays',
  count_days_remaining: 'countDaysRemaining',
} as const;

interface Built {
  bar: Bar;
  isClosed: boolean;
}

function buildAll(days: DayColumns): Map<string, Built> {
  const built = new Map<string, Built>();
  for (const timeframe of TIMEFRAMES.filter(hasBars)) {
    const { state, closed } = stepBars(timeframe, null, days);
    const key = (bar: Bar): string => `${timeframe.alignment} ${timeframe.tf} ${bar.barSeq}`;
    for (const bar of closed) built.set(key(bar), { bar, isClosed: true });
    if (state?.bar && !state.isClosed) built.set(key(state.bar), { bar: state.bar, isClosed: false });
  }
  return built;
}

/** What differs between a golden row and the bar, and how many single values were compared. */
function compareRow(
  row: Record<string, string>,
  { bar, isClosed }: Built,
): { compared: number; differences: string[] } {
  const differences: string[] = [];
  let compared = 0;
  const check = (column: string, expected: unknown, actual: unknown, isSame: boolean): void => {
    compared += 1;
    if (!isSame) differences.push(`${column}: expected ${expected}, got ${actual}`);
  };
  for (const [column, field] of Object.entries(VALUES)) {
    const expected = Number(row[column]);
    const actual = bar[field];
    check(
      column,
      expected,
      actual,
      actual !== null && Math.abs(actual - expected) <= 1e-12 * Math.abs(expected),
    );
  }
  for (const [column, field] of Object.entries(TIMES)) {
    check(column, row[column], bar[field], usOfIso(row[column]) === bar[field]);
  }
  for (const [column, field] of Object.entries(COUNTS)) {
    check(column, row[column], bar[field], Number(row[column]) === bar[field]);
  }
  check(
    'is_partial_start',
    row.is_partial_start,
    bar.isPartialStart,
    row.is_partial_start === String(Number(bar.isPartialStart)),
  );
  check('is_partial_end', row.is_partial_end, !isClosed, row.is_partial_end === String(Number(!isClosed)));
  return { compared, differences };
}

describe.runIf(PRICES !== null && GOLDEN !== null)('bars of data/btcusd.csv', () => {
  // The body of a describe block runs also where its tests do not.
  const days = PRICES === null ? columnsOfBars([], 0) : readBtcDays(PRICES);

  test('equal golden/btc/bars.csv in every row, closed and open', () => {
    const built = buildAll(days);
    const rows = readCsv(GOLDEN ?? '');
    let compared = 0;
    const mismatches: string[] = [];
    for (const row of rows) {
      const key = `${row.alignment} ${row.tf} ${row.bar_seq}`;
      const bar = built.get(key);
      if (bar === undefined) {
        mismatches.push(`${key}: missing`);
        continue;
      }
      const result = compareRow(row, bar);
      compared += result.compared;
      mismatches.push(...result.differences.map((difference) => `${key} ${difference}`));
    }
    console.log(
      `golden bars: ${rows.length} rows, ${compared} values compared, ${mismatches.length} mismatches`,
    );
    tally('values', compared);
    expect(mismatches).toEqual([]);
    expect(built.size).toBe(rows.length);
    expect(compared).toBe(rows.length * 16);
  });

  // semantics.md §6, the table "Bars of BTC": closed bars, sum of closes, and the last closed bar.
  test.each([
    [
      'multi_tf',
      '2D',
      1976,
      '52278664.1611',
      1976,
      '2025-10-25',
      '2025-10-26',
      [111032.6149, 115260.9051, 110704.4078, 114472.4434],
    ],
    [
      'multi_tf',
      '7D',
      564,
      '14951676.5427',
      564,
      '2025-10-16',
      '2025-10-22',
      [110782.1719, 113996.3463, 103598.4289, 107688.5881],
    ],
    [
      'multi_tf',
      '30D',
      131,
      '3416818.3127',
      131,
      '2025-09-05',
      '2025-10-04',
      [110723.01, 123944.705, 108713.3962, 122425.4287],
    ],
    [
      'cal_us',
      '1W_CAL_US',
      564,
      '14942954.5246',
      564,
      '2025-10-19',
      '2025-10-25',
      [107204.3141, 113996.3463, 106157.7906, 111641.73],
    ],
    [
      'cal_iso',
      '1W_CAL_ISO',
      564,
      '14963147.7849',
      564,
      '2025-10-20',
      '2025-10-26',
      [108667.4438, 115260.9051, 106777.9966, 114472.4434],
    ],
    [
      'cal_us',
      '1M_CAL',
      129,
      '3367600.1416',
      129,
      '2025-09-01',
      '2025-09-30',
      [108228.75, 117911.7883, 107271.18, 114056.0836],
    ],
    [
      'cal_us',
      '3Y_CAL',
      3,
      '85423.3100',
      3,
      '2021-01-01',
      '2023-12-31',
      [28994.01, 68789.63, 15599.05, 42265.19],
    ],
    ['cal_anchor_us', '1W_CAL_ANCHOR_US', 565, '14943235.6066', 565, '2025-10-19', '2025-10-25', null],
    ['cal_anchor_iso', '1W_CAL_ANCHOR_ISO', 565, '14963411.9799', 565, '2025-10-20', '2025-10-26', null],
    ['cal_anchor_us', '10W_CAL_ANCHOR_US', 57, '1501403.5893', 57, '2025-08-03', '2025-10-11', null],
    [
      'cal_anchor_us',
      '3Y_CAL_ANCHOR',
      4,
      '143908.9170',
      4,
      '2022-01-01',
      '2024-12-31',
      [46311.74, 108268.45, 15599.05, 93429.2],
    ],
  ] as const)(
    '%s %s: %i closed bars as in the worked example',
    (alignment: BarAlignment, tf, count, sum, seq, firstDay, lastDay, prices) => {
      const { closed } = stepBars(parseTimeframe(alignment, tf), null, days);
      const last = closed.at(-1);
      expect(closed).toHaveLength(count);
      expect(closed.reduce((total, bar) => total + bar.close, 0).toFixed(4)).toBe(sum);
      expect(last?.barSeq).toBe(seq);
      expect([last?.firstDay, last?.lastDay].map((day) => formatDay(day ?? 0))).toEqual([firstDay, lastDay]);
      if (prices !== null) expect([last?.open, last?.high, last?.low, last?.close]).toEqual(prices);
    },
  );
});

/** The accepted days. The low time of one row lies on the next day; its low is the close, so that only the time changes. */
function readBtcDays(path: string): DayColumns {
  const { bars, rejects } = judgePrices(readPriceCsv(path), 1);
  const rejected = rejects.map(({ reason, timestampUs }) => `${reason} ${formatDay(dayOfUs(timestampUs))}`);
  expect(bars).toHaveLength(3952);
  expect(rejected).toEqual(['repaired_timelow 2022-12-14']);
  return columnsOfBars(bars, bars[0]?.day ?? 0);
}
