import type { AssetOutcome } from './outcome.js';

/** The counts of an asset on which nothing was done. */
export const NO_WORK = {
  rowsNeeded: 0,
  rowsWritten: 0,
  rejects: 0,
  repairs: 0,
  gaps: 0,
  backfilled: false,
} as const satisfies Partial<AssetOutcome>;
