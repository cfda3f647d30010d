/** How one table of one asset stands: the cells of the freshness grid (decision 103). */

export const TABLE_STATUSES = [
  'fresh',
  'source_late',
  'behind',
  'stale',
  'never_built',
  'failed',
  'quarantined',
  'retired',
] as const;
export type TableStatus = (typeof TABLE_STATUSES)[number];

/** What is known of an asset whatever the table. */
export interface AssetFacts {
  isActive: boolean;
  nowUs: number;
  /** Whether a table that has come as far as this time (epoch microseconds) is too old: by the calendar, or by hours. */
  isOld: (takenUs: number) => boolean;
  /** What is to be said of one that is level with its source: that no day is expected any more; null: nothing. */
  remark: string | null;
}

/** What is known of one table of it. */
export interface TableFacts {
  /** Why the component that builds it skips the asset, and why it failed in the newest run; null: it does neither. */
  quarantined: string | null;
  failed: string | null;
  /** Newest source time that it has taken in, epoch microseconds; null: nothing was built. */
  takenUs: number | null;
  /** Why nothing was built. */
  missing: string;
  /** Source days that it has not taken in. */
  lagDays: number;
  /** What of it waits, as phrases; [] when it is level. */
  waits: readonly string[];
}

export interface TableFreshness {
  status: TableStatus;
  /** Hours since the newest source time that it has taken in. */
  ageHours: number | null;
  reason: string;
}

const HOUR_US = 3_600_000_000;

/**
 * The worst that is true of it. What no run will change (retired, quarantined) comes before what went wrong, that before
 * what waits; and only what is level with its source can be old through no fault of ours.
 */
export function judgeTable(asset: AssetFacts, table: TableFacts): TableFreshness {
  const { takenUs, waits } = table;
  const ageHours = takenUs === null ? null : (asset.nowUs - takenUs) / HOUR_US;
  const end = (status: TableStatus, reason: string) => ({ status, ageHours, reason });
  if (!asset.isActive) return end('retired', 'retired: no run touches it');
  if (table.quarantined !== null) return end('quarantined', `quarantined: ${table.quarantined}`);
  if (table.failed !== null) return end('failed', `failed: ${table.failed}`);
  if (takenUs === null) return end('never_built', `never built: ${table.missing}`);
  const isOld = asset.isOld(takenUs);
  if (waits.length > 0 || table.lagDays > 0) return end(isOld ? 'stale' : 'behind', waits.join('; '));
  if (isOld) return end('source_late', asset.remark ?? 'the source is late: everything that it has is in');
  return end('fresh', asset.remark ?? 'level with the source');
}
