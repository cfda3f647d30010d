/** Everything that the warehouse holds of one asset, to be counted and to be deleted. */
import { UsageError } from '../../domain/text/errors.js';
import { checkPricesWritable } from '../prices/staging.js';
import type { Tx } from '../session/database.js';
import { DEFAULT_SOURCE, type SourcePart } from '../source/source.js';

/** Our tables with rows of assets, in the order of deletion. Records of past runs are not among them: they stay true. */
export const ASSET_TABLES = [
  'ema_rejects',
  'price_finding',
  'price_hole',
  'series_built',
  'price_kept',
  'indicator_points',
  'indicator_carry',
  'ema_points',
  'ema_carry',
  'ema_base',
  'price_bars',
  'bar_carry',
  'bar_base',
  'daily_base',
  'cmc_price_bars_1d',
  'price_rejects',
  'cmc_price_bars_1d_state',
  'asset_quarantine',
  'asset_proof',
  'asset_calendar',
  // After the prices: deleting those files a note.
  'price_change',
  'dim_asset_split',
  'dim_assets',
] as const;

/** How many rows a table has of the asset. */
export interface TableRows {
  table: string;
  rows: number;
}

/** Whether cmc_price_histories7 in this schema is ours, and may be written. */
export async function findIsPricesOurs(tx: Tx): Promise<boolean> {
  try {
    await checkPricesWritable(tx);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** Rows of the asset in each table that a purge deletes from; with `isPricesOurs` the price table comes first. */
export async function readAssetRows(
  tx: Tx,
  { id, isPricesOurs }: { id: number; isPricesOurs: boolean },
): Promise<TableRows[]> {
  const tables = tablesOf(isPricesOurs);
  const counts = tables.map((table) => `(select count(*) from ${table} where id = $1)`);
  const rows = await tx.query<number[]>(`select ${counts.join(', ')}`, [id]);
  return tables.map((table, index) => ({ table, rows: rows[0]?.[index] ?? 0 }));
}

/** Deletes every row of the asset; returns how many went, by table. */
export async function deleteAsset(
  tx: Tx,
  { id, isPricesOurs }: { id: number; isPricesOurs: boolean },
): Promise<TableRows[]> {
  const deleted: TableRows[] = [];
  for (const table of tablesOf(isPricesOurs)) {
    deleted.push({ table, rows: await tx.execute(`delete from ${table} where id = $1`, [id]) });
  }
  return deleted;
}

function tablesOf(isPricesOurs: boolean): readonly string[] {
  return isPricesOurs ? [DEFAULT_SOURCE, ...ASSET_TABLES] : ASSET_TABLES;
}

/** Rows of the asset in a table or view that is not ours: they bring it back. */
export async function readForeignRows(tx: Tx, part: SourcePart, id: number): Promise<number> {
  const rows = await tx.query<[number]>(
    `select count(*) from ${part.relation} src where ${part.projection.idColumn} = $1`,
    [id],
  );
  return rows[0]?.[0] ?? 0;
}
