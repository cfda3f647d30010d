/** What of an asset is shown: kept in the address. */
import type { TimeframesResponse } from '../../api/api-asset-types.js';
import { RANGES, type RangeName, type ScaleKind } from '../chart/chart-scale.js';
import { type EmaKind, readEmaKind } from '../shared/ema-kind.jsx';
import { goTo, hrefOf } from '../shared/route.js';
import { isDay } from './day-text.js';

export interface AssetView {
  alignment: string;
  tf: string;
  periods: number[];
  /** Names of indicators. */
  indicators: string[];
  kind: EmaKind;
  /** Preview values of all days, not only of the newest one. */
  withPreviews: boolean;
  /** 'YYYY-MM-DD', '' for today. */
  asof: string;
  scale: ScaleKind;
  /** Which span was chosen; null: the newest bars. */
  range: RangeName | null;
  /** Id of the asset that it is compared with; '' for none. */
  compare: string;
}

const FIRST_ALIGNMENT = 'multi_tf';
const FIRST_TF = '7D';
const FIRST_PERIODS = '21';

/**
 * Reads the address; what is not in it, or not known, is as at the first look. Before it is known what there is (null), the
 * address is taken as it is: a chart need not wait for the choices beside it.
 */
export function readView(query: URLSearchParams, known: TimeframesResponse | null): AssetView {
  const asked = {
    alignment: query.get('alignment') ?? FIRST_ALIGNMENT,
    tf: query.get('tf') ?? FIRST_TF,
    periods: [...new Set((query.get('emas') ?? FIRST_PERIODS).split(',').map(Number))]
      .filter((period) => Number.isInteger(period) && period > 0)
      .sort((a, b) => a - b),
    indicators: [...new Set((query.get('indicators') ?? '').split(',').filter((name) => name !== ''))],
  };
  const asof = query.get('asof') ?? '';
  return {
    ...(known === null ? asked : knownOf(asked, known)),
    kind: readEmaKind(query),
    withPreviews: query.has('previews'),
    asof: isDay(asof) ? asof : '',
    scale: query.get('scale') === 'linear' ? 'linear' : 'log',
    range: RANGES.find((each) => each === query.get('range')) ?? null,
    compare: /^[1-9]\d{0,9}$/.test(query.get('compare') ?? '') ? (query.get('compare') ?? '') : '',
  };
}

type Series = Pick<AssetView, 'alignment' | 'tf' | 'periods' | 'indicators'>;

function knownOf({ alignment, tf, periods, indicators }: Series, known: TimeframesResponse): Series {
  const charts = known.timeframes.filter(({ hasBars }) => hasBars);
  const found =
    charts.find((each) => each.alignment === alignment && each.tf === tf) ??
    charts.find((each) => each.alignment === alignment);
  return {
    alignment: found?.alignment ?? FIRST_ALIGNMENT,
    tf: found?.tf ?? FIRST_TF,
    periods: known.periods.filter((period) => periods.includes(period)),
    indicators: known.indicators.filter((name) => indicators.includes(name)),
  };
}

/** Shows an asset in this way. */
export function showView(subject: string, view: AssetView): void {
  goTo(hrefOfView(subject, view), { replace: true });
}

/** The address of an asset that is shown in this way. */
export function hrefOfView(subject: string, view: AssetView): string {
  const query = {
    alignment: view.alignment === FIRST_ALIGNMENT ? '' : view.alignment,
    tf: view.tf === FIRST_TF ? '' : view.tf,
    kind: view.kind === 'ema' ? '' : view.kind,
    previews: view.withPreviews ? '1' : '',
    indicators: view.indicators.join(','),
    asof: view.asof,
    scale: view.scale === 'log' ? '' : view.scale,
    range: view.range ?? '',
    compare: view.compare === subject ? '' : view.compare,
  };
  const emas = view.periods.join(',');
  return hrefOf(['assets', subject], {
    ...query,
    emas: emas === '' ? 'none' : emas === FIRST_PERIODS ? '' : emas,
  });
}
