/** Which known differences make a row of theirs what it is: the smallest set under whose rules we get that row too. */
import type { BarTimeframe } from '../../domain/bars/snapshot.js';
import type { Day } from '../../domain/calendar/day.js';
import type { Timeframe } from '../../domain/calendar/timeframe.js';
import type { EmaRow } from '../../domain/emas/rows.js';
import {
  daysUnder,
  emaKey,
  emasUnder,
  groupEmasUnder,
  type KnownDifference,
  listYearlyGroups,
  type OriginAsset,
  ruleSetsOf,
  snapshotsUnder,
} from '../../domain/origin/rules.js';
import { type DayColumns, indexAfter } from '../../domain/prices/days.js';
import {
  type Cell,
  type DifferingRow,
  isSameCell,
  type OriginBar,
  ROUNDING,
} from '../../storage/origin/differences.js';
import { scaleOf } from './comparison.js';
import { cellsOfDay, cellsOfEma, cellsOfSnapshot } from './model-cells.js';

/** The row that rules make of what differs; null: no row. */
type Model = (row: DifferingRow) => readonly Cell[] | null;

/** Names what explains a row; null: nothing known does. */
export type Explain = (row: DifferingRow) => readonly KnownDifference[] | null;

/** Models are made when they are first asked for: most series need one or none. */
function explainBy(
  sets: readonly (readonly KnownDifference[])[],
  columns: readonly string[],
  modelUnder: (rules: readonly KnownDifference[]) => Model,
): Explain {
  const models = new Map<number, Model>();
  return (row) => {
    for (const [index, rules] of sets.entries()) {
      const model = models.get(index) ?? modelUnder(rules);
      models.set(index, model);
      if (isSameRow(columns, [row.theirs, model(row)], rules)) return rules;
    }
    return null;
  };
}

function isSameRow(
  columns: readonly string[],
  [a, b]: readonly [readonly Cell[] | null, readonly Cell[] | null],
  rules: readonly KnownDifference[],
): boolean {
  if (a === null || b === null) return a === b;
  const scale = scaleOf(columns, [a, b]);
  return columns.every((column, at) => {
    const cells = [a[at] as Cell, b[at] as Cell] as const;
    return isSameCell(column, cells, scale) || (PRICES.includes(column) && isSamePrice(cells, rules));
  });
}

const PRICES = ['open', 'high', 'low', 'close'];

/** A price that a split was taken out of has been rounded once more than the one that was delivered. */
function isSamePrice([a, b]: readonly [Cell, Cell], rules: readonly KnownDifference[]): boolean {
  if (a === b || typeof a !== 'number' || typeof b !== 'number') return a === b;
  return rules.includes('splits') && Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}

function setsOf(
  asset: OriginAsset,
  names: readonly KnownDifference[],
): readonly (readonly KnownDifference[])[] {
  const known = [...names, 'splits'];
  return ruleSetsOf(asset).filter((rules) => rules.length > 0 && rules.every((rule) => known.includes(rule)));
}

function indexOfDay(days: DayColumns, day: Day): number | null {
  const index = indexAfter(days, day) - 1;
  return days.day[index] === day ? index : null;
}

/** Explains 1D bars. */
export function explainDays(asset: OriginAsset, columns: readonly string[]): Explain {
  return explainBy(setsOf(asset, ['null_amount']), columns, (rules) => {
    const days = daysUnder(asset, rules);
    return ({ day, ours }) => {
      const index = days === null ? null : indexOfDay(days, day);
      return days === null || index === null ? null : cellsOfDay(days, index, { columns, ours });
    };
  });
}

/** Explains the snapshots of a bar series. */
export function explainBars(
  timeframe: BarTimeframe,
  asset: OriginAsset,
  columns: readonly string[],
): Explain {
  return explainBy(setsOf(asset, ['null_amount', 'raw_rows', 'last_day_missing']), columns, (rules) => {
    const snapshots = snapshotsUnder(timeframe, asset, rules);
    return ({ day }) => {
      const snapshot = snapshots.get(day);
      return snapshot === undefined ? null : cellsOfSnapshot(snapshot, columns);
    };
  });
}

