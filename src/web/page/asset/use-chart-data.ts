/**
 * Everything that a chart shows, asked for at once: no answer waits for another. A chart opens on its newest bars, so they
 * are asked for first, and all of them when these are drawn.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type {
  BarsResponse,
  EmasResponse,
  IndicatorsResponse,
  MarksResponse,
} from '../../api/api-asset-types.js';
import { type AssetView, FIRST_BARS, opensOnNewest, seriesAddresses } from '../../api/asset-address.js';
import { comparedLineOf } from '../chart/chart-compare.js';
import { barsOf, type ChartData, indicatorLinesOf, linesOf, marksOf } from '../chart/chart-data.js';
import { useAssetList } from '../finding/asset-list.js';
import { type Loaded, type RequestError, useApi } from '../shared/api.js';
import { asPlainText } from '../shared/format.js';
import { useRevision } from '../shared/live.js';

interface Answers {
  bars: Loaded<BarsResponse>;
  emas: Loaded<EmasResponse>;
  indicators: Loaded<IndicatorsResponse>;
  compared: Loaded<BarsResponse>;
}

/** The library paints some frames after it has the data; until then nothing else is to be done. */
const PAINT_MS = 200;

export interface ChartState {
  /** null until all that is wanted is there, of the newest bars at least. */
  data: ChartData | null;
  /** Nothing more of it is on its way, and what is in sight is painted. */
  isWhole: boolean;
  error: RequestError | null;
}

/** What a chart of the asset at `path` shows. */
export function useChartData(path: string, view: AssetView): ChartState {
  const isOpening = opensOnNewest(view);
  const label = useLabel(view.compare);
  const newest = useSeries(isOpening ? path : null, { view, label, part: 'newest' });
  const hasEarlier = newest.data !== null && closedBarsOf(newest.data) >= FIRST_BARS;
  const isDrawn = useSettled(newest.data !== null);
  const all = useSeries((hasEarlier && isDrawn) || !isOpening ? path : null, { view, label, part: 'all' });
  const marksPath = `${path}/marks${view.asof === '' ? '' : `?to=${view.asof}`}`;
  const marks = useApi<MarksResponse>(isDrawn || !isOpening ? marksPath : null, useRevision());
  const series = all.data ?? newest.data;
  const data = useMemo<ChartData | null>(
    () => (series === null ? null : { ...series, marks: marksOf(marks.data, series.bars) }),
    [series, marks.data],
  );
  return {
    data,
    isWhole: all.data !== null || (isDrawn && !hasEarlier),
    error: newest.error ?? all.error ?? marks.error,
  };
}

/** Whether it has been true for so long that the chart is painted. */
function useSettled(isTrue: boolean): boolean {
  const [isSettled, setIsSettled] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setIsSettled(isTrue), isTrue ? PAINT_MS : 0);
    return () => clearTimeout(timer);
  }, [isTrue]);
  return isTrue && isSettled;
}

function closedBarsOf({ bars }: Series): number {
  return bars.length - (bars.at(-1)?.isOpen === true ? 1 : 0);
}

/** What the line of another asset is called. */
function useLabel(compare: string): string {
  const other = useAssetList(compare !== '').assets?.find(({ id }) => String(id) === compare);
  return asPlainText(other?.symbol ?? other?.name ?? `asset ${compare}`);
}

type Series = Omit<ChartData, 'marks'>;

/** Bars and lines, all of them or a part; no path: nothing is asked. */
function useSeries(
  path: string | null,
  { view, label, part }: { view: AssetView; label: string; part: 'all' | 'newest' },
): { data: Series | null; error: RequestError | null } {
  const { bars, emas, indicators, compared } = useAnswers(path, view, part);
  const { kind } = view;
  const isWaiting = [emas, indicators, compared].some(
    ({ data, error, isLoading }) => data === null && error === null && isLoading,
  );
  const data = useMemo<Series | null>(() => {
    if (bars.data === null || isWaiting) return null;
    return {
      bars: barsOf(bars.data),
      lines: [
        ...linesOf(emas.data, kind),
        ...indicatorLinesOf(indicators.data),
        ...(compared.data === null ? [] : [comparedLineOf(compared.data, label)]),
      ],
    };
  }, [bars.data, emas.data, indicators.data, compared.data, isWaiting, label, kind]);
  const error = bars.error ?? emas.error ?? indicators.error ?? compared.error;
  return { data, error };
}

function useAnswers(path: string | null, view: AssetView, part: 'all' | 'newest'): Answers {
  const revision = useRevision();
  const addresses = path === null ? null : seriesAddresses(path, view, part);
  return {
    bars: useApi(addresses?.bars ?? null, revision),
    emas: useApi(addresses?.emas ?? null, revision),
    indicators: useApi(addresses?.indicators ?? null, revision),
    compared: useApi(addresses?.compared ?? null, revision),
  };
}
