/** What of an asset is shown: kept in the address. */
import type { TimeframesResponse } from '../../api-asset-types.js';
import { goTo, hrefOf } from '../route.js';
import type { EmaKind } from './chart-data.js';

export interface AssetView {
  alignment: string;
  tf: string;
  periods: number[];
  kind: EmaKind;
  /** Preview values of all days, not only of the newest one. */
  withPreviews: boolean;
  /** 'YYYY-MM-DD', '' for today. */
  asof: string;
}

const FIRST_ALIGNMENT = 'multi_tf';
const FIRST_TF = '7D';
const FIRST_PERIODS = '21';

/** Reads the address; what is not in it, or not known, is as at the first look. */
export function readView(query: URLSearchParams, known: TimeframesResponse): AssetView {
  const charts = known.timeframes.filter(({ hasBars }) => hasBars);
  const alignment = query.get('alignment') ?? FIRST_ALIGNMENT;
  const tf = query.get('tf') ?? FIRST_TF;
  const found = charts.find((each) => each.alignment === alignment && each.tf === tf);
  const inAlignment = charts.find((each) => each.alignment === alignment);
  const wanted = (query.get('emas') ?? FIRST_PERIODS).split(',').map(Number);
  const asof = query.get('asof') ?? '';
  return {
    alignment: (found ?? inAlignment)?.alignment ?? FIRST_ALIGNMENT,
    tf: (found ?? inAlignment)?.tf ?? FIRST_TF,
    periods: known.periods.filter((period) => wanted.includes(period)),
    kind: query.get('kind') === 'ema_bar' ? 'ema_bar' : 'ema',
    withPreviews: query.has('previews'),
    asof: /^\d{4}-\d\d-\d\d$/.test(asof) ? asof : '',
  };
}

/** Shows an asset in this way. */
export function showView(subject: string, view: AssetView): void {
  const query = {
    alignment: view.alignment === FIRST_ALIGNMENT ? '' : view.alignment,
    tf: view.tf === FIRST_TF ? '' : view.tf,
    kind: view.kind === 'ema' ? '' : view.kind,
    previews: view.withPreviews ? '1' : '',
    asof: view.asof,
  };
  const emas = view.periods.join(',');
  const href = hrefOf(['assets', subject], {
    ...query,
    emas: emas === '' ? 'none' : emas === FIRST_PERIODS ? '' : emas,
  });
  goTo(href, { replace: true });
}
