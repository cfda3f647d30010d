/** The daily EMA grid computed plainly, day by day: what the SQL views must return, and the yardstick for the kernel. */
import type { Day } from '../calendar/day.js';
import { type BarCloses, type CloseColumns, type EmaSpec, isEveryDay } from './series.js';
import { ema, smooth } from './smoothing/index.js';

/** One row of the grid. */
export interface DailyEma {
  day: Day;
  period: number;
  /** false on closing days. */
  roll: boolean;
  ema: number;
  /** null for v2. */
  emaBar: number | null;
}

/** The grid of one period as columns: the rows of consecutive days, the newest day's last. */
export interface EmaColumns {
  /** Index of the first row's day in the days that were given; their number when no day has a value. */
  first: number;
  /** 0 on closing days, else 1. */
  roll: Uint8Array;
  ema: Float64Array;
  /** null for v2. */
  emaBar: Float64Array | null;
}

/** What a grid is made of: the asset's days from its first, and all closed bars (ignored for multi_tf 1D and v2). */
export interface GridInput {
  days: CloseColumns;
  closes: Pick<BarCloses, 'length' | 'day' | 'close'>;
}

/**
 * Every row of one series, by period and day, as known at the newest day (semantics.md §5). `days` begin with the
 * asset's first; `closes` are all closed bars of the timeframe (ignored for multi_tf 1D and v2).
 */
export function dailyEmas(spec: EmaSpec, days: CloseColumns, closes: BarCloses): DailyEma[] {
  return spec.periods.flatMap((period) => {
    const { first, roll, ema: values, emaBar } = emaGrid(spec, period, { days, closes });
    return Array.from(values, (value, index) => ({
      day: days.day[first + index] as number,
      period,
      roll: roll[index] === 1,
      ema: value,
      emaBar: emaBar === null ? null : (emaBar[index] as number),
    }));
  });
}

/** The rows of one period of a series. Throws when the days do not begin with the asset's first. */
export function emaGrid(spec: EmaSpec, period: number, { days, closes }: GridInput): EmaColumns {
  if (days.firstBarSeq !== 1) throw new Error(`the grid begins with bar_seq 1, got ${days.firstBarSeq}`);
  if (spec.alignment === 'v2') return gridOfRows(spec.tfDays, period, days);
  return gridOfCloses(spec, period, { days, closes: isEveryDay(spec) ? days : closes });
}

function gridOfCloses({ tfDays }: EmaSpec, period: number, { days, closes }: GridInput): EmaColumns {
  const barEmas = smooth(ema, closes.close.subarray(0, closes.length), period);
  const barAlpha = ema.alphaOf(period);
  const dayAlpha = ema.alphaOf(tfDays * period);
  const first = indexOfDay(days, closes.length < period ? null : (closes.day[period - 1] as number));
  const rows = days.length - first;
  const grid = { first, roll: new Uint8Array(rows), ema: new Float64Array(rows) };
  const emaBar = new Float64Array(rows);
  let closed = period - 1;
  let daily = Number.NaN;
  for (let row = 0; row < rows; row += 1) {
    const close = days.close[first + row] as number;
    const isClosing = closed < closes.length && closes.day[closed] === days.day[first + row];
    if (isClosing) closed += 1;
    const lastBarEma = barEmas[closed - 1] as number;
    daily = row === 0 ? lastBarEma : ema.next(dayAlpha, close, daily);
    grid.ema[row] = daily;
    emaBar[row] = isClosing ? lastBarEma : ema.next(barAlpha, close, lastBarEma);
    grid.roll[row] = isClosing ? 0 : 1;
  }
  return { ...grid, emaBar };
}

/** The number of days where the day is null, or not one of them. */
function indexOfDay({ day, length }: CloseColumns, wanted: Day | null): number {
  const index = wanted === null ? -1 : day.subarray(0, length).indexOf(wanted);
  return index < 0 ? length : index;
}

function gridOfRows(tfDays: number, period: number, days: CloseColumns): EmaColumns {
  const first = Math.min(days.length, tfDays * period - 1);
  const values = smooth(ema, days.close.subarray(0, days.length), tfDays * period).subarray(first);
  const roll = Uint8Array.from(values, (_, row) => ((first + row + 1) % tfDays === 0 ? 0 : 1));
  return { first, roll, ema: values, emaBar: null };
}
