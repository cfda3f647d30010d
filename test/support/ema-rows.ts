/** Rows of the EMA views as they must be, computed plainly from the daily grid, and their comparison with rows found. */

import type { Alignment } from '../../src/domain/calendar/timeframe.js';
import type { DailyEma } from '../../src/domain/emas/daily.js';
import { checkpointRows, type EmaSpec } from '../../src/domain/emas/series.js';
import type { DayColumns } from '../../src/domain/prices/days.js';

/** One row of an EMA view. */
export interface EmaRow extends DailyEma {
  id: number;
  alignment: Alignment;
  tf: string;
  tfDays: number;
  tsUs: number;
  d1: number | null;
  d2: number | null;
  d1Roll: number | null;
  d2Roll: number | null;
  d1Bar: number | null;
  d2Bar: number | null;
  d1RollBar: number | null;
  d2RollBar: number | null;
  /** Whether ema is in ema_points: then the views show it bit for bit. */
  isStored: boolean;
  /** The largest EMA that the row refers to, of which its values may differ by 1e-12. */
  scale: number;
}

/** First and second difference to the two rows before; null where there is no such row or value. */
function differences(
  now: number | null,
  before: number | null | undefined,
  earlier: number | null | undefined,
): [first: number | null, second: number | null] {
  if (now === null || before === null || before === undefined) return [null, null];
  const first = now - before;
  return [first, earlier === null || earlier === undefined ? null : first - (before - earlier)];
}

function isStored({ alignment, tfDays, periods }: EmaSpec, row: DailyEma, rowNumber: number): boolean {
  if (alignment !== 'v2') return !row.roll;
  return rowNumber % checkpointRows(tfDays) === 0 || periods.some((period) => period * tfDays === rowNumber);
}

/** Rows of one series and period, with differences as semantics.md §5 defines them. */
export function rowsOfPeriod(
  id: number,
  spec: EmaSpec,
  { days, grid }: { days: DayColumns; grid: readonly DailyEma[] },
): EmaRow[] {
  const rows: EmaRow[] = [];
  const closing: EmaRow[] = [];
  const firstIndex = days.length - grid.length;
  for (const [index, daily] of grid.entries()) {
    const [before, earlier] = [rows.at(-1), rows.at(-2)];
    const [closeBefore, closeEarlier] = daily.roll ? [] : [closing.at(-1), closing.at(-2)];
    const [d1Roll, d2Roll] = differences(daily.ema, before?.ema, earlier?.ema);
    const [d1RollBar, d2RollBar] = differences(daily.emaBar, before?.emaBar, earlier?.emaBar);
    const [d1, d2] = differences(daily.ema, closeBefore?.ema, closeEarlier?.ema);
    const [d1Bar, d2Bar] = differences(daily.emaBar, closeBefore?.emaBar, closeEarlier?.emaBar);
    const related = [daily, before, earlier, closeBefore, closeEarlier].map((row) => row?.ema ?? 0);
    const row: EmaRow = {
      ...daily,
      ...{ id, alignment: spec.alignment, tf: spec.tf, tfDays: spec.tfDays },
      ...{ tsUs: days.timeCloseUs[firstIndex + index] ?? Number.NaN },
      ...{ d1, d2, d1Roll, d2Roll, d1Bar, d2Bar, d1RollBar, d2RollBar },
      isStored: isStored(spec, daily, days.firstBarSeq + firstIndex + index),
      scale: Math.max(...related, daily.emaBar ?? 0),
    };
    rows.push(row);
    if (!daily.roll) closing.push(row);
  }
  return rows;
}

/** Name of an alignment in cmc_ema_multi_tf_u. */
export function sourceOf(alignment: Alignment): string {
  return alignment === 'multi_tf' ? alignment : `multi_tf_${alignment}`;
}

export function viewOf(alignment: Alignment): string {
  return `cmc_ema_${sourceOf(alignment)}`;
}

/** Columns of the EMA views, in their order. */
export const EMA_COLUMNS =
  'id tf ts period tf_days roll roll_bar ema d1 d2 d1_roll d2_roll ema_bar d1_bar d2_bar d1_roll_bar d2_roll_bar day'.split(
    ' ',
  );

/** Cells of a row in the order of EMA_COLUMNS; whether each must be equal bit for bit. */
function cellsOf(row: EmaRow): [value: unknown, isExact: boolean][] {
  const isExact = row.isStored && row.alignment !== 'v2';
  const names = [row.id, row.tf, row.tsUs, row.period, row.tfDays, row.roll, row.roll];
  return [
    ...names.map((value): [unknown, boolean] => [value, true]),
    [row.ema, row.isStored],
    [row.d1, isExact],
    [row.d2, isExact],
    [row.d1Roll, false],
    [row.d2Roll, false],
    [row.emaBar, true],
    [row.d1Bar, isExact],
    [row.d2Bar, isExact],
    [row.d1RollBar, true],
    [row.d2RollBar, true],
    [row.day, true],
  ];
}

/** What the comparison of rows came to: how many values, the largest deviation, and differences in words. */
export interface Comparison {
  compared: number;
  deviation: number;
  differences: string[];
}

function compareCell(comparison: Comparison, row: EmaRow, [column, found]: [number, unknown]): void {
  const [expected, isExact] = cellsOf(row)[column] ?? [undefined, true];
  comparison.compared += 1;
  if (Object.is(expected, found)) return;
  if (!isExact && typeof expected === 'number' && typeof found === 'number') {
    const deviation = Math.abs(expected - found) / row.scale;
    comparison.deviation = Math.max(comparison.deviation, deviation);
    if (deviation <= 1e-12) return;
  }
  comparison.differences.push(
    `${row.alignment} ${row.tf} ${row.period} day ${row.day} ${EMA_COLUMNS[column]}: expected ${expected}, found ${found}`,
  );
}

/** Compares rows in the order of alignment, tf, period and day with rows of EMA_COLUMNS in the same order. */
export function compareRows(expected: readonly EmaRow[], found: readonly unknown[][]): Comparison {
  const comparison: Comparison = { compared: 0, deviation: 0, differences: [] };
  if (expected.length !== found.length) {
    comparison.differences.push(`${found.length} rows instead of ${expected.length}`);
  }
  for (const [index, row] of expected.entries()) {
    for (const [column, cell] of (found[index] ?? []).entries()) compareCell(comparison, row, [column, cell]);
    if (comparison.differences.length > 5) break;
  }
  return comparison;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** In the order in which PostgreSQL puts (alignment_source collate "C", tf, period, ts). */
export function inOrder(rows: readonly EmaRow[]): EmaRow[] {
  return rows.toSorted(
    (a, b) =>
      compareText(sourceOf(a.alignment), sourceOf(b.alignment)) ||
      compareText(a.tf, b.tf) ||
      a.period - b.period ||
      a.day - b.day,
  );
}
