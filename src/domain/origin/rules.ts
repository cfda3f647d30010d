/** Where the system that this one replaces goes by other rules on purpose, and its numbers under those rules. */

import type { Bar } from '../bars/bar.js';
import { BAR_FAMILIES } from '../bars/families/index.js';
import { type BarSnapshot, type BarTimeframe, listSnapshots } from '../bars/snapshot.js';
import { type Day, firstDayOfMonthIndex, monthIndexOfDay } from '../calendar/day.js';
import { hasBars, type Timeframe } from '../calendar/timeframe.js';
import { type DailyEma, dailyEmas } from '../emas/daily.js';
import { type EmaRow, withDifferences } from '../emas/rows.js';
import { allocateDays, type DayColumns } from '../prices/days.js';
import { type Split, undoSplits } from '../prices/split.js';

/** Known differences of the origin, by name: the "(differs)" of semantics.md about values. */
export const KNOWN_DIFFERENCES = {
  null_amount: 'a day whose volume or market cap is NULL is no day there',
  raw_rows: 'bars there are made of rows as delivered, not of repaired ones',
  splits: 'prices there are as delivered, not in the unit since a split that is recorded here',
  last_day_missing: 'a calendar bar whose last scheduled day is missing stays open there',
  anchored_months:
    'groups of anchored months that do not divide a year begin anew each year there, and overlap',
} as const;
export type KnownDifference = keyof typeof KNOWN_DIFFERENCES;

/** The ones that can be switched on by themselves or together; anchored_months is about whole series. */
const SWITCHES = ['null_amount', 'raw_rows', 'last_day_missing', 'splits'] as const;

/** Every combination of them, the smaller ones first; the empty one is our own rules. */
const RULE_SETS: readonly (readonly KnownDifference[])[] = Array.from(
  { length: 2 ** SWITCHES.length },
  (_, bits) => SWITCHES.filter((_name, at) => (bits >> at) & 1),
).sort((a, b) => a.length - b.length);

/** Extremes of a repaired day as they were delivered; NaN stands for null. */
export interface RawExtremes {
  high: number;
  low: number;
  timeHighUs: number;
  timeLowUs: number;
}

/** One asset: its accepted days, and what repaired ones were before. */
export interface OriginAsset {
  days: DayColumns;
  raw: ReadonlyMap<Day, RawExtremes>;
  /** Those that the days were built with, by day. */
  splits: readonly Split[];
}

/** The combinations that can make a difference to an asset. */
export function ruleSetsOf({ splits }: OriginAsset): readonly (readonly KnownDifference[])[] {
  return RULE_SETS.filter((rules) => splits.length > 0 || !rules.includes('splits'));
}

/** The days of an asset under these rules; null: there is none. */
export function daysUnder(
  { days, raw, splits }: OriginAsset,
  rules: readonly KnownDifference[],
): DayColumns | null {
  const kept: number[] = [];
  for (let index = 0; index < days.length; index += 1)
    if (!rules.includes('null_amount') || !hasNullAmount(days, index)) kept.push(index);
  const [first] = kept;
  if (first === undefined) return null;
  const result = allocateDays(kept.length, 1, days.day[first] as Day);
  for (const name of Object.keys(result) as (keyof DayColumns)[]) {
    const [to, from] = [result[name], days[name]];
    if (typeof to === 'number' || typeof from === 'number') continue;
    for (const [at, index] of kept.entries()) to[at] = from[index] as number;
  }
  if (rules.includes('splits')) undoSplits(result, splits);
  if (rules.includes('raw_rows')) takeRaw(result, raw);
  return result;
}

/** Whether volume or market cap of this day is NULL. */
function hasNullAmount({ volume, marketCap }: DayColumns, index: number): boolean {
  return Number.isNaN(volume[index]) || Number.isNaN(marketCap[index]);
}

function takeRaw(days: DayColumns, raw: OriginAsset['raw']): void {
  for (let index = 0; index < days.length; index += 1) {
    const given = raw.get(days.day[index] as Day);
    if (given === undefined) continue;
    days.high[index] = given.high;
    days.low[index] = given.low;
    days.timeHighUs[index] = given.timeHighUs;
    days.timeLowUs[index] = given.timeLowUs;
  }
}

