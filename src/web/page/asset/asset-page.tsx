/** What does this asset look like? */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { AssetResponse, TimeframesResponse } from '../../api/api-asset-types.js';
import { type AssetView, assetPath } from '../../api/asset-address.js';
import type { ChartData } from '../chart/chart-data.js';
import { Star } from '../finding/star.jsx';
import { useApi } from '../shared/api.js';
import { asPlainText } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import { Waiting } from '../shared/parts.jsx';
import { AssetChooser } from './asset-chooser.jsx';
import { readView, showView } from './asset-view.js';
import { ChartControls } from './chart-controls.jsx';
import { ChartPanel, prepareChart } from './chart-panel.jsx';
import { ExplainPanel } from './explain-panel.jsx';
import { Neighbours } from './neighbours.jsx';
import { type ChartState, useChartData } from './use-chart-data.js';

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

/** What the chart shows is asked for at once; the explanation, which takes as long as all of it, when all of it is there. */
function OneAsset({ subject, query }: { subject: string; query: URLSearchParams }): JSX.Element {
  const known = useApi<TimeframesResponse>('/api/timeframes');
  const view = readView(query, known.data);
  const chart = useChartData(assetPath(subject), view);
  const isChartThere = useEver(chart.isWhole || chart.error !== null);
  const asset = useApi<AssetResponse>(isChartThere ? assetPath(subject) : null, useRevision());
  const range = asset.data === null ? null : { firstDay: asset.data.firstDay, lastDay: asset.data.lastDay };
  const name = nameOf(subject, asset.data);
  useEffect(() => {
    document.title = `${name} · Assets · barwright`;
  }, [name]);
  const isUnknown = asset.error !== null && asset.error.kind !== 'database_away' && asset.data === null;
  return (
    <>
      <div class="heading">
        <Heading subject={subject} asset={asset.data} />
        {asset.data !== null && <Star id={asset.data.id} />}
        {!isUnknown && <Neighbours subject={subject} view={view} />}
      </div>
      {isUnknown ? (
        <>
          <Waiting error={asset.error} what="" />
          <p>
            <a href="/assets">Choose an asset</a>
          </p>
        </>
      ) : (
        <>
          {known.data === null ? (
            <div class="controls is-waiting">
              <Waiting error={known.error} what="what there is to choose from" />
            </div>
          ) : (
            <ChartControls
              view={view}
              known={known.data}
              range={range}
              onChange={(changed) => showView(subject, changed)}
            />
          )}
          <div class="asset">
            <Drawn
              {...{ name, view, chart }}
              id={subject}
              onChange={(changed) => showView(subject, changed)}
            />
            {asset.data === null ? (
              <aside aria-label="Explanation">
                <Waiting error={asset.error} what="why it is as it is" />
              </aside>
            ) : (
              <ExplainPanel explanation={asset.data.explanation} />
            )}
          </div>
        </>
      )}
    </>
  );
}

function nameOf(subject: string, asset: AssetResponse | null): string {
  return asPlainText(asset?.symbol ?? asset?.name ?? `asset ${subject}`);
}

function Heading({ subject, asset }: { subject: string; asset: AssetResponse | null }): JSX.Element {
  const { symbol, name } = asset ?? { symbol: null, name: null };
  const isNamed = symbol !== null || name !== null;
  return (
    <h1>
      <bdi>{nameOf(subject, asset)}</bdi>{' '}
      <span class="quiet">
        {symbol !== null && name !== null && name !== symbol && <bdi>{asPlainText(name)}</bdi>}{' '}
        {isNamed && `asset ${asset?.id}`}
      </span>
    </h1>
  );
}

interface DrawnProps {
  name: string;
  id: string;
  view: AssetView;
  onChange(view: AssetView): void;
}

function Drawn({ name, id, view, chart, onChange }: DrawnProps & { chart: ChartState }): JSX.Element {
  useLayoutEffect(prepareChart, []);
  const { data, isWhole, error } = chart;
  const shown = useNewest(data === null ? null : { data, view }, error === null);
  return (
    <section aria-label="Chart" aria-busy={!isWhole && error === null}>
      {error !== null && <Waiting error={error} what="" />}
      {shown !== null && <Shown name={name} id={id} {...shown} isOld={data === null} onChange={onChange} />}
      {shown === null && error === null && (
        <div class="chart is-waiting">
          <Waiting error={null} what="bars and EMAs" />
        </div>
      )}
    </section>
  );
}

/** Whether it has been true since the page was opened. */
function useEver(isTrue: boolean): boolean {
  const ever = useRef(false);
  ever.current ||= isTrue;
  return ever.current;
}

/** What was there last stays until the next is: nothing flickers, and what was zoomed stays so. */
function useNewest<T>(newest: T | null, isKept: boolean): T | null {
  const last = useRef<T | null>(null);
  if (newest !== null) last.current = newest;
  return newest ?? (isKept ? last.current : null);
}

interface ShownProps extends DrawnProps {
  data: ChartData;
  /** What was chosen meanwhile is still being read. */
  isOld: boolean;
}

function Shown({ isOld, ...panel }: ShownProps): JSX.Element {
  const { tf, asof } = panel.view;
  if (panel.data.bars.length === 0)
    return (
      <p class="empty">
        There are no bars of {tf} to show{asof !== '' && `, as of ${asof}`}.
      </p>
    );
  return (
    <div class={isOld ? 'is-old' : undefined}>
      <ChartPanel {...panel} />
    </div>
  );
}
