/** The JSON of GET /api/freshness; see api-types.ts. */

/**
 * The columns of the grid, from left to right: 1D bars, five alignments of bars, four families of EMAs; where an indicator
 * is active, three families of indicators.
 */
export type FreshnessTableKey =
  | 'bars_1d'
  | 'bars_multi_tf'
  | 'bars_cal_us'
  | 'bars_cal_iso'
  | 'bars_cal_anchor_us'
  | 'bars_cal_anchor_iso'
  | 'emas_multi_tf'
  | 'emas_cal'
  | 'emas_cal_anchor'
  | 'emas_v2'
  | `indicators_${'multi_tf' | 'cal' | 'cal_anchor'}`;

export interface FreshnessTable {
  key: FreshnessTableKey;
  /** Which component builds it: the one to run when it is behind. */
  component: 'bars' | 'emas' | 'indicators';
  /** Alignments in it; [] for 1D. Of several, the cell shows the worst. */
  alignments: string[];
  /** For a heading: "1D", "bars cal_us", "EMAs cal", "indicators cal". */
  label: string;
}

/**
 * - fresh: level with the source, which lacks no expected day for longer than the grace
 * - source_late: level with the source, which lacks expected days for longer: nothing for us to do
 * - behind: source days wait, or a repair; it lacks no expected day for longer than the grace
 * - stale: the same, and it does
 * - never_built: no row of it exists
 * - failed: its component failed for this asset in the newest run
 * - quarantined: failed run after run: runs leave it out
 * - retired: the asset is not active
 */
export type FreshnessStatus =
  | 'fresh'
  | 'source_late'
  | 'behind'
  | 'stale'
  | 'never_built'
  | 'failed'
  | 'quarantined'
  | 'retired';

/** Columns of one table, one element per asset, in the order of `assets`. */
export interface FreshnessColumns {
  /** Index into `statuses`. */
  status: number[];
  /** Hours since the newest day in it ended; null: nothing in it. */
  ageHours: (number | null)[];
  /** Source days that are not in it yet; 0: level; null: nothing in it. */
  lagDays: (number | null)[];
  /** Its newest day (of several series the slowest's). */
  watermark: (string | null)[];
  /** Index into `reasons`. */
  reason: number[];
}

/**
 * - good: every table is fresh and no day is implausible
 * - watch: something waits, the source is late, or a day is implausible
 * - bad: something is stale, failed, quarantined or was never built
 */
export type AssetHealth = 'good' | 'watch' | 'bad' | 'retired';

/** GET /api/health-of-assets: columns, ascending by id. */
export interface HealthListResponse {
  version: 1;
  id: number[];
  health: AssetHealth[];
  /** Why it is not good, in a few words; '' when it is. */
  why: string[];
}

/** GET /api/freshness: every asset, ascending by id. */
export interface FreshnessResponse {
  version: 1;
  /** By the database clock. */
  now: string;
  /** Older than this is stale or source_late; null: the calendar of each asset says when it is. */
  limitHours: number | null;
  statuses: FreshnessStatus[];
  /** Sentences for people, each once. */
  reasons: string[];
  tables: FreshnessTable[];
  /** Cells in which `status` is each of `statuses`, over all tables; same order. */
  counts: number[];
  assets: {
    id: number[];
    symbol: (string | null)[];
    name: (string | null)[];
    isActive: boolean[];
    /** When its prices are expected, such as "XNYS" or "learnt (Mon to Fri)"; null: retired. */
    calendar: (string | null)[];
    /** Newest source time that has been read, and the newest that there is. */
    lastSrcTs: (string | null)[];
    sourceTs: (string | null)[];
    /** When its source was last compared with what its bars were made of, and was the same; null: not since it was built. */
    provenAt: (string | null)[];
    /** The worst of its tables, its last outcome and its findings. */
    health: AssetHealth[];
    /** Implausible days that nobody has accepted. */
    findings: number[];
  };
  /** By the keys of `tables`. */
  cells: Record<FreshnessTableKey, FreshnessColumns>;
}
