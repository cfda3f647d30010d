/** Rows of the daily EMA grid with their differences, as the EMA views show them (semantics.md §5). */
import type { DailyEma } from './daily.js';

/** First and second differences of ema and ema_bar; null where there is no row, or no value, to refer to. */
export interface EmaDifferences {
  d1: number | null;
  d2: number | null;
  d1Roll: number | null;
  d2Roll: number | null;
  d1Bar: number | null;
  d2Bar: number | null;
  d1RollBar: number | null;
  d2RollBar: number | null;
}

export type EmaRow = DailyEma & EmaDifferences;

/** The grid of one series and period, in the order of days, with differences. */
export function withDifferences(grid: readonly DailyEma[]): EmaRow[] {
  const closing: DailyEma[] = [];
  return grid.map((row, index) => {
    const [before, earlier] = [grid[index - 1], grid[index - 2]];
    const [close, closeEarlier] = row.roll ? [] : [closing.at(-1), closing.at(-2)];
    if (!row.roll) closing.push(row);
    const [d1, d2] = difference(row.ema, close?.ema, closeEarlier?.ema);
    const [d1Roll, d2Roll] = difference(row.ema, before?.ema, earlier?.ema);
    const [d1Bar, d2Bar] = difference(row.emaBar, close?.emaBar, closeEarlier?.emaBar);
    const [d1RollBar, d2RollBar] = difference(row.emaBar, before?.emaBar, earlier?.emaBar);
    return { ...row, d1, d2, d1Roll, d2Roll, d1Bar, d2Bar, d1RollBar, d2RollBar };
  });
}

type Value = number | null | undefined;

function difference(now: Value, before: Value, earlier: Value): [number | null, number | null] {
  if (now == null || before == null) return [null, null];
  const first = now - before;
  return [first, earlier == null ? null : first - (before - earlier)];
}
