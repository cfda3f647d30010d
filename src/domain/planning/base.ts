/** Which base the bars of an asset can be repaired from, instead of from the first day. Pure. */

import { JUDGING_VERSION } from '../prices/price.js';
import { effectiveSplits, formatSplits } from '../prices/split.js';
import type { SourceBase } from '../source/extent.js';
import type { BarFacts } from './plan.js';

/**
 * The base after which everything that has changed lies, where it is what a rebuild of today has on that day: of the same
 * source and first row, with the same splits, by the same rules, without a day that is kept. null: there is none.
 */
export function baseOf({ daily, source, splits, kept, lost }: BarFacts): SourceBase | null {
  const base = source?.base ?? null;
  if (base === null || daily === null || source === null || kept !== null || lost !== null) return null;
  const isSame =
    base.source === source.relation &&
    base.dailyMinSeenUs === source.minUs &&
    base.rules === JUDGING_VERSION &&
    base.splits === formatSplits(effectiveSplits(splits, source.maxUs));
  return isSame ? base : null;
}
