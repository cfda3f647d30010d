import {
  assessFreshness,
  DEFAULT_STALENESS_HOURS,
  type FreshnessResult,
} from '../../domain/validation/freshness.js';
import { listWatermarks, readNow } from '../../storage/reading/freshness.js';
import { type Database, type OpenOptions, openDatabase } from '../../storage/session/database.js';

/** How the database is reached: by a connection of its own, or by one that is open. */
export interface FreshnessOptions extends Pick<OpenOptions, 'schema' | 'retry'> {
  /** A database that `dbUrl` is the URL of; it stays open. */
  open?: Pick<Database, 'read'>;
  /** Called with what the ids were sorted by, where ids are not enough. */
  onResults?: (results: readonly FreshnessResult[]) => void;
}

/**
 * Freshness of 1D bars by the database clock, inclusive at the threshold, sorted by id.
 * `ids` null: active assets and all ids with a state row, less the retired. [] is no asset.
 * Needs only a table cmc_price_bars_1d_state(id, last_src_ts); without it every id asked for is no_state.
 */
export async function checkBarFreshness(
  dbUrl: string,
  ids: readonly number[] | null = null,
  maxStalenessHours: number = DEFAULT_STALENESS_HOURS,
  options: FreshnessOptions = {},
): Promise<FreshnessResult[]> {
  if (options.open !== undefined) return assessAssets(options.open, ids, maxStalenessHours);
  const database = openDatabase(dbUrl, {
    schema: options.schema ?? 'public',
    retry: options.retry,
    maxConnections: 1,
  });
  try {
    return await assessAssets(database, ids, maxStalenessHours);
  } finally {
    await database.close();
  }
}

/** The ids with fresh bars, and the stale ones (no_state included). */
export async function getFreshIds(
  dbUrl: string,
  ids: readonly number[] | null = null,
  maxStalenessHours: number = DEFAULT_STALENESS_HOURS,
  options: FreshnessOptions = {},
): Promise<[freshIds: number[], staleIds: number[]]> {
  const results = await checkBarFreshness(dbUrl, ids, maxStalenessHours, options);
  options.onResults?.(results);
  const select = (isFresh: boolean) =>
    results.filter((result) => result.isFresh === isFresh).map(({ id }) => id);
  return [select(true), select(false)];
}

/** The same check on an open database. */
export async function assessAssets(
  database: Pick<Database, 'read'>,
  ids: readonly number[] | null,
  maxStalenessHours: number = DEFAULT_STALENESS_HOURS,
): Promise<FreshnessResult[]> {
  return database.read(async (tx) => {
    const nowUs = await readNow(tx);
    const watermarks = await listWatermarks(tx, ids);
    return watermarks.map((watermark) => assessFreshness(watermark, nowUs, maxStalenessHours));
  });
}
