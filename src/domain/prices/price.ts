/** What a source day must be to become a 1D bar: repair and reject rules (semantics.md §2). */

import { type Day, dayOfUs, formatDay } from '../calendar/day.js';
import type { DailyBar } from './daily-bar.js';
import { isLocalDay, spanOfRow } from './span.js';
import { adjustForSplits, type Split } from './split.js';

/**
 * The rules of this file as a number, kept in the state of the 1D bars: an asset that was judged by other rules is judged again.
 * Raise it with every change that can make another bar or another reject of the same row.
 */
export const JUDGING_VERSION = 2;

/** Why a day stays that the source does not prove any more: it lost its oldest days, or its row would be refused today. */
export const KEPT_REASONS = ['gone', 'refused'] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

/** One source day as delivered. Times are epoch microseconds; NaN and ±Infinity count as null everywhere but in timestampUs. */
export interface DailyPrice {
  timestampUs: number;
  timeOpenUs: number | null;
  timeCloseUs: number | null;
  timeHighUs: number | null;
  timeLowUs: number | null;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  marketCap: number | null;
  name: string | null;
  sourceFile: string | null;
  loadTsUs: number | null;
  /** It is no row of the source, but one that is kept: it is taken whatever it spans, on a day that no row of the source proves. */
  kept?: KeptReason;
}

