/** What does this asset look like? */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type {
  AssetResponse,
  BarsResponse,
  EmasResponse,
  MarksResponse,
  TimeframesResponse,
} from '../../api-asset-types.js';
import { useApi } from '../api.js';
import { asPlainText } from '../format.js';
import { useRevision } from '../live.js';
import { Waiting } from '../parts.jsx';
import { AssetChooser } from './asset-chooser.jsx';
import { type AssetView, readView, showView } from './asset-view.js';
import { ChartControls } from './chart-controls.jsx';
import { barsOf, type ChartData, linesOf, marksOf } from './chart-data.js';
import { ChartPanel } from './chart-panel.jsx';
import { ExplainPanel } from './explain-panel.jsx';

/** The page of one asset; without one, the choice. */
export function AssetPage({
  subject,
  query,
}: {
  subject: string | null;
  query: URLSearchParams;
}): JSX.Element {
  return subject === null ? <AssetChooser /> : <OneAsset subject={subject} query={query} />;
}

function OneAsset({ subject, query }: { subject: string; query: URLSearchParams }): JSX.Element {
  const path = `/api/assets/${encodeURIComponent(subject)}`;
  const asset = useApi<AssetResponse>(path, useRevision());
  const known = useApi<TimeframesResponse>('/api/timeframes');
  if (asset.data === null || known.data === null)
    return (
      <>
        <h1>
          Asset <bdi>{asPlainText(subject)}</bdi>
        </h1>
        <Waiting error={asset.error ?? known.error} what="the asset" />
      </>
    );
  const view = readView(query, known.data);
  const { symbol, name, id } = asset.data;
  return (
    <>
      <h1>
        <bdi>{asPlainText(symbol ?? name ?? `asset ${id}`)}</bdi>{' '}
        <span class="quiet">
          {symbol !== null && name !== null && name !== symbol && <bdi>{asPlainText(name)} </bdi>}asset {id}
        </span>
      </h1>
      <ChartControls
        view={view}
        known={known.data}
        asset={asset.data}
        onChange={(changed) => showView(subject, changed)}
      />
      <div class="asset">
        <Drawn asset={asset.data} path={path} view={view} />
        <ExplainPanel explanation={asset.data.explanation} />
      </div>
    </>
  );
}

function Drawn({ asset, path, view }: { asset: AssetResponse; path: string; view: AssetView }): JSX.Element {
  const revision = useRevision();
  const series = new URLSearchParams({ tf: view.tf, alignment: view.alignment });
  const asof = view.asof === '' ? '' : `&asof=${view.asof}`;
  const bars = useApi<BarsResponse>(`${path}/bars?${series}${asof}`, revision);
  const to = view.asof === '' ? '' : `&to=${view.asof}`;
  const emasPath =
    view.periods.length === 0 ? null : `${path}/emas?${series}&periods=${view.periods.join(',')}${to}`;
  const emas = useApi<EmasResponse>(emasPath, revision);
  const marks = useApi<MarksResponse>(`${path}/marks${to.replace('&', '?')}`, revision);
  const { kind, withPreviews } = view;
  const data = useMemo<ChartData | null>(() => {
    if (bars.data === null || (emasPath !== null && emas.data === null && emas.error === null)) return null;
    const drawn = barsOf(bars.data);
    return {
      bars: drawn,
      lines: linesOf(emas.data, { kind, withPreviews }),
      marks: marksOf(marks.data, drawn),
    };
  }, [bars.data, emas.data, emas.error, emasPath, marks.data, kind, withPreviews]);
  const error = bars.error ?? emas.error ?? marks.error;
  return (
    <section aria-label="Chart">
      {error !== null && <Waiting error={error} what="" />}
      {data === null ? (
        error === null && <Waiting error={null} what="bars and EMAs" />
      ) : data.bars.length === 0 ? (
        <p class="quiet">There are no bars of {view.tf} to show.</p>
      ) : (
        <ChartPanel asset={asset} view={view} data={data} />
      )}
    </section>
  );
}
