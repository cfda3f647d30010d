/** Splits and redenominations: prices of the days before one, in the unit that the asset has since. */

import { type Day, dayOfUs, formatDay, parseDay } from '../calendar/day.js';
import type { DailyBar } from './daily-bar.js';

/** On its day `oldUnits` units became `newUnits`; whole numbers below 2^53. */
export interface Split {
  day: Day;
  newUnits: number;
  oldUnits: number;
  /** Volume is counted in units, not in money, and so is more after a split. */
  isVolumeInUnits: boolean;
}

/** Those that count once the source has come as far as this, by day: an announced one changes no price before its day. */
export function effectiveSplits(splits: readonly Split[], newestUs: number | null): Split[] {
  if (splits.length === 0 || newestUs === null) return [];
  const newestDay = dayOfUs(newestUs);
  return splits.filter(({ day }) => day <= newestDay).sort((a, b) => a.day - b.day);
}

/** "4:1": new units to old ones, in lowest terms. */
export function formatRatio({ newUnits, oldUnits }: Pick<Split, 'newUnits' | 'oldUnits'>): string {
  const { above, below } = reduce(BigInt(newUnits), BigInt(oldUnits));
  return `${above}:${below}`;
}

const SEPARATOR = ', ';

/** One text for splits that do the same, given by day: "2020-08-31 4:1, 2022-03-01 1:1000 with volume". */
export function formatSplits(splits: readonly Split[]): string {
  return splits.map(formatSplit).join(SEPARATOR);
}

function formatSplit(split: Split): string {
  return `${formatDay(split.day)} ${formatRatio(split)}${split.isVolumeInUnits ? ' with volume' : ''}`;
}

/** The splits that a text of formatSplits stands for. */
export function parseSplits(text: string): Split[] {
  return listOf(text).map((each) => {
    const [day = '', ratio = '', ...rest] = each.split(' ');
    const [newUnits, oldUnits] = ratio.split(':').map(Number) as [number, number];
    return { day: parseDay(day), newUnits, oldUnits, isVolumeInUnits: rest.length > 0 };
  });
}

/** What differs between two texts of formatSplits: "2020-08-31 4:1 new"; null: nothing. */
export function describeSplitChange(before: string, after: string): string | null {
  if (before === after) return null;
  const [old, now] = [new Set(listOf(before)), new Set(listOf(after))];
  const gone = [...old].filter((each) => !now.has(each)).map((each) => `${each} gone`);
  const added = [...now].filter((each) => !old.has(each)).map((each) => `${each} new`);
  return [...gone, ...added].join(SEPARATOR);
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(SEPARATOR);
}

export const STANDINGS = ['applied', 'waiting', 'announced', 'taken back'] as const;

/** A split for people: what it is, and whether the bars are built with it. */
export interface SplitStanding {
  /** As in formatSplits: "2020-08-31 4:1". */
  split: string;
  note: string | null;
  /** waiting: the next run applies it. announced: it does when the source has come to its day. taken back: the next run does without it. */
  standing: (typeof STANDINGS)[number];
}

/** Where recorded splits stand, by day, beside the text of those that the 1D bars were built with. */
export function standSplits(
  recorded: readonly (Split & { note: string | null })[],
  { applied, lastSrcUs }: { applied: string; lastSrcUs: number | null },
): SplitStanding[] {
  const built = new Set(listOf(applied));
  const lastDay = lastSrcUs === null ? Number.NEGATIVE_INFINITY : dayOfUs(lastSrcUs);
  const found = recorded.map((each): SplitStanding => {
    const split = formatSplit(each);
    const standing = built.delete(split) ? 'applied' : each.day <= lastDay ? 'waiting' : 'announced';
    return { split, note: each.note, standing };
  });
  const gone = [...built].map((split): SplitStanding => ({ split, note: null, standing: 'taken back' }));
  return [...found, ...gone].sort((a, b) => (a.split < b.split ? -1 : 1));
}

/** A positive number as a fraction, exactly. */
interface Ratio {
  above: bigint;
  below: bigint;
}

function reduce(above: bigint, below: bigint): Ratio {
  let [a, b] = [above, below];
  while (b !== 0n) [a, b] = [b, a % b];
  return { above: above / a, below: below / a };
}

