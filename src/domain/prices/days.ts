/** The accepted days of one asset as columns: the input of every series. */

import type { Day } from '../calendar/day.js';
import type { DailyBar } from './daily-bar.js';

/** Consecutive accepted days in day order. Times are epoch microseconds; NaN in volume and marketCap stands for null. */
export interface DayColumns {
  length: number;
  /** bar_seq of index 0; the numbers are dense, so that of index i is firstBarSeq + i. */
  firstBarSeq: number;
  /** The asset's first accepted day, also when the columns begin later. */
  assetFirstDay: Day;
  day: Int32Array;
  timestampUs: Float64Array;
  timeOpenUs: Float64Array;
  timeCloseUs: Float64Array;
  timeHighUs: Float64Array;
  timeLowUs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  marketCap: Float64Array;
}

/** Columns of the given length to be filled by the caller. */
export function allocateDays(length: number, firstBarSeq: number, assetFirstDay: Day): DayColumns {
  return {
    length,
    firstBarSeq,
    assetFirstDay,
    day: new Int32Array(length),
    timestampUs: new Float64Array(length),
    timeOpenUs: new Float64Array(length),
    timeCloseUs: new Float64Array(length),
    timeHighUs: new Float64Array(length),
    timeLowUs: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
    marketCap: new Float64Array(length),
  };
}

/** Columns of consecutive 1D bars of one asset. Throws when their numbers have holes or their days do not rise. */
export function columnsOfBars(bars: readonly DailyBar[], assetFirstDay: Day): DayColumns {
  const firstBarSeq = bars[0]?.barSeq ?? 1;
  const days = allocateDays(bars.length, firstBarSeq, assetFirstDay);
  let previousDay = Number.NEGATIVE_INFINITY;
  for (const [index, bar] of bars.entries()) {
    if (bar.barSeq !== firstBarSeq + index || bar.day <= previousDay) {
      throw new Error(
        `1D bars must be consecutive: expected bar_seq ${firstBarSeq + index} on a later day than ${previousDay}, ` +
          `got bar_seq ${bar.barSeq} on day ${bar.day}`,
      );
    }
    previousDay = bar.day;
    days.day[index] = bar.day;
    days.timestampUs[index] = bar.timestampUs;
    days.timeOpenUs[index] = bar.timeOpenUs;
    days.timeCloseUs[index] = bar.timeCloseUs;
    days.timeHighUs[index] = bar.timeHighUs;
    days.timeLowUs[index] = bar.timeLowUs;
    days.open[index] = bar.open;
    days.high[index] = bar.high;
    days.low[index] = bar.low;
    days.close[index] = bar.close;
    days.volume[index] = bar.volume ?? Number.NaN;
    days.marketCap[index] = bar.marketCap ?? Number.NaN;
  }
  return days;
}

/** Index of the first day after the given one; `days.length` when there is none. */
export function indexAfter(days: Pick<DayColumns, 'length' | 'day'>, day: Day): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((days.day[middle] ?? Number.POSITIVE_INFINITY) > day) high = middle;
    else low = middle + 1;
  }
  return low;
}
