/** Freshness of an asset's 1D bars, by the age of the newest source timestamp that was read. */
export const FRESHNESS_REASONS = ['fresh', 'stale', 'no_state'] as const;
export type FreshnessReason = (typeof FRESHNESS_REASONS)[number];

export interface FreshnessResult {
  id: number;
  /** Newest source timestamp processed; null when nothing was ever processed. */
  lastSrcTs: Date | null;
  isFresh: boolean;
  /** now − lastSrcTs in hours, negative when it lies in the future; null without a watermark. */
  stalenessHours: number | null;
  reason: FreshnessReason;
}

export const DEFAULT_STALENESS_HOURS = 48;
const HOUR_US = 3_600_000_000;

/**
 * Judges one watermark against the clock `nowUs` (epoch microseconds): fresh up to and including `maxStalenessHours`.
 * A watermark in the future is fresh with a negative age.
 */
export function assessFreshness(
  watermark: { id: number; lastSrcUs: number | null },
  nowUs: number,
  maxStalenessHours: number,
): FreshnessResult {
  const { id, lastSrcUs } = watermark;
  if (lastSrcUs === null)
    return { id, lastSrcTs: null, isFresh: false, stalenessHours: null, reason: 'no_state' };
  // Compared in whole microseconds: the hours are for people.
  const isFresh = nowUs - lastSrcUs <= maxStalenessHours * HOUR_US;
  return {
    id,
    lastSrcTs: new Date(Math.floor(lastSrcUs / 1000)),
    isFresh,
    stalenessHours: (nowUs - lastSrcUs) / HOUR_US,
    reason: isFresh ? 'fresh' : 'stale',
  };
}
