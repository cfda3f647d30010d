/** What verify found about one asset. */

import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Finding } from '../../domain/validation/difference.js';

/** A day on which the source and the 1D bars (or their rejects) say different things. */
export interface SourceDay {
  /** 'YYYY-MM-DD'. */
  day: string;
  what: string;
}

export interface AssetVerdict {
  id: number;
  /** Stored rows. */
  days: number;
  bars: number;
  points: number;
  /** Of everything that is stored, in hex; see docs/reference/verify.md. */
  sha256: string;
  series: { name: string; sha256: string }[];
  differences: number;
  /** Rows that differ, by table. */
  byTable: Record<string, number>;
  /** The first of them, in the order of their place. */
  findings: Finding[];
  /** null: not compared with the source. */
  sourceDays: SourceDay[] | null;
  /** EMAs that were not compared, because a change of their bars is known and they still wait for a repair. */
  waiting: { alignment: Alignment; waitsFor: string }[];
  /** Series of the catalogue that have never been built. */
  unbuiltBars: number;
  unbuiltEmas: number;
  /** Series that were built and are gone as a whole; each of their rows is a difference. */
  lostSeries: number;
  /** Why its newest work failed, with the component; null: it did not. */
  lastFailure: string | null;
  /** Why the asset could not be compared; null: it was. */
  error: string | null;
}

/** Whether nothing is stored of an asset, and nothing is known that should be. */
export function isNeverBuilt({ days, bars, points, differences, error }: AssetVerdict): boolean {
  return days + bars + points === 0 && differences === 0 && error === null;
}

/** Whether everything that is stored is what it should be. */
export function isClean({ differences, error }: AssetVerdict): boolean {
  return differences === 0 && error === null;
}
