/** Finding assets by what is typed. */
import type { ListedAsset } from './asset-list.js';

/**
 * Those whose symbol or name contains the text, or whose id it is: favourites first, then what fits best, then by id. All
 * of them for ''.
 */
export function findAssets(
  assets: readonly ListedAsset[],
  text: string,
  favourites: ReadonlySet<number>,
): ListedAsset[] {
  const wanted = text.trim().toLowerCase();
  return assets
    .flatMap((asset) => {
      const fit = fitOf(asset, wanted);
      return fit === null ? [] : [{ asset, rank: fit + (favourites.has(asset.id) ? 0 : FITS) }];
    })
    .sort((a, b) => a.rank - b.rank || a.asset.id - b.asset.id)
    .map(({ asset }) => asset);
}

/** Number of different fits. */
const FITS = 4;

/** Small for what fits well; null: not at all. */
function fitOf({ id, symbol, name }: ListedAsset, wanted: string): number | null {
  if (wanted === '') return 0;
  const [short, long] = [symbol?.toLowerCase() ?? '', name?.toLowerCase() ?? ''];
  if (short === wanted || String(id) === wanted) return 0;
  if (short.startsWith(wanted)) return 1;
  if (long.startsWith(wanted)) return 2;
  return short.includes(wanted) || long.includes(wanted) ? FITS - 1 : null;
}
