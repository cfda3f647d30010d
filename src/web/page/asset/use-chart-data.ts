/** Everything that a chart shows, asked for at once: no answer waits for another. */
import { useMemo } from 'preact/hooks';
import type {
  BarsResponse,
  EmasResponse,
  IndicatorsResponse,
  MarksResponse,
} from '../../api/api-asset-types.js';
import { comparedLineOf } from '../chart/chart-compare.js';
import { barsOf, type ChartData, indicatorLinesOf, linesOf, marksOf } from '../chart/chart-data.js';
import { useAssetList } from '../finding/asset-list.js';
import { type Loaded, type RequestError, useApi } from '../shared/api.js';
import { asPlainText } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import type { AssetView } from './asset-view.js';

interface Answers {
  bars: Loaded<BarsResponse>;
  emas: Loaded<EmasResponse>;
  indicators: Loaded<IndicatorsResponse>;
  marks: Loaded<MarksResponse>;
  compared: Loaded<BarsResponse>;
}

export interface ChartState {
  /** null until all that is wanted is there. */
  data: ChartData | null;
  error: RequestError | null;
}

/** What a chart of the asset at `path` shows. */
export function useChartData(path: string, view: AssetView): ChartState {
  const { bars, emas, indicators, marks, compared } = useAnswers(path, view);
  const { kind, compare } = view;
  const other = useAssetList(compare !== '').assets?.find(({ id }) => String(id) === compare);
  const label = asPlainText(other?.symbol ?? other?.name ?? `asset ${compare}`);
  const isWaiting = [emas, indicators, compared].some(
    ({ data, error, isLoading }) => data === null && error === null && isLoading,
  );
  const data = useMemo<ChartData | null>(() => {
    if (bars.data === null || isWaiting) return null;
    const drawn = barsOf(bars.data);
    return {
      bars: drawn,
      lines: [
        ...linesOf(emas.data, kind),
        ...indicatorLinesOf(indicators.data),
        ...(compared.data === null ? [] : [comparedLineOf(compared.data, label)]),
      ],
      marks: marksOf(marks.data, drawn),
    };
  }, [bars.data, emas.data, indicators.data, marks.data, compared.data, isWaiting, label, kind]);
  const error = bars.error ?? emas.error ?? indicators.error ?? marks.error ?? compared.error;
  return { data, error };
}

function useAnswers(path: string, view: AssetView): Answers {
  const { tf, alignment, asof, periods, kind, indicators, compare } = view;
  const previews = view.withPreviews ? 'all' : 'last';
  const revision = useRevision();
  const series = new URLSearchParams({ tf, alignment });
  const asofDay = asof === '' ? '' : `&asof=${asof}`;
  const to = asof === '' ? '' : `&to=${asof}`;
  return {
    bars: useApi(`${path}/bars?${series}${asofDay}`, revision),
    emas: useApi(
      periods.length === 0
        ? null
        : `${path}/emas?${series}&periods=${periods.join(',')}&kind=${kind}&previews=${previews}${to}`,
      revision,
    ),
    indicators: useApi(
      indicators.length === 0 ? null : `${path}/indicators?${series}&names=${indicators.join(',')}${to}`,
      revision,
    ),
    marks: useApi(`${path}/marks${to.replace('&', '?')}`, revision),
    compared: useApi(compare === '' ? null : `/api/assets/${compare}/bars?${series}${asofDay}`, revision),
  };
}
