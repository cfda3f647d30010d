/** Bars: one step from the open bar and new days to the next open bar and the bars that closed (semantics.md §4). */
import { type Day, formatDay } from '../calendar/day.js';
import { hasBars, type Timeframe } from '../calendar/timeframe.js';
import { type DayColumns, indexAfter } from '../prices/days.js';
import { type BarFamily, familyOf, type Window } from './families/index.js';

/** One bar over its present days. Times are epoch microseconds. */
export interface Bar {
  barSeq: number;
  firstDay: Day;
  lastDay: Day;
  /** Rolling: n. Calendar: the calendar length of the window. */
  tfDays: number;
  countDays: number;
  /** Days without a row from the first day that counts (window start or asset start; rolling: first row) to lastDay. */
  countMissingDays: number;
  /** Rolling: rows still to come. Calendar: days from lastDay to the window's last day. */
  countDaysRemaining: number;
  firstMissingDay: Day | null;
  lastMissingDay: Day | null;
  /** The asset began inside the window (anchored families only; the others have no such window). */
  isPartialStart: boolean;
  timeOpenUs: number;
  timeCloseUs: number;
  timeHighUs: number;
  timeLowUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  marketCap: number | null;
}

/** What continuing a series needs. */
export interface BarState {
  /** Newest day taken in. */
  watermarkDay: Day;
  /** barSeq of the newest closed bar, 0 when there is none. */
  closedSeq: number;
  /** The newest bar as of watermarkDay: open, or closed on that day. null while no day has belonged to a bar. */
  bar: Bar | null;
  isClosed: boolean;
}

/** The rows [from, to) of the columns that lie in one window. */
interface Slice {
  window: Window;
  from: number;
  to: number;
}

/** A series in motion: what stays the same over all its days. */
interface Series {
  timeframe: Timeframe;
  family: BarFamily;
  days: DayColumns;
}

function positionAt({ family, days }: Series, index: number): number {
  return family.coordinate === 'row' ? days.firstBarSeq - 1 + index : (days.day[index] ?? Number.NaN);
}

/** End of the rows that lie in the window, starting at an index inside it. */
function endOfWindow(series: Series, from: number, window: Window): number {
  const { family, days } = series;
  if (family.coordinate === 'row') {
    return Math.min(days.length, from + window.end - positionAt(series, from));
  }
  let to = from + 1;
  while (to < days.length && (days.day[to] ?? window.end) < window.end) to += 1;
  return to;
}

/** The bar of a window before its first row. */
function emptyBar({ timeframe, family, days }: Series, { window, from }: Slice): Bar {
  const day = days.day[from] ?? Number.NaN;
  const timeOpenUs = days.timeOpenUs[from] ?? Number.NaN;
  const isCalendar = family.coordinate === 'day';
  const countsFrom = isCalendar ? Math.max(window.start, days.assetFirstDay) : day;
  const missing = day - countsFrom;
  return {
    barSeq: window.seq,
    firstDay: day,
    lastDay: day,
    tfDays: isCalendar ? window.end - window.start : timeframe.count,
    countDays: 0,
    countMissingDays: missing,
    countDaysRemaining: 0,
    firstMissingDay: missing > 0 ? countsFrom : null,
    lastMissingDay: missing > 0 ? day - 1 : null,
    isPartialStart: isCalendar && days.assetFirstDay > window.start,
    timeOpenUs,
    timeCloseUs: timeOpenUs,
    timeHighUs: timeOpenUs,
    timeLowUs: timeOpenUs,
    open: days.open[from] ?? Number.NaN,
    high: Number.NEGATIVE_INFINITY,
    low: Number.POSITIVE_INFINITY,
    close: Number.NaN,
    volume: 0,
    marketCap: null,
  };
}

/** Extremes with the time of the first day that reached them: a tie does not move it. */
function takeExtremes(bar: Bar, days: DayColumns, { from, to }: Slice): void {
  let { high, low } = bar;
  let highAt = -1;
  let lowAt = -1;
  for (let index = from; index < to; index += 1) {
    const dayHigh = days.high[index] ?? Number.NaN;
    const dayLow = days.low[index] ?? Number.NaN;
    if (dayHigh > high) {
      high = dayHigh;
      highAt = index;
    }
    if (dayLow < low) {
      low = dayLow;
      lowAt = index;
    }
  }
  bar.high = high;
  bar.low = low;
  bar.timeHighUs = days.timeHighUs[highAt] ?? bar.timeHighUs;
  bar.timeLowUs = days.timeLowUs[lowAt] ?? bar.timeLowUs;
}

/** Volume as a left-to-right sum (the same whether the days come at once or one by one), and the last known market cap; NaN is the columns' null. */
function takeAmounts(bar: Bar, days: DayColumns, { from, to }: Slice): void {
  let { volume, marketCap } = bar;
  for (let index = from; index < to; index += 1) {
    const dayVolume = days.volume[index] ?? Number.NaN;
    const dayMarketCap = days.marketCap[index] ?? Number.NaN;
    if (!Number.isNaN(dayVolume)) volume += dayVolume;
    if (!Number.isNaN(dayMarketCap)) marketCap = dayMarketCap;
  }
  bar.volume = volume;
  bar.marketCap = marketCap;
}

