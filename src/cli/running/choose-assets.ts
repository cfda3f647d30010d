import { UsageError } from '../../domain/text/errors.js';
import { type Asset, listAssets } from '../../storage/assets/assets.js';
import type { Database } from '../../storage/session/database.js';

/** The assets of these ids, retired ones too; null = the active ones. Throws UsageError naming unknown ids. */
export async function chooseAssets(database: Database, ids: readonly number[] | null): Promise<Asset[]> {
  const assets = await database.read(listAssets);
  if (ids === null) return assets.filter(({ isActive }) => isActive);
  const missing = ids.filter((id) => !assets.some((asset) => asset.id === id));
  if (missing.length > 0)
    throw new UsageError(`no such asset: ${missing.join(', ')}; "barwright asset list" shows them`);
  return assets.filter(({ id }) => ids.includes(id));
}

/** "1 BTC", or the id alone where no symbol is known. */
export function labelOf({ id, symbol }: Pick<Asset, 'id' | 'symbol'>): string {
  return symbol === null ? String(id) : `${id} ${symbol}`;
}
