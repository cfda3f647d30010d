/** Hashes of what is stored of an asset: series by series in a fixed order, then of them all. */
import { ALIGNMENTS, type Alignment } from '../../domain/calendar/timeframe.js';
import { hashAsset, hashSeries } from '../../storage/copy/value-hash.js';
import { SHAPES, type StoredAsset, type TableName } from '../expected/stored-asset.js';

export interface SeriesHash {
  name: string;
  hash: Buffer;
}

/** The asset's hash and those of its series; a series without a row has none. */
export function hashStored(stored: StoredAsset): { hash: Buffer; series: SeriesHash[] } {
  const series = [
    ...hashOf(stored, '1d', { key: '', tables: ['daily'] }),
    ...listKeys(stored, ['bars', 'barStates']).flatMap((key) =>
      hashOf(stored, `bars ${key}`, { key, tables: ['bars', 'barStates'] }),
    ),
    ...listKeys(stored, ['emaAssets']).flatMap((key) =>
      hashOf(stored, `emas ${key}`, { key, tables: ['emaAssets'] }),
    ),
    ...listKeys(stored, ['points', 'emaStates', 'lags']).flatMap((key) =>
      hashOf(stored, `emas ${key}`, { key, tables: ['points', 'emaStates', 'lags'] }),
    ),
  ];
  return { hash: hashAsset(series), series };
}

function hashOf(
  stored: StoredAsset,
  name: string,
  { key, tables }: { key: string; tables: readonly TableName[] },
): SeriesHash[] {
  const parts = tables.map((table) => ({
    columns: SHAPES[table].columns,
    rows: stored[table].bySeries.get(key) ?? [],
  }));
  return parts.some(({ rows }) => rows.length > 0) ? [{ name, hash: hashSeries(parts) }] : [];
}

/** Alignments in the order of the catalogue, timeframes in that of their names' bytes. */
function listKeys(stored: StoredAsset, tables: readonly TableName[]): string[] {
  const keys = [...new Set(tables.flatMap((table) => [...stored[table].bySeries.keys()]))];
  const rank = (key: string) => ALIGNMENTS.indexOf(key.split(' ')[0] as Alignment);
  return keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