/** What days before the first of some splits are multiplied by. */
interface Factor {
  splits: readonly Split[];
  price: Ratio;
  volume: Ratio;
}

/** The factor of days before splits[index], by index: that of all splits from it on. */
function factorsOf(splits: readonly Split[]): Factor[] {
  const one: Ratio = { above: 1n, below: 1n };
  const factors: Factor[] = [];
  let { price, volume } = { price: one, volume: one };
  for (const [index, split] of [...splits.entries()].reverse()) {
    const [fresh, old] = [BigInt(split.newUnits), BigInt(split.oldUnits)];
    price = reduce(price.above * old, price.below * fresh);
    if (split.isVolumeInUnits) volume = reduce(volume.above * fresh, volume.below * old);
    factors[index] = { splits: splits.slice(index), price, volume };
  }
  return factors;
}

/**
 * Accepted days in the unit of the newest one: `bars` by day, as delivered, and the splits that count, by day. Open, high,
 * low and close of days before a split are scaled, and the volume where it is counted in units; a positive factor keeps
 * their order. Throws, naming day and splits, where a number becomes too large, or too small to differ from 0.
 */
export function adjustForSplits(bars: DailyBar[], splits: readonly Split[]): DailyBar[] {
  if (splits.length === 0) return bars;
  const factors = factorsOf(splits);
  let next = 0;
  return bars.map((bar) => {
    while (next < splits.length && (splits[next] as Split).day <= bar.day) next += 1;
    const factor = factors[next];
    return factor === undefined ? bar : adjustBar(bar, factor);
  });
}

/** How many neighbouring doubles are tried for the one that gives the adjusted value. */
const NEIGHBOURS = 8;

/**
 * A value that adjusting with these splits turns into the one given, for a day before them; the nearest there is where none
 * does. `below / above` undone is off by a rounding or two, so the neighbours are tried.
 */
export function undoSplitsOf(
  row: Pick<DailyBar, 'day' | 'open' | 'high' | 'low' | 'close' | 'volume'>,
  splits: readonly Split[],
): Pick<DailyBar, 'open' | 'high' | 'low' | 'close' | 'volume'> {
  const next = splits.findIndex(({ day }) => day > row.day);
  const factor = factorsOf(splits)[next];
  const { open, high, low, close, volume } = row;
  if (factor === undefined) return { open, high, low, close, volume };
  return {
    open: unscale(open, factor.price),
    high: unscale(high, factor.price),
    low: unscale(low, factor.price),
    close: unscale(close, factor.price),
    volume: volume === null ? null : unscale(volume, factor.volume),
  };
}

function unscale(value: number, { above, below }: Ratio): number {
  const near = (value * Number(below)) / Number(above);
  const step = Math.max(Math.abs(near) * 2 ** -53, Number.MIN_VALUE);
  for (let distance = 0; distance <= NEIGHBOURS; distance += 1)
    for (const candidate of [near + distance * step, near - distance * step])
      if ((candidate * Number(above)) / Number(below) === value) return candidate;
  return near;
}

function adjustBar(bar: DailyBar, factor: Factor): DailyBar {
  const scaled = { ...bar };
  for (const field of ['open', 'high', 'low', 'close'] as const)
    scaled[field] = scale(bar[field], factor.price, { bar, field, factor });
  if (bar.volume !== null) scaled.volume = scale(bar.volume, factor.volume, { bar, field: 'volume', factor });
  return scaled;
}

/** First times, then over: a price of 3 split 10:1 is 0.3, which 3 · 0.1 is not. */
function scale(
  value: number,
  { above, below }: Ratio,
  place: { bar: DailyBar; field: string; factor: Factor },
): number {
  const scaled = (value * Number(above)) / Number(below);
  if (Number.isFinite(scaled) && (scaled !== 0 || value === 0)) return scaled;
  const { bar, field, factor } = place;
  const size = scaled === 0 ? 'too small' : 'too large';
  throw new Error(
    `the ${field} of ${formatDay(bar.day)} (${value}) is ${size} a number when it is put into the unit after its splits ` +
      `(${formatSplits(factor.splits)}): correct the price, or the split with "barwright asset split"`,
  );
}
