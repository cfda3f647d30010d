/** Rules that every stored series keeps, and what it is called when one is broken. */
import { type Day, formatDay } from '../calendar/day.js';
import type { Alignment } from '../calendar/timeframe.js';

export const VIOLATIONS = [
  'bar_seq_not_dense',
  'bar_seq_not_rising',
  'bar_seq_not_of_window',
  'window_closed_twice',
  'closing_row_missing',
  'closing_day_wrong',
  'closed_early',
  'days_outside_window',
  'point_off_closing_day',
  'point_beyond_watermark',
  'ema_watermark_beyond_bars',
  'ema_not_finite',
  'ema_bar_not_finite',
  'ema_out_of_range',
  'ema_bar_out_of_range',
] as const;
export type ViolationName = (typeof VIOLATIONS)[number];

/** One row of one asset that breaks a rule. */
export interface Violation {
  violation: ViolationName;
  alignment: Alignment;
  /** '*': all timeframes of the alignment. */
  tf: string;
  /** 0: about bars or a whole series. */
  period: number;
  /** Close of the row, epoch microseconds. */
  tsUs: number;
  barSeq: number | null;
  /** What was expected and what was found. */
  detail: string;
}

/** The 1D bars of one asset by rising bar_seq, as they are stored: nothing about them is assumed. */
export interface StoredDays {
  length: number;
  barSeq: Int32Array;
  day: Int32Array;
  timeCloseUs: Float64Array;
  close: Float64Array;
}

/** A closed bar, as far as it is validated. */
export interface StoredBar {
  barSeq: number;
  firstDay: Day;
  lastDay: Day;
  timeCloseUs: number;
  close: number;
}

/** Smallest and largest of the first k + 1 values, at index k. */
export interface Extremes {
  least: Float64Array;
  greatest: Float64Array;
}

/** The running extremes of values. */
export function extremesOf(values: Float64Array): Extremes {
  const least = new Float64Array(values.length);
  const greatest = new Float64Array(values.length);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    least[index] = low;
    greatest[index] = high;
  }
  return { least, greatest };
}

/** Index of a day among rising days; -1 when there is no row of it. */
export function indexOfDay(days: Pick<StoredDays, 'length' | 'day'>, day: Day): number {
  let low = 0;
  let high = days.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = days.day[middle] as number;
    if (found === day) return middle;
    if (found < day) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Whether the 1D bars are what series can be judged by: dense numbers on rising days. The first that is not is the
 * only violation: whatever follows it in 1D bars and series follows from it.
 */
export function validateDays({ length, barSeq, day, timeCloseUs }: StoredDays): Violation[] {
  for (let index = 0; index < length; index += 1) {
    const place = {
      ...{ alignment: 'multi_tf' as const, tf: '1D', period: 0 },
      ...{ tsUs: timeCloseUs[index] as number, barSeq: barSeq[index] as number },
    };
    const not = '; the series of this asset were not judged';
    if (barSeq[index] !== index + 1) {
      const detail = `expected bar_seq ${index + 1}, found ${barSeq[index]}${not}`;
      return [{ ...place, violation: 'bar_seq_not_dense', detail }];
    }
    if (index > 0 && (day[index] as number) <= (day[index - 1] as number)) {
      const [before, found] = [day[index - 1], day[index]].map((each) => formatDay(each as Day));
      const detail = `expected a day after ${before}, found ${found}${not}`;
      return [{ ...place, violation: 'bar_seq_not_rising', detail }];
    }
  }
  return [];
}

/** "multi_tf 7D period 10, 2025-10-26T23:59:59.999Z: ema_out_of_range, expected …". */
export function formatViolation({ violation, alignment, tf, period, tsUs, detail }: Violation): string {
  const series = `${alignment} ${tf}${period === 0 ? '' : ` period ${period}`}`;
  const at = Number.isFinite(tsUs) ? `, ${new Date(Math.floor(tsUs / 1000)).toISOString()}` : '';
  return `${series}${at}: ${violation}, ${detail}`;
}
