/** Cells of the origin's tables and of ours: one number a cell, one array a column, one place a day (and period). */
import type { Day } from '../calendar/day.js';

/** How values of a column are compared: numbers that were added up or smoothed may differ by their rounding. */
export type CellKind = 'int' | 'exact' | 'rounded' | 'time' | 'day' | 'flag' | 'text';
type Columns = Readonly<Record<string, CellKind>>;

/** Compared of 1D bars. */
export const DAILY_CELLS = {
  ...{ bar_seq: 'int', time_open: 'time', time_close: 'time', time_high: 'time', time_low: 'time' },
  ...{ open: 'exact', high: 'exact', low: 'exact', close: 'exact', volume: 'rounded', market_cap: 'exact' },
  ...{ is_partial_start: 'flag', is_partial_end: 'flag', is_missing_days: 'flag' },
  ...{
    repaired_timehigh: 'flag',
    repaired_timelow: 'flag',
    repaired_high: 'flag',
    repaired_low: 'flag',
  },
} as const satisfies Columns;

/** Compared of bar snapshots. */
export const BAR_CELLS = {
  ...{ tf_days: 'int', bar_seq: 'int', bar_anchor_offset: 'int' },
  ...{ time_open: 'time', time_close: 'time', time_high: 'time', time_low: 'time' },
  ...{ open: 'exact', high: 'exact', low: 'exact', close: 'exact', volume: 'rounded', market_cap: 'exact' },
  ...{ timestamp: 'time', last_ts_half_open: 'time', pos_in_bar: 'int' },
  ...{ is_partial_start: 'flag', is_partial_end: 'flag', count_days: 'int', count_days_remaining: 'int' },
  ...{ is_missing_days: 'flag', count_missing_days: 'int', count_missing_days_start: 'int' },
  ...{ count_missing_days_end: 'int', count_missing_days_interior: 'int', missing_days_where: 'text' },
  ...{ first_missing_day: 'day', last_missing_day: 'day' },
} as const satisfies Columns;

/** The same in the tables of the head, where 1D bars are a series like others. */
export const HEAD_BAR_CELLS = {
  ...BAR_CELLS,
  ...{ time_open_bar: 'time', time_close_bar: 'time' },
  ...{ repaired_timehigh: 'flag', repaired_timelow: 'flag', repaired_high: 'flag', repaired_low: 'flag' },
  ...{ repaired_open: 'flag', repaired_close: 'flag', repaired_volume: 'flag', repaired_market_cap: 'flag' },
} as const satisfies Columns;

/** Compared of the EMA grid. */
export const EMA_CELLS = {
  ...{ ts: 'time', tf_days: 'int', roll: 'flag', roll_bar: 'flag' },
  ...{ ema: 'rounded', d1: 'rounded', d2: 'rounded', d1_roll: 'rounded', d2_roll: 'rounded' },
  ...{ ema_bar: 'rounded', d1_bar: 'rounded', d2_bar: 'rounded' },
  ...{ d1_roll_bar: 'rounded', d2_roll_bar: 'rounded' },
} as const satisfies Columns;

/** The same in the table of the head. */
export const HEAD_EMA_CELLS = {
  ...{ ts: 'time', tf_days: 'int', roll: 'flag', ema: 'rounded', ema_bar: 'rounded', is_partial_end: 'flag' },
} as const satisfies Columns;

const KINDS: Columns = { ...DAILY_CELLS, ...HEAD_BAR_CELLS, ...EMA_CELLS, ...HEAD_EMA_CELLS };

/** How a column is compared. Throws for one that is in no list. */
export function kindOf(column: string): CellKind {
  const kind = KINDS[column];
  if (kind === undefined) throw new Error(`column ${column} is not compared`);
  return kind;
}

/** Sums and EMAs are equal when they agree to this part of the larger one: what is left is the order of additions. */
const ROUNDING = 1e-12;

/** Days from the first to the last that anything is compared on. */
export interface Grid {
  firstDay: Day;
  length: number;
}

/**
 * Rows by place: day minus the grid's first day, and a grid further for each period. NaN is NULL: theirs writes either.
 * Times are epoch microseconds, days day numbers, flags 0 or 1, texts their number in PLACES.
 */
export interface Cells {
  present: Uint8Array;
  columns: Readonly<Record<string, Float64Array>>;
}

/** Room for rows of these columns. */
export function makeCells(columns: readonly string[], size: number): Cells {
  return {
    present: new Uint8Array(size),
    columns: Object.fromEntries(columns.map((name) => [name, new Float64Array(size).fill(Number.NaN)])),
  };
}

/** Forgets its rows. */
export function clearCells({ present, columns }: Cells): void {
  present.fill(0);
  for (const column of Object.values(columns)) column.fill(Number.NaN);
}

/** Texts of missing_days_where, by number. Others get numbers of their own while they are read. */
const PLACES: string[] = ['start', 'interior', 'start,interior'];

/** The number of a text. */
export function numberOfText(text: string): number {
  const at = PLACES.indexOf(text);
  return at < 0 ? PLACES.push(text) - 1 : at;
}

/** The text of a number. */
export function textOfNumber(number: number): string {
  return PLACES[number] ?? '?';
}

/** Whether two cells are the same; `scale`: what their rounding is a part of, beside the two themselves. */
export type IsSame = (a: number, b: number, scale: number) => boolean;

const isExactlySame: IsSame = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));

const isSameButForRounding: IsSame = (a, b, scale) =>
  isExactlySame(a, b, 0) || Math.abs(a - b) <= ROUNDING * Math.max(scale, Math.abs(a), Math.abs(b));

/** How cells of a column are compared. */
export function comparerOf(column: string): IsSame {
  return kindOf(column) === 'rounded' ? isSameButForRounding : isExactlySame;
}