/** Bars of a series as of each day under these rules. */
export function snapshotsUnder(
  timeframe: BarTimeframe,
  asset: OriginAsset,
  rules: readonly KnownDifference[],
): Map<Day, BarSnapshot> {
  const days = daysUnder(asset, rules);
  if (days === null) return new Map();
  const snapshots = listSnapshots(timeframe, days);
  if (rules.includes('last_day_missing') && isCalendar(timeframe))
    for (const [day, snapshot] of snapshots)
      if (snapshot.bar.countDaysRemaining > 0) snapshots.set(day, { ...snapshot, isClosed: false });
  return snapshots;
}

function isCalendar({ alignment }: BarTimeframe): boolean {
  return BAR_FAMILIES.some(({ name, coordinate }) => name === alignment && coordinate === 'day');
}

/** Rows of the EMA grid under these rules, by period and day. */
export function emasUnder(
  timeframe: Timeframe,
  periods: readonly number[],
  { asset, rules }: { asset: OriginAsset; rules: readonly KnownDifference[] },
): Map<string, EmaRow> {
  const days = daysUnder(asset, rules);
  if (days === null) return new Map();
  const closed = hasBars(timeframe) ? closedUnder(timeframe, asset, rules) : [];
  return emasOfCloses(timeframe, periods, {
    days,
    closes: closed.map(({ lastDay, close }) => ({ day: lastDay, close })),
  });
}

/**
 * The same of a timeframe with other windows, where a closing day is one that ends a group of months. Groups overlap, so
 * which of these days are closing ones there depends on how its bars came about: `closings` are those of its bars; null:
 * they are not known, and every end of a group is one.
 */
export function groupEmasUnder(
  timeframe: Timeframe,
  periods: readonly number[],
  {
    asset,
    rules,
    closings,
  }: { asset: OriginAsset; rules: readonly KnownDifference[]; closings: ReadonlySet<Day> | null },
): Map<string, EmaRow> {
  const days = daysUnder(asset, rules);
  if (days === null) return new Map();
  const ends = new Set(listYearlyGroups(timeframe.count, days).map(({ end }) => end - 1));
  const closes = Array.from(days.day.subarray(0, days.length), (day, index) => ({
    day,
    close: days.close[index] as number,
  })).filter(({ day }) => ends.has(day) && (closings?.has(day) ?? true));
  return emasOfCloses(timeframe, periods, { days, closes });
}

function emasOfCloses(
  { alignment, tf, nominalDays }: Timeframe,
  periods: readonly number[],
  { days, closes }: { days: DayColumns; closes: readonly { day: Day; close: number }[] },
): Map<string, EmaRow> {
  const columns = {
    length: closes.length,
    barSeq: Int32Array.from(closes, (_, index) => index + 1),
    day: Int32Array.from(closes, ({ day }) => day),
    close: Float64Array.from(closes, ({ close }) => close),
  };
  const grid = dailyEmas({ alignment, tf, tfDays: nominalDays, periods }, days, columns);
  const byPeriod = Map.groupBy(grid, ({ period }) => period);
  return new Map(
    [...byPeriod.values()].flatMap(withDifferences).map((row): [string, EmaRow] => [emaKey(row), row]),
  );
}

function closedUnder(timeframe: BarTimeframe, asset: OriginAsset, rules: readonly KnownDifference[]): Bar[] {
  const closed = [...snapshotsUnder(timeframe, asset, rules).values()].filter(({ isClosed }) => isClosed);
  return closed.map(({ bar }) => bar);
}

/** Key of a row in the grid of a series. */
export function emaKey({ period, day }: Pick<DailyEma, 'period' | 'day'>): string {
  return `${period} ${day}`;
}

/** Whether anchored_months is about this timeframe: its groups of months do not divide a year. */
export function hasOtherWindows({ alignment, unit, count }: Timeframe): boolean {
  return alignment.startsWith('cal_anchor') && unit === 'M' && 12 % count !== 0;
}

/** First days of the month groups that begin in the years of these days, each with its end: groups overlap at year's end. */
export function listYearlyGroups(count: number, days: DayColumns): { start: Day; end: Day }[] {
  const yearOf = (day: Day) => Math.floor(monthIndexOfDay(day) / 12);
  const [first, last] = [yearOf(days.assetFirstDay) - 1, yearOf(days.day[days.length - 1] as Day)];
  const groups: { start: Day; end: Day }[] = [];
  for (let year = first; year <= last; year += 1)
    for (let month = year * 12; month < (year + 1) * 12; month += count)
      groups.push({ start: firstDayOfMonthIndex(month), end: firstDayOfMonthIndex(month + count) });
  return groups;
}
