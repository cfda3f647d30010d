/** Are accepted days plausible? Each rule looks at a day and at few days before it, so that appending equals rebuilding. */
import type { Day } from '../calendar/day.js';
import type { FindingKind, PriceFinding } from './finding.js';

/** Accepted days of one asset as columns, in order and in one unit (splits applied); a missing volume is NaN. */
export interface JudgedDays {
  readonly length: number;
  readonly day: ArrayLike<Day>;
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume: ArrayLike<number>;
}

/** Days before the first new one that the rules look at; with fewer, they must be all that there are. */
export const CONTEXT_DAYS = 32;

const JUMP = 8;
const SPIKE = 3;
const FROZEN_DAYS = 10;
/** An asset whose prices stay within 5 % over so many days hardly moves: equal days are no wonder. */
const MOVES = 1.05;
const MOVE_DAYS = CONTEXT_DAYS - 1;
const HUGE_PRICE = 1e15;

/** Volumes before a day that its own is compared with. */
const VOLUME_DAYS = 20;
const FEWEST_VOLUMES = 5;
/** So far outside of all that it was before a volume must be. */
const OUTSIDE = 8;
/** A change between coins and money is a factor like the price; a smaller one could be a lively day. */
const LEAST_PRICE_FACTOR = 50;
const NEAR_PRICE = 3;
/** Thousands and millions: another factor counts when it lasts. */
const UNIT_FACTOR = 1000;
const UNIT_LASTS = 3;

/** A finding about `days[index]` that is known when the row looked at has come. */
interface Found {
  index: number;
  kind: FindingKind;
  factor: number;
}

type Rule = (days: JudgedDays, at: number) => Found | null;

const RULES: readonly Rule[] = [
  findJump,
  findSpike,
  findFrozen,
  findVolumeUnit,
  findLastingUnit,
  findHugePrice,
];

/**
 * What is not plausible of the days from `days[from]` on, and what they show of days before them, in the order in which
 * it becomes known. The rows before `from` are context: CONTEXT_DAYS of them, or all that there are.
 */
export function judgePlausibility(days: JudgedDays, from = 0): PriceFinding[] {
  const found = new Map<string, PriceFinding>();
  for (let at = from; at < days.length; at += 1) {
    for (const rule of RULES) {
      const hit = rule(days, at);
      if (hit === null) continue;
      const day = days.day[hit.index] as Day;
      const finding = { day, kind: hit.kind, factor: Number(hit.factor.toPrecision(6)) };
      found.set(`${day} ${hit.kind}`, finding);
    }
  }
  return [...found.values()];
}

/** How many times the one is the other, whichever way. */
function distance(factor: number): number {
  return factor >= 1 ? factor : 1 / factor;
}

function closeFactor({ close }: JudgedDays, at: number): number {
  return (close[at] as number) / (close[at - 1] as number);
}

function findJump(days: JudgedDays, at: number): Found | null {
  if (at === 0) return null;
  const factor = closeFactor(days, at);
  return distance(factor) >= JUMP ? { index: at, kind: 'jump', factor } : null;
}

/** Three times and back, on the day before: a day that is a jump already is said once. */
function findSpike(days: JudgedDays, at: number): Found | null {
  if (at < 2) return null;
  const [there, back] = [closeFactor(days, at - 1), closeFactor(days, at)];
  const isThereAndBack = there > 1 ? back <= 1 / SPIKE : back >= SPIKE;
  if (distance(there) < SPIKE || distance(there) >= JUMP || !isThereAndBack) return null;
  return { index: at - 1, kind: 'spike', factor: there };
}

/** The tenth equal day; the eleventh is the same story. */
function findFrozen(days: JudgedDays, at: number): Found | null {
  if (at < FROZEN_DAYS - 1) return null;
  for (let back = 0; back < FROZEN_DAYS - 1; back += 1) if (!isLikeBefore(days, at - back)) return null;
  if (at >= FROZEN_DAYS && isLikeBefore(days, at - FROZEN_DAYS + 1)) return null;
  return moves(days, at) ? { index: at, kind: 'frozen', factor: FROZEN_DAYS } : null;
}

function isLikeBefore({ open, high, low, close, volume }: JudgedDays, at: number): boolean {
  return [open, high, low, close, volume].every((column) => Object.is(column[at], column[at - 1]));
}

function moves({ high, low }: JudgedDays, at: number): boolean {
  let [top, bottom] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let index = Math.max(0, at - MOVE_DAYS + 1); index <= at; index += 1) {
    top = Math.max(top, high[index] as number);
    bottom = Math.min(bottom, low[index] as number);
  }
  return top / bottom > MOVES;
}

/** Coins where money stood, or money where coins stood: the factor is about the price. */
function findVolumeUnit(days: JudgedDays, at: number): Found | null {
  const volume = days.volume[at] as number;
  const before = volumesBefore(days, at);
  if (!(volume > 0) || before.length < FEWEST_VOLUMES || !isOutside(volume, before, OUTSIDE)) return null;
  const factor = volume / medianOf(before);
  const price = days.close[at] as number;
  const isPrice = (value: number) => value > price / NEAR_PRICE && value < price * NEAR_PRICE;
  if (distance(factor) < LEAST_PRICE_FACTOR || !(isPrice(factor) || isPrice(1 / factor))) return null;
  return { index: at, kind: 'volume_unit', factor };
}

/** A thousand times as much, or as little, three days in a row: the first of them is named. */
function findLastingUnit(days: JudgedDays, at: number): Found | null {
  const first = at - UNIT_LASTS + 1;
  if (first < FEWEST_VOLUMES) return null;
  const before = volumesBefore(days, first);
  if (before.length < FEWEST_VOLUMES) return null;
  const factors: number[] = [];
  for (let index = first; index <= at; index += 1) {
    const volume = days.volume[index] as number;
    if (!(volume > 0) || !isOutside(volume, before, UNIT_FACTOR)) return null;
    factors.push(volume / medianOf(before));
  }
  if (factors.some((factor) => factor > 1 !== (factors[0] as number) > 1)) return null;
  return { index: first, kind: 'volume_unit', factor: factors[0] as number };
}

/** Volumes above 0 of the days before. */
function volumesBefore({ volume }: JudgedDays, at: number): number[] {
  const before: number[] = [];
  for (let index = Math.max(0, at - VOLUME_DAYS); index < at; index += 1) {
    const value = volume[index] as number;
    if (value > 0) before.push(value);
  }
  return before;
}

function isOutside(volume: number, before: readonly number[], factor: number): boolean {
  return volume > Math.max(...before) * factor || volume < Math.min(...before) / factor;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** The first day of a run of them. */
function findHugePrice({ high }: JudgedDays, at: number): Found | null {
  const price = high[at] as number;
  if (!(price > HUGE_PRICE) || (at > 0 && (high[at - 1] as number) > HUGE_PRICE)) return null;
  return { index: at, kind: 'huge_price', factor: price / HUGE_PRICE };
}
