/** The daily EMA grid computed plainly, row by row: what the SQL views must return, and the yardstick for the kernel. */
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

/**
 * Every row of one series, by period and day, as known at the newest day (semantics.md §5). `days` begin with the
 * asset's first; `closes` are all closed bars of the timeframe (ignored for multi_tf 1D and v2).
 */
export function dailyEmas(spec: EmaSpec, days: CloseColumns, closes: BarCloses): DailyEma[] {
  if (days.firstBarSeq !== 1) throw new Error(`the grid begins with bar_seq 1, got ${days.firstBarSeq}`);
  return spec.periods.flatMap((period) => {
    if (spec.alignment === 'v2') return gridOfRows(spec.tfDays, period, days);
    return gridOfCloses(spec, period, { days, closes: isEveryDay(spec) ? days : closes });
  });
}

function gridOfCloses(
  { tfDays }: EmaSpec,
  period: number,
  { days, closes }: { days: CloseColumns; closes: Pick<BarCloses, 'length' | 'day' | 'close'> },
): DailyEma[] {
  const barEmas = smooth(ema, closes.close.subarray(0, closes.length), period);
  const barAlpha = ema.alphaOf(period);
  const dayAlpha = ema.alphaOf(tfDays * period);
  const rows: DailyEma[] = [];
  let closed = 0;
  let daily = Number.NaN;
  for (let index = 0; index < days.length; index += 1) {
    const day = days.day[index] as number;
    const close = days.close[index] as number;
    const isClosing = closed < closes.length && closes.day[closed] === day;
    if (isClosing) closed += 1;
    const lastBarEma = barEmas[closed - 1] ?? Number.NaN;
    if (Number.isNaN(lastBarEma)) continue;
    daily = Number.isNaN(daily) ? lastBarEma : ema.next(dayAlpha, close, daily);
    const emaBar = isClosing ? lastBarEma : ema.next(barAlpha, close, lastBarEma);
    rows.push({ day, period, roll: !isClosing, ema: daily, emaBar });
  }
  return rows;
}

function gridOfRows(tfDays: number, period: number, days: CloseColumns): DailyEma[] {
  const values = smooth(ema, days.close.subarray(0, days.length), tfDays * period);
  const rows: DailyEma[] = [];
  for (let index = tfDays * period - 1; index < days.length; index += 1) {
    const day = days.day[index] as number;
    rows.push({ day, period, roll: (index + 1) % tfDays !== 0, ema: values[index] as number, emaBar: null });
  }
  return rows;
}
