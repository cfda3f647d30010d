/** Which assets are as I want them? */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { TimeframesResponse } from '../../api/api-asset-types.js';
import type { ScreenerResponse } from '../../api/api-screener-types.js';
import { useApi } from '../shared/api.js';
import { countOf, formatCount } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import { Waiting } from '../shared/parts.jsx';
import { apiPathOf, csvPathOf, readScreenQuery, type ScreenQuery, showScreen } from './screen-query.js';
import { ScreenerControls } from './screener-controls.jsx';
import { ScreenerTable } from './screener-table.jsx';

/** The newest values of all assets; filter, order and columns are in the address. */
export function ScreenerPage({ query }: { query: URLSearchParams }): JSX.Element {
  const known = useApi<TimeframesResponse>('/api/timeframes');
  const asked = readScreenQuery(query, known.data);
  const { data, error } = useApi<ScreenerResponse>(apiPathOf(asked), useRevision());
  // What was there last stays until the next is, unless it is refused.
  const last = useRef<ScreenerResponse | null>(null);
  if (data !== null) last.current = data;
  const shown = data ?? (error === null ? last.current : null);
  return (
    <>
      <h1>Screener</h1>
      <p class="lead">The newest values of every active asset. The last bar may be open.</p>
      <ScreenerControls query={asked} known={known.data} onChange={showScreen} />
      {shown === null ? (
        <Waiting error={error} what="the newest values" />
      ) : (
        <div class={data === null ? 'is-old' : undefined}>
          <Found data={shown} query={asked} />
        </div>
      )}
    </>
  );
}

function Found({ data, query }: { data: ScreenerResponse; query: ScreenQuery }): JSX.Element {
  const rows = data.columns[0]?.values.length ?? 0;
  return (
    <>
      <div class="controls">
        <span class="quiet" role="status">
          {data.count === data.total
            ? countOf(data.total, 'asset')
            : `${formatCount(data.count)} of ${countOf(data.total, 'asset')}`}
          {rows < data.count && `, the first ${formatCount(rows)} are shown`}
        </span>
        {rows < data.count && (
          <button type="button" onClick={() => showScreen({ ...query, isAll: true })}>
            Show all
          </button>
        )}
        <a href={csvPathOf(query)} download>
          This view as CSV
        </a>
      </div>
      {rows === 0 ? <p class="empty">No asset is like that.</p> : <ScreenerTable data={data} query={query} />}
    </>
  );
}
