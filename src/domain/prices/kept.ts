/** Days that stay though the source does not prove them any more: what is kept of them, and what they say. Pure. */
import { type Day, dayOfUs, formatDay } from '../calendar/day.js';
import { type DailyPrice, judgePrices, type KeptReason } from './price.js';
import { type Split, undoSplitsOf } from './split.js';

/** What is kept of an asset, in sum. */
export interface KeptSums {
  /** Days that the source lost at its beginning, and days whose rows would be refused today. */
  gone: number;
  refused: number;
  /** Stamp of the newest. */
  newestUs: number;
}

/** Days that the source has lost at its beginning since the last run, and that have a 1D bar. */
export interface LostDays {
  days: number;
  fromDay: Day;
  toDay: Day;
}

/** A 1D bar that is to stay, as columns of a source row, and its row as given where that is recorded. */
export interface KeepableDay {
  /** In the unit that the stored bars are in. */
  bar: DailyPrice & { timeOpenUs: number; timeCloseUs: number; open: number; close: number };
  given: DailyPrice | null;
}

/**
 * The row that a stored bar is made of, as the source had it: as it was given where that is recorded, else the bar's own values
 * without the splits that it was built with. Judging it gives the bar.
 */
export function priceToKeep(
  { bar, given }: KeepableDay,
  splits: readonly Split[],
  kept: KeptReason,
): DailyPrice {
  const { timeOpenUs, timeCloseUs, loadTsUs } = bar;
  if (given !== null) {
    const price = { ...given, timeOpenUs, timeCloseUs, loadTsUs, kept };
    if (judgePrices([price], 1).bars.length === 1) return price;
  }
  const { open, close, volume } = bar;
  const [high, low] = [bar.high ?? Math.max(open, close), bar.low ?? Math.min(open, close)];
  const row = { day: dayOfUs(bar.timestampUs), open, high, low, close, volume };
  return { ...bar, ...undoSplitsOf(row, splits), kept };
}

/** Source rows and kept ones as one list in the order that judgePrices asks for. */
export function joinKept(prices: readonly DailyPrice[], kept: readonly DailyPrice[]): DailyPrice[] {
  if (kept.length === 0) return [...prices];
  // The sort is stable: rows of one stamp stay as they are, the kept one first.
  return [...kept, ...prices].sort((a, b) => a.timestampUs - b.timestampUs);
}

/** "3 days (2020-01-01 to 2020-01-03)". */
export function formatLost({ days, fromDay, toDay }: LostDays): string {
  const from = formatDay(fromDay);
  const span = fromDay === toDay ? from : `${from} to ${formatDay(toDay)}`;
  return `${days === 1 ? '1 day' : `${days} days`} (${span})`;
}

/** Stamp of the newest of all days, kept ones too; `maxUs` is that of the source's. */
export function newestOf(kept: KeptSums | null, maxUs: number | null): number | null {
  return kept === null ? maxUs : Math.max(kept.newestUs, maxUs ?? Number.NEGATIVE_INFINITY);
}

/** What a repair does about such days, as phrases of its reason. */
export function listKeptReasons(
  { lost, kept }: { lost: LostDays | null; kept: KeptSums | null },
  isAccepting: boolean,
): string[] {
  if (!isAccepting) return lost === null ? [] : [`keep ${formatLost(lost)} before the source's first day`];
  const days = kept === null ? 0 : kept.gone + kept.refused;
  return [
    ...(lost === null ? [] : [`drop ${formatLost(lost)}`]),
    ...(days === 0 ? [] : [`drop ${days === 1 ? '1 day' : `${days} days`} kept so far`]),
  ];
}

/** Why days are kept, after "ID 52: 3 days (2020-01-01 to 2020-01-03)". */
export const WHY_KEPT: Readonly<Record<KeptReason, string>> = {
  gone: 'that the source has lost at its beginning',
  refused: 'of rows that do not span one UTC day and would be refused now',
};
