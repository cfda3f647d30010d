/** Which asset? */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FreshnessResponse } from '../../api/api-freshness-types.js';
import { selectRows } from '../freshness/freshness-rows.js';
import { useApi } from '../shared/api.js';
import { asPlainText, countOf } from '../shared/format.js';
import { AssetLink, Field, Waiting } from '../shared/parts.jsx';

const MAX_SHOWN = 60;

/** A field to search in, and links to what it finds. */
export function AssetChooser(): JSX.Element {
  const { data, error } = useApi<FreshnessResponse>('/api/freshness');
  const [search, setSearch] = useState('');
  if (data === null)
    return (
      <>
        <h1>Assets</h1>
        <Waiting error={error} what="all assets" />
      </>
    );
  const rows = selectRows(data, { search, status: null, sort: 'id', isDescending: false });
  return (
    <>
      <h1>Assets</h1>
      <div class="controls">
        <Field label="Search symbol, name or id">
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </Field>
        <span class="quiet" role="status">
          {countOf(rows.length, 'asset')}
          {rows.length > MAX_SHOWN && `, the first ${MAX_SHOWN} are shown`}
        </span>
      </div>
      <ul class="choice">
        {rows.slice(0, MAX_SHOWN).map((row) => (
          <li key={row}>
            <AssetLink id={data.assets.id[row] ?? 0} symbol={data.assets.symbol[row] ?? null} />{' '}
            {data.assets.name[row] !== data.assets.symbol[row] && (
              <bdi class="quiet">{asPlainText(data.assets.name[row] ?? '')}</bdi>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
