/** All assets by their names: for a search, and for the steps from one to the next. */
import { useMemo } from 'preact/hooks';
import type { AssetListResponse } from '../../api/api-asset-types.js';
import { type RequestError, useApi } from '../shared/api.js';
import { useRevision } from '../shared/live.js';

export interface ListedAsset {
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
}

/** The last one that was read: a step to the next asset need not wait for it again. */
let newest: ListedAsset[] | null = null;

/** Ascending by id; null: not read yet. */
export function useAssetList(isWanted = true): {
  assets: ListedAsset[] | null;
  error: RequestError | null;
} {
  const { data, error } = useApi<AssetListResponse>(isWanted ? '/api/assets' : null, useRevision());
  const assets = useMemo(() => {
    if (data !== null) newest = rowsOf(data);
    return newest;
  }, [data]);
  return { assets, error };
}

function rowsOf({ assets }: AssetListResponse): ListedAsset[] {
  return assets.id.map((id, index) => ({
    id,
    symbol: assets.symbol[index] ?? null,
    name: assets.name[index] ?? null,
    isActive: assets.isActive[index] ?? false,
  }));
}