/** Why a row is refused; the first that applies. */
export const REJECT_REASONS = [
  'null_open_close',
  'null_time_open_time_close',
  'time_open_gt_time_close',
  'not_one_utc_day',
  'non_positive_price',
  'duplicate_day',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Reasons by the JUDGING_VERSION that they are new in. */
const NEW_REASONS: Readonly<Record<number, readonly RejectReason[]>> = { 2: ['not_one_utc_day'] };

/** The reasons for which a row is refused now and was not by the rules of that version. */
export function reasonsSince(rules: number): RejectReason[] {
  return Object.entries(NEW_REASONS).flatMap(([version, reasons]) =>
    Number(version) > rules ? reasons : [],
  );
}

/** Which field of an accepted row was changed. */
export const REPAIR_FLAGS = [
  'repaired_timehigh',
  'repaired_timelow',
  'repaired_high',
  'repaired_low',
  'repaired_volume',
] as const;
export type RepairFlag = (typeof REPAIR_FLAGS)[number];

/** What is remarkable about an accepted row that was taken as it is: it was loaded before its day was over, and not again after that. */
export const REMARKS = ['unconfirmed'] as const;
export type Remark = (typeof REMARKS)[number];

/** One row of the rejects table: a refused row, a repaired field or a remark, with the values as given. */
export interface PriceReject {
  timestampUs: number;
  action: 'repaired' | 'rejected' | 'accepted';
  reason: RejectReason | RepairFlag | Remark;
  price: DailyPrice;
}

export interface JudgedPrices {
  bars: DailyBar[];
  /** As delivered, whatever splits there are. (timestampUs, reason) is unique; of several rows of one timestamp the last one given stands. */
  rejects: PriceReject[];
  /** The kept ones among the rows given that became bars; of the others the source proves the day. */
  kept: DailyPrice[];
}

/** A row whose open, close and times can be relied on. */
interface Sound {
  price: DailyPrice;
  day: Day;
  timeOpenUs: number;
  timeCloseUs: number;
  open: number;
  close: number;
  high: number | null;
  low: number | null;
}

/** null for null, NaN and ±Infinity; −0 becomes 0. */
function finiteOrNull(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value + 0;
}

function isNonPositive(value: number | null): boolean {
  return value !== null && value <= 0;
}

/** What the rows of a source span: the UTC day of their timestamp, or a day or session of the source's zone. */
export type RowsOf = 'utc_days' | 'local_days';

/** What rows are judged by beside themselves. */
export interface JudgeOptions {
  /** The splits that count (see effectiveSplits). */
  splits?: readonly Split[];
  /** Left out: UTC days. */
  rowsOf?: RowsOf;
}

function isNegative(value: number | null): boolean {
  return value !== null && value < 0;
}

/** The row, or the reason why it cannot become a bar. */
function examine(price: DailyPrice, rowsOf: RowsOf): Sound | RejectReason {
  const open = finiteOrNull(price.open);
  const close = finiteOrNull(price.close);
  const timeOpenUs = finiteOrNull(price.timeOpenUs);
  const timeCloseUs = finiteOrNull(price.timeCloseUs);
  if (open === null || close === null) return 'null_open_close';
  if (timeOpenUs === null || timeCloseUs === null) return 'null_time_open_time_close';
  if (timeOpenUs > timeCloseUs) return 'time_open_gt_time_close';
  const given = { timestampUs: price.timestampUs, timeOpenUs, timeCloseUs };
  const times = timesOf(given, rowsOf) ?? (price.kept === undefined ? null : { timeOpenUs, timeCloseUs });
  if (times === null) return 'not_one_utc_day';
  const high = finiteOrNull(price.high);
  const low = finiteOrNull(price.low);
  if ([open, high, low, close].some(isNonPositive)) return 'non_positive_price';
  return { price, day: dayOfUs(price.timestampUs), ...times, open, close, high, low };
}

/** First and last instant of the row's day; null: it does not span one. */
function timesOf(
  row: { timestampUs: number; timeOpenUs: number; timeCloseUs: number },
  rowsOf: RowsOf,
): Pick<Sound, 'timeOpenUs' | 'timeCloseUs'> | null {
  const { timeOpenUs, timeCloseUs } = row;
  if (rowsOf === 'local_days') return isLocalDay(row) ? { timeOpenUs, timeCloseUs } : null;
  const span = spanOfRow(row);
  return span.isDay ? { timeOpenUs: span.timeOpenUs, timeCloseUs: span.timeCloseUs } : null;
}

/** The time of an extreme: null where it is not known, 'wrong' where it lies outside of the day. */
function timeOfExtreme(timeUs: number | null, sound: Sound): number | 'wrong' | null {
  const time = finiteOrNull(timeUs);
  return time !== null && (time < sound.timeOpenUs || time > sound.timeCloseUs) ? 'wrong' : time;
}

function repair(sound: Sound, barSeq: number): DailyBar {
  const { price, timeOpenUs, timeCloseUs, open, close } = sound;
  const timeHigh = timeOfExtreme(price.timeHighUs, sound);
  const timeLow = timeOfExtreme(price.timeLowUs, sound);
  const volume = finiteOrNull(price.volume);
  // A price whose time is wrong is dropped; the extremes ignore what is null, which `?? open` has the same effect as.
  // A price whose time is not known stays: hardly anybody records these times.
  const high1 = timeHigh === 'wrong' ? Math.max(open, close) : sound.high;
  const low1 = timeLow === 'wrong' ? Math.min(open, close) : sound.low;
  const high = Math.max(high1 ?? open, open, close, low1 ?? open);
  const low = Math.min(low1 ?? open, open, close, high1 ?? open);
  return {
    barSeq,
    day: sound.day,
    timestampUs: price.timestampUs,
    timeOpenUs,
    timeCloseUs,
    timeHighUs: typeof timeHigh === 'number' ? timeHigh : close >= open ? timeCloseUs : timeOpenUs,
    timeLowUs: typeof timeLow === 'number' ? timeLow : close <= open ? timeCloseUs : timeOpenUs,
    open,
    high,
    low,
    close,
    volume: isNegative(volume) ? null : volume,
    marketCap: finiteOrNull(price.marketCap),
    repairedTimeHigh: timeHigh === 'wrong',
    repairedTimeLow: timeLow === 'wrong',
    repairedHigh: high !== sound.high,
    repairedLow: low !== sound.low,
    srcName: price.name,
    srcFile: price.sourceFile,
    srcLoadTsUs: price.loadTsUs,
  };
}

function flagsOf(bar: DailyBar, price: DailyPrice): RepairFlag[] {
  const { repairedTimeHigh, repairedTimeLow, repairedHigh, repairedLow } = bar;
  const isVolumeChanged = isNegative(finiteOrNull(price.volume));
  const changed = [repairedTimeHigh, repairedTimeLow, repairedHigh, repairedLow, isVolumeChanged];
  return REPAIR_FLAGS.filter((_, index) => changed[index]);
}

/** Rejects under their key, so that a repeated key keeps the last row given. */
class RejectList {
  readonly #byKey = new Map<string, PriceReject>();

  add(price: DailyPrice, action: PriceReject['action'], reason: PriceReject['reason']): void {
    const { timestampUs } = price;
    this.#byKey.set(`${timestampUs} ${reason}`, { timestampUs, action, reason, price });
  }

  toArray(): PriceReject[] {
    return [...this.#byKey.values()];
  }
}

function checkOrder(prices: readonly DailyPrice[]): void {
  let previous = Number.NEGATIVE_INFINITY;
  for (const { timestampUs } of prices) {
    if (!Number.isFinite(timestampUs)) throw new Error(`a daily price has the timestamp ${timestampUs}`);
    if (timestampUs < previous) {
      throw new Error(
        `daily prices must be ordered by timestamp: ${formatDay(dayOfUs(timestampUs))} follows ${formatDay(dayOfUs(previous))}`,
      );
    }
    previous = timestampUs;
  }
}

/**
 * Turns source days into 1D bars (semantics.md §2): refuses, repairs, and keeps one row of each UTC day.
 *
 * `prices` are ordered by timestampUs, then loadTsUs (null first): of two rows of one day the later in this order
 * wins. A row that loses gets only its `duplicate_day` reject; a kept one loses to any, without a reject. `firstBarSeq` numbers the first accepted day.
 * Rows are judged and repaired as delivered; then accepted ones are put into the unit after the splits. Throws when the order is broken, a timestamp is not finite or a price cannot be put into that unit.
 */
export function judgePrices(
  prices: readonly DailyPrice[],
  firstBarSeq: number,
  { splits = [], rowsOf = 'utc_days' }: JudgeOptions = {},
): JudgedPrices {
  checkOrder(prices);
  const rejects = new RejectList();
  const bars: DailyBar[] = [];
  const kept: DailyPrice[] = [];
  let candidate: Sound | null = null;

  const accept = (sound: Sound): void => {
    const bar = repair(sound, firstBarSeq + bars.length);
    bars.push(bar);
    if (sound.price.kept !== undefined) kept.push(sound.price);
    for (const flag of flagsOf(bar, sound.price)) rejects.add(sound.price, 'repaired', flag);
    if (bar.srcLoadTsUs !== null && bar.srcLoadTsUs <= bar.timeCloseUs)
      rejects.add(sound.price, 'accepted', 'unconfirmed');
  };

  for (const price of prices) {
    const verdict = examine(price, rowsOf);
    if (typeof verdict === 'string') {
      rejects.add(price, 'rejected', verdict);
      continue;
    }
    if (candidate !== null) {
      // A row of the source proves its day, before or after the one that is kept.
      if (candidate.day === verdict.day && price.kept !== undefined) continue;
      if (candidate.day !== verdict.day) accept(candidate);
      else if (candidate.price.kept === undefined) rejects.add(candidate.price, 'rejected', 'duplicate_day');
    }
    candidate = verdict;
  }
  if (candidate !== null) accept(candidate);
  return { bars: adjustForSplits(bars, splits), rejects: rejects.toArray(), kept };
}
