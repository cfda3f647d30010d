/** From one asset to the next, by id, shown in the same way. */
import type { JSX } from 'preact';
import type { AssetView } from '../../api/asset-address.js';
import { type ListedAsset, useAssetList } from '../finding/asset-list.js';
import { asPlainText } from '../shared/format.js';
import { useKey } from '../shared/keys.js';
import { goTo } from '../shared/route.js';
import { hrefOfView } from './asset-view.js';

/** Links to the asset before and after this one; the keys p and n follow them. */
export function Neighbours({ subject, view }: { subject: string; view: AssetView }): JSX.Element | null {
  const { assets } = useAssetList();
  const at = assets?.findIndex(({ id }) => String(id) === subject) ?? -1;
  const before = at < 0 ? undefined : assets?.[at - 1];
  const after = at < 0 ? undefined : assets?.[at + 1];
  const hrefTo = (asset: ListedAsset) => hrefOfView(String(asset.id), view);
  useKey('p', before === undefined ? null : () => goTo(hrefTo(before)));
  useKey('n', after === undefined ? null : () => goTo(hrefTo(after)));
  return (
    <nav class="neighbours" aria-label="Previous and next asset">
      {before !== undefined && (
        <a href={hrefTo(before)} aria-keyshortcuts="p">
          ← <bdi>{labelOf(before)}</bdi>
        </a>
      )}
      {after !== undefined && (
        <a href={hrefTo(after)} aria-keyshortcuts="n">
          <bdi>{labelOf(after)}</bdi> →
        </a>
      )}
    </nav>
  );
}

function labelOf({ id, symbol, name }: ListedAsset): string {
  return asPlainText(symbol ?? name ?? `asset ${id}`);
}