/** Missing days between the bar's last day so far and each new one. */
function takeGaps(bar: Bar, days: DayColumns, { from, to }: Slice): void {
  let previous = bar.lastDay;
  for (let index = from; index < to; index += 1) {
    const day = days.day[index] ?? Number.NaN;
    if (day > previous + 1) {
      bar.firstMissingDay ??= previous + 1;
      bar.lastMissingDay = day - 1;
      bar.countMissingDays += day - previous - 1;
    }
    previous = day;
  }
  bar.lastDay = previous;
}

/** The bar after the rows of a slice: a new object; the given one is left as it was. */
function extendBar(series: Series, before: Bar | null, slice: Slice): Bar {
  const { family, days } = series;
  const { window, from, to } = slice;
  const bar = before === null ? emptyBar(series, slice) : { ...before };
  takeExtremes(bar, days, slice);
  takeAmounts(bar, days, slice);
  takeGaps(bar, days, slice);
  bar.countDays += to - from;
  bar.timeCloseUs = days.timeCloseUs[to - 1] ?? Number.NaN;
  bar.close = days.close[to - 1] ?? Number.NaN;
  bar.countDaysRemaining =
    family.coordinate === 'row' ? bar.tfDays - bar.countDays : window.end - 1 - bar.lastDay;
  return bar;
}

/** Refuses days that do not follow on the state: a hole here would be wrong numbers for ever. */
function checkContinuity(series: Series, state: BarState | null, from: number): void {
  const { timeframe, days } = series;
  const nextSeq = days.firstBarSeq + from;
  const where = `bars of ${timeframe.alignment} ${timeframe.tf}`;
  if (state === null) {
    if (nextSeq !== 1 || days.day[0] !== days.assetFirstDay) {
      throw new Error(
        `${where}: a series without a state starts with bar_seq 1 on ${formatDay(days.assetFirstDay)}, ` +
          `got bar_seq ${nextSeq} on ${formatDay(days.day[from] ?? Number.NaN)}`,
      );
    }
  } else if (series.family.coordinate === 'row' && state.bar !== null) {
    const expected = (state.bar.barSeq - 1) * timeframe.count + state.bar.countDays + 1;
    if (nextSeq !== expected) {
      throw new Error(
        `${where}: after ${formatDay(state.watermarkDay)} comes bar_seq ${expected}, got ${nextSeq}; rebuild the asset`,
      );
    }
  }
}

/**
 * Takes the days after `state.watermarkDay` into a series; earlier ones in `days` are ignored, so that series
 * at different watermarks can share their columns. `state` null: from the asset's first row (bar_seq 1).
 *
 * Returns the new state (the given one when there is no new day) and the bars that closed, by rising barSeq. A
 * calendar bar closes on the last day of its window or, when that day is missing, with the next row: then unchanged,
 * at its last present day, with countDaysRemaining above 0. Pure: the arguments are not changed. Taking days in
 * any division gives the same numbers, bit for bit.
 * Throws when the timeframe has no bars or the days do not follow on the state.
 */
export function stepBars(
  timeframe: Timeframe,
  state: BarState | null,
  days: DayColumns,
): { state: BarState | null; closed: Bar[] } {
  if (!hasBars(timeframe)) throw new Error(`${timeframe.alignment} ${timeframe.tf} has no bars`);
  const closed: Bar[] = [];
  const series: Series = { timeframe, family: familyOf(timeframe.alignment), days };
  const { family } = series;
  let index = state === null ? 0 : indexAfter(days, state.watermarkDay);
  if (index >= days.length) return { state, closed };
  checkContinuity(series, state, index);

  const origin = family.coordinate === 'row' ? 0 : days.assetFirstDay;
  let bar = state?.bar ?? null;
  let isClosed = state?.isClosed ?? false;
  // One turn a window, not a day: the family's rule is asked once for all rows of a bar.
  while (index < days.length) {
    const window = family.windowAt(positionAt(series, index), timeframe, origin);
    if (window === null) {
      index += 1;
      continue;
    }
    const to = endOfWindow(series, index, window);
    const isSameBar = bar !== null && bar.barSeq === window.seq;
    if (bar !== null && !isSameBar && !isClosed) closed.push(bar);
    bar = extendBar(series, isSameBar ? bar : null, { window, from: index, to });
    isClosed = bar.countDaysRemaining === 0;
    if (isClosed) closed.push(bar);
    index = to;
  }
  const watermarkDay = days.day[days.length - 1] ?? Number.NaN;
  const closedSeq = closed.at(-1)?.barSeq ?? state?.closedSeq ?? 0;
  return { state: { watermarkDay, closedSeq, bar, isClosed }, closed };
}
