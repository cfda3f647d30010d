/** Which asset? */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAssetList } from '../finding/asset-list.js';
import { useFavourites } from '../finding/favourites.js';
import { findAssets } from '../finding/find-assets.js';
import { Marked } from '../finding/star.jsx';
import { asPlainText, countOf } from '../shared/format.js';
import { AssetLink, Field, Waiting } from '../shared/parts.jsx';

const MAX_SHOWN = 60;

/** A field to search in, and links to what it finds, favourites first. */
export function AssetChooser(): JSX.Element {
  const { assets, error } = useAssetList();
  const favourites = useFavourites();
  const [search, setSearch] = useState('');
  if (assets === null)
    return (
      <>
        <h1>Assets</h1>
        <Waiting error={error} what="all assets" />
      </>
    );
  const found = findAssets(assets, search, favourites);
  return (
    <>
      <h1>Assets</h1>
      <div class="controls">
        <Field label="Search symbol, name or id">
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </Field>
        <span class="quiet" role="status">
          {countOf(found.length, 'asset')}
          {found.length > MAX_SHOWN && `, the first ${MAX_SHOWN} are shown`}
        </span>
      </div>
      <ul class="choice">
        {found.slice(0, MAX_SHOWN).map(({ id, symbol, name }) => (
          <li key={id}>
            {favourites.has(id) && <Marked />}
            <AssetLink id={id} symbol={symbol} />{' '}
            {name !== symbol && <bdi class="quiet">{asPlainText(name ?? '')}</bdi>}
          </li>
        ))}
      </ul>
    </>
  );
}
