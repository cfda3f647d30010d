import { parseIdList } from '../domain/text/ids.js';
import { listActiveIds } from '../storage/assets/assets.js';
import { openDatabase } from '../storage/session/database.js';
import { resolveDatabaseUrl } from '../storage/settings/database-url.js';

export type { FreshnessResult } from '../domain/validation/freshness.js';
export { checkBarFreshness, getFreshIds } from '../orchestration/freshness/freshness.js';

/** Reads "all" or "1,52,825"; null = all. Throws UsageError naming what is no id. */
export function parseIds(text: string): number[] | null;
/** The same, "all" being the active ids of dim_assets, ascending. */
export function parseIds(text: string, dbUrl: string): Promise<number[]>;
/** Both forms in one: with a URL "all" is looked up. */
export function parseIds(text: string, dbUrl?: string): number[] | null | Promise<number[]> {
  if (dbUrl === undefined) return parseIdList(text);
  return readIds(text, dbUrl);
}

async function readIds(text: string, dbUrl: string): Promise<number[]> {
  const ids = parseIdList(text);
  if (ids !== null) return ids;
  const database = openDatabase(dbUrl, { maxConnections: 1 });
  try {
    return await database.read(listActiveIds);
  } finally {
    await database.close();
  }
}

/**
 * The database URL: the argument, then db_config.env (this directory and up to five parents), then TARGET_DB_URL, then
 * MARKETDATA_DB_URL. Throws UsageError naming the ways when none gives one.
 */
export function resolveDbUrl(cliDbUrl?: string): string {
  return resolveDatabaseUrl(cliDbUrl === undefined ? {} : { cliDbUrl }).url;
}
