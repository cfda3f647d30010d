/** What compare computes of the replaced system is what the same rules give when they are written plainly, row by row. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasBars, parseTimeframe, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { fillTheirBars, theirClosings } from '../../src/domain/origin/bars.js';
import {
  BAR_CELLS,
  comparerOf,
  EMA_CELLS,
  HEAD_BAR_CELLS,
  HEAD_EMA_CELLS,
  kindOf,
  makeCells,
  numberOfText,
} from '../../src/domain/origin/cells.js';
import { fillTheirEmas } from '../../src/domain/origin/emas.js';
import { type GivenDays, givenDays, type Revision, theirDailyBars } from '../../src/domain/origin/given.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { cmcSnapshots, headSnapshots } from '../support/origin/bars.js';
import { type Cells, dailyBar, dateOf, type GivenRow } from '../support/origin/days.js';
import { emaRows } from '../support/origin/emas.js';
import { FIRST_DAY, histories, pricesOf } from '../support/origin/histories.js';

const SERIES: readonly Timeframe[] = [
  ...(['2D', '7D'] as const).map((tf) => parseTimeframe('multi_tf', tf)),
  ...(['1W_CAL_US', '1M_CAL'] as const).map((tf) => parseTimeframe('cal_us', tf)),
  ...(['2W_CAL_ISO', '1M_CAL'] as const).map((tf) => parseTimeframe('cal_iso', tf)),
  ...(['1W_CAL_ANCHOR_US', '9M_CAL_ANCHOR'] as const).map((tf) => parseTimeframe('cal_anchor_us', tf)),
  ...(['2W_CAL_ANCHOR_ISO', '1M_CAL_ANCHOR'] as const).map((tf) => parseTimeframe('cal_anchor_iso', tf)),
];
const PERIOD = 2;

const ms = (us: number | null): number | null => (us === null ? null : us / 1000);

function plainRow(price: DailyPrice): GivenRow {
  const { open, high, low, close, volume, marketCap, timestampUs } = price;
  return {
    ...{ ts: timestampUs / 1000, day: dateOf(timestampUs / 1000), open, high, low, close, volume, marketCap },
    ...{ timeOpen: ms(price.timeOpenUs), timeClose: ms(price.timeCloseUs) },
    ...{ timeHigh: ms(price.timeHighUs), timeLow: ms(price.timeLowUs) },
  };
}

/** A plain cell as the number that compare has for it. */
function numberOf(value: unknown, column: string): number {
  if (value === null || value === undefined) return Number.NaN;
  switch (kindOf(column)) {
    case 'time':
      return Date.parse(String(value)) * 1000;
    case 'day':
      return Date.parse(String(value)) / 86_400_000;
    case 'text':
      return numberOfText(String(value));
    default:
      return Number(value);
  }
}

interface Sides {
  /** The rows that bars are made of: as compare has them, and plainly. */
  rows: GivenDays;
  plain: readonly GivenRow[];
}

function sidesOf(prices: readonly DailyPrice[], revision: Revision): Sides {
  const given = givenDays(prices, FIRST_DAY + 1000);
  const plain = prices.map(plainRow);
  if (revision === 'cmc') return { rows: given, plain };
  return {
    rows: theirDailyBars(given, 'head'),
    plain: plain.flatMap((row, index) => dailyBar(row, index + 1, true) ?? []),
  };
}

const cases = fc.record({
  timeframe: fc.constantFrom(...SERIES),
  revision: fc.constantFrom<Revision>('cmc', 'head'),
});
const grid = { firstDay: FIRST_DAY, length: 150 };

/** Expects the rows of a column-wise model where the plain ones are, and nowhere else. */
function expectRows(
  columns: readonly string[],
  rows: readonly { at: number; cells: Cells }[],
  fill: (cells: ReturnType<typeof makeCells>) => void,
): void {
  const cells = makeCells(columns, grid.length);
  fill(cells);
  const places = Array.from(cells.present.keys()).filter((place) => cells.present[place] === 1);
  expect(places).toEqual(rows.map(({ at }) => at));
  for (const { at, cells: plain } of rows)
    for (const column of columns) {
      const [found, expected] = [cells.columns[column]?.[at] ?? Number.NaN, numberOf(plain[column], column)];
      const scale = Math.abs(cells.columns.ema?.[at] ?? 0) || 0;
      const isSame = comparerOf(column)(found, expected, scale);
      expect(isSame, `day ${at} ${column}: found ${found}, expected ${expected}`).toBe(true);
    }
}

const dayAt = (row: Cells, column: string): number =>
  Math.floor(Date.parse(String(row[column])) / 86_400_000) - FIRST_DAY;

test('bars after each day, of both revisions', () => {
  let count = 0;
  fc.assert(
    fc.property(histories, cases, (history, { timeframe, revision }) => {
      if (!hasBars(timeframe)) return;
      const { rows, plain } = sidesOf(pricesOf(history), revision);
      const snapshots =
        revision === 'head'
          ? headSnapshots(timeframe.tf, plain)
          : cmcSnapshots(timeframe.alignment, timeframe.tf, plain);
      count += snapshots.length;
      expectRows(
        Object.keys(revision === 'head' ? HEAD_BAR_CELLS : BAR_CELLS),
        snapshots.map((cells) => ({ at: dayAt(cells, 'time_close'), cells })),
        (cells) => fillTheirBars(cells, grid, { timeframe, revision, days: rows }),
      );
    }),
    { numRuns: 300 },
  );
  expect(count).toBeGreaterThan(5000);
});

test('EMAs of their closes, of both revisions', () => {
  let count = 0;
  fc.assert(
    fc.property(histories, cases, (history, { timeframe, revision }) => {
      if (!hasBars(timeframe)) return;
      const { rows, plain } = sidesOf(pricesOf(history), revision);
      const closings = theirClosings(timeframe, { days: rows, revision });
      const closing = new Set(plain.flatMap(({ ts }, row) => (closings[row] === 1 ? [ts] : [])));
      const { alignment, tf, nominalDays: tfDays } = timeframe;
      const order = { alignment, tf, tfDays, period: PERIOD, isHead: revision === 'head' };
      const expected = emaRows(order, plain, closing);
      count += expected.length;
      const days = { grid: rows, bars: rows };
      // cmc_ema_multi_tf has no columns of ema_bar: its ema is that.
      const ofRevision = Object.keys(revision === 'head' ? HEAD_EMA_CELLS : EMA_CELLS);
      const columns = ofRevision.filter(
        (name) => revision === 'head' || alignment !== 'multi_tf' || !name.endsWith('_bar'),
      );
      expectRows(
        columns,
        expected.map((cells) => ({ at: dayAt(cells, 'ts'), cells })),
        (cells) => fillTheirEmas(cells, grid, { timeframe, periods: [PERIOD], revision, days }),
      );
    }),
    { numRuns: 200 },
  );
  expect(count).toBeGreaterThan(3000);
});