/** Explains the EMA grid of a timeframe. Repairs change no close, so raw rows make no other EMA. */
export function explainEmas(
  timeframe: Timeframe,
  periods: readonly number[],
  { asset, columns }: { asset: OriginAsset; columns: readonly string[] },
): Explain {
  return explainBy(setsOf(asset, ['null_amount', 'last_day_missing']), columns, (rules) => {
    const rows = emasUnder(timeframe, periods, { asset, rules });
    return modelOfEmas(rows, { timeframe, days: daysUnder(asset, rules), columns });
  });
}

/**
 * Explains the EMA grid of a timeframe whose windows are others there: the EMAs of the bars that theirs has. `bars` are
 * these; null: they are not there, and every group of months is taken to have closed on its last day.
 */
export function explainGroupEmas(
  timeframe: Timeframe,
  periods: readonly number[],
  {
    asset,
    columns,
    bars,
  }: { asset: OriginAsset; columns: readonly string[]; bars: readonly OriginBar[] | null },
): Explain {
  const isTold = bars?.some(({ isClosed }) => isClosed !== null) ?? false;
  const closed = bars?.flatMap(({ day, isClosed }) => (isClosed ? [day] : []));
  const closings = isTold ? new Set(closed) : null;
  const sets = [[], ...setsOf(asset, ['null_amount'])].map((rules): KnownDifference[] => [
    'anchored_months',
    ...rules,
  ]);
  return explainBy(sets, columns, (rules) => {
    const rows = groupEmasUnder(timeframe, periods, { asset, rules, closings });
    return modelOfEmas(rows, { timeframe, days: daysUnder(asset, rules), columns });
  });
}

function modelOfEmas(
  rows: ReadonlyMap<string, EmaRow>,
  { timeframe, days, columns }: { timeframe: Timeframe; days: DayColumns | null; columns: readonly string[] },
): Model {
  return ({ day, period }) => {
    const row = rows.get(emaKey({ day, period: period ?? 0 }));
    const index = days === null ? null : indexOfDay(days, day);
    if (row === undefined || days === null || index === null) return null;
    const tsUs = days.timeCloseUs[index] as number;
    return cellsOfEma({ row, tsUs, tfDays: timeframe.nominalDays }, columns);
  };
}

/**
 * Tells whether a bar of a series with other windows is a right bar of its own window: of a group of months that begins
 * anew each year, up to its day. The windows differ, so such rows have none of ours beside them.
 */
export function explainGroups(
  timeframe: BarTimeframe,
  asset: OriginAsset,
): (bar: OriginBar) => readonly KnownDifference[] | null {
  const candidates = ruleSetsOf(asset)
    .filter((rules) => !rules.includes('last_day_missing'))
    .flatMap((rules) => {
      const days = daysUnder(asset, rules);
      return days === null ? [] : [{ rules, days, groups: listYearlyGroups(timeframe.count, days) }];
    });
  return (bar) => {
    for (const { rules, days, groups } of candidates)
      if (groups.some((group) => isBarOf({ days, rules }, group, bar))) return ['anchored_months', ...rules];
    return null;
  };
}

function isBarOf(
  { days, rules }: { days: DayColumns; rules: readonly KnownDifference[] },
  { start, end }: { start: Day; end: Day },
  bar: OriginBar,
): boolean {
  const [from, to] = [indexAfter(days, start - 1), indexAfter(days, bar.day)];
  if (bar.day >= end || days.day[from] !== bar.firstDay || days.day[to - 1] !== bar.day) return false;
  const given = (values: Float64Array) => values.subarray(from, to).filter((value) => !Number.isNaN(value));
  const volume = given(days.volume).reduce((sum, value) => sum + value, 0);
  return (
    (bar.isClosed ?? bar.day === end - 1) === (bar.day === end - 1) &&
    isSamePrice([bar.open, days.open[from] ?? null], rules) &&
    isSamePrice([bar.close, days.close[to - 1] ?? null], rules) &&
    isSamePrice([bar.high, Math.max(...given(days.high))], rules) &&
    isSamePrice([bar.low, Math.min(...given(days.low))], rules) &&
    Math.abs((bar.volume ?? 0) - volume) <= ROUNDING * Math.abs(volume)
  );
}
