import type { Tx } from '../session/database.js';

/** An asset's watermark as stored: epoch microseconds, null when no state row or no source day. */
export interface StoredWatermark {
  id: number;
  lastSrcUs: number | null;
}

/** Database clock (transaction start, epoch microseconds): the only clock that freshness knows. */
export async function readNow(tx: Tx): Promise<number> {
  const rows = await tx.query<[number]>('select now()');
  return (rows[0] as [number])[0];
}

/**
 * Watermarks of the ids asked for, one entry each, in ascending order of id.
 * `ids` null means active assets and all ids with a state row, less the retired.
 * A database without our tables has no state for anybody.
 */
export async function listWatermarks(tx: Tx, ids: readonly number[] | null): Promise<StoredWatermark[]> {
  const asked = ids ?? (await listFreshnessIds(tx));
  const stored = new Map<number, number | null>();
  if (asked.length > 0 && (await hasTable(tx, 'cmc_price_bars_1d_state'))) {
    const rows = await tx.query<[number, number | null]>(
      'select id, last_src_ts from cmc_price_bars_1d_state where id = any($1)',
      [asked],
    );
    for (const [id, lastSrcUs] of rows) stored.set(id, lastSrcUs);
  }
  return [...new Set(asked)].sort((a, b) => a - b).map((id) => ({ id, lastSrcUs: stored.get(id) ?? null }));
}

async function listFreshnessIds(tx: Tx): Promise<number[]> {
  const hasState = await hasTable(tx, 'cmc_price_bars_1d_state');
  const hasAssets = await hasTable(tx, 'dim_assets');
  if (!hasState && !hasAssets) return [];
  const parts: string[] = [];
  if (hasAssets) parts.push('select id from dim_assets where active');
  if (hasState) {
    const retired = hasAssets ? 'where id not in (select id from dim_assets where not active)' : '';
    parts.push(`select id from cmc_price_bars_1d_state ${retired}`);
  }
  const rows = await tx.query<[number]>(parts.join(' union '));
  return rows.map(([id]) => id);
}

async function hasTable(tx: Tx, name: string): Promise<boolean> {
  const rows = await tx.query<[boolean]>('select to_regclass($1) is not null', [name]);
  return rows[0]?.[0] === true;
}
