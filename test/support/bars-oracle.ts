/** Bars straight from the words of semantics.md §4, day by day and list by list: slow, obvious, sharing nothing with stepBars. */
import type { Bar } from '../../src/domain/bars/bar.js';
import type { Timeframe } from '../../src/domain/calendar/timeframe.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';

const DAY_MS = 86_400_000;

interface PlainWindow {
  seq: number;
  start: number;
  end: number;
}

export interface OracleBars {
  closed: Bar[];
  newest: { bar: Bar; isClosed: boolean } | null;
}

function dateOf(day: number): Date {
  return new Date(day * DAY_MS);
}

/** First day of the month that lies a number of months after January of year 0 (years from 100 on). */
function monthStart(index: number): number {
  return Date.UTC(Math.floor(index / 12), index % 12, 1) / DAY_MS;
}

function monthIndexOf(day: number): number {
  return dateOf(day).getUTCFullYear() * 12 + dateOf(day).getUTCMonth();
}

/** First day of window number 0, 1, 2, … of a calendar timeframe. */
function windowStarts(timeframe: Timeframe, firstDay: number): (index: number) => number {
  const { alignment, unit, count } = timeframe;
  const isAnchored = alignment.startsWith('cal_anchor');
  if (unit === 'W') {
    const weekday = alignment.endsWith('us') ? 0 : 1;
    const anchor = Date.UTC(1970, 0, 4 + weekday) / DAY_MS;
    let start = firstDay;
    if (isAnchored)
      while (dateOf(start).getUTCDay() !== weekday || ((start - anchor) / 7) % count !== 0) start -= 1;
    else while (dateOf(start).getUTCDay() !== weekday) start += 1;
    return (index) => start + index * count * 7;
  }
  const months = unit === 'Y' ? 12 : 1;
  let start = monthIndexOf(firstDay);
  if (isAnchored) while (start % (months * count) !== 0) start -= 1;
  else while (monthStart(start) < firstDay || start % months !== 0) start += 1;
  return (index) => monthStart(start + index * count * months);
}

/** The windows up to the newest row. */
function windowsOf(timeframe: Timeframe, firstDay: number, lastDay: number): PlainWindow[] {
  const startOf = windowStarts(timeframe, firstDay);
  const windows: PlainWindow[] = [];
  for (let index = 0; startOf(index) <= lastDay; index += 1) {
    windows.push({ seq: index + 1, start: startOf(index), end: startOf(index + 1) });
  }
  return windows;
}

function missingDays(from: number, rows: readonly DailyBar[]): number[] {
  const present = new Set(rows.map(({ day }) => day));
  const missing: number[] = [];
  for (let day = from; day <= Math.max(...present); day += 1) if (!present.has(day)) missing.push(day);
  return missing;
}

/** The values of a bar over its rows, at least one. */
function barOf(
  rows: readonly DailyBar[],
  seq: number,
  facts: Pick<Bar, 'tfDays' | 'countDaysRemaining' | 'isPartialStart'> & { countsFrom: number },
): Bar {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a bar has at least one row');
  const high = Math.max(...rows.map((row) => row.high));
  const low = Math.min(...rows.map((row) => row.low));
  const missing = missingDays(facts.countsFrom, rows);
  return {
    barSeq: seq,
    firstDay: first.day,
    lastDay: last.day,
    tfDays: facts.tfDays,
    countDays: rows.length,
    countMissingDays: missing.length,
    countDaysRemaining: facts.countDaysRemaining,
    firstMissingDay: missing[0] ?? null,
    lastMissingDay: missing.at(-1) ?? null,
    isPartialStart: facts.isPartialStart,
    timeOpenUs: first.timeOpenUs,
    timeCloseUs: last.timeCloseUs,
    timeHighUs: rows.find((row) => row.high === high)?.timeHighUs ?? Number.NaN,
    timeLowUs: rows.find((row) => row.low === low)?.timeLowUs ?? Number.NaN,
    open: first.open,
    high,
    low,
    close: last.close,
    volume: rows.reduce((sum, row) => sum + (row.volume ?? 0), 0),
    marketCap: rows.findLast((row) => row.marketCap !== null)?.marketCap ?? null,
  };
}

function rollingBars(bars: readonly DailyBar[], count: number): OracleBars['newest'][] {
  const groups = Map.groupBy(bars, ({ barSeq }) => Math.floor((barSeq - 1) / count));
  return [...groups].map(([index, rows]) => ({
    isClosed: rows.length === count,
    bar: barOf(rows, index + 1, {
      tfDays: count,
      countDaysRemaining: count - rows.length,
      isPartialStart: false,
      countsFrom: rows[0]?.day ?? Number.NaN,
    }),
  }));
}

function calendarBars(bars: readonly DailyBar[], timeframe: Timeframe): OracleBars['newest'][] {
  const firstDay = bars[0]?.day ?? Number.NaN;
  const newestDay = bars.at(-1)?.day ?? Number.NaN;
  return windowsOf(timeframe, firstDay, newestDay).map(({ seq, start, end }) => {
    const rows = bars.filter(({ day }) => day >= start && day < end);
    if (rows.length === 0) return null;
    const bar = barOf(rows, seq, {
      tfDays: end - start,
      countDaysRemaining: end - 1 - (rows.at(-1)?.day ?? Number.NaN),
      isPartialStart: timeframe.alignment.startsWith('cal_anchor') && firstDay > start,
      countsFrom: Math.max(start, firstDay),
    });
    return { bar, isClosed: newestDay >= end - 1 };
  });
}

/** Every bar of a timeframe over the accepted days of an asset. */
export function oracleBars(timeframe: Timeframe, bars: readonly DailyBar[]): OracleBars {
  const all = timeframe.unit === 'D' ? rollingBars(bars, timeframe.count) : calendarBars(bars, timeframe);
  const existing = all.filter((entry) => entry !== null);
  return {
    closed: existing.filter(({ isClosed }) => isClosed).map(({ bar }) => bar),
    newest: existing.at(-1) ?? null,
  };
}
