/** The view of an asset, taken from the address and put into it. */

import type { TimeframesResponse } from '../../api/api-asset-types.js';
import {
  type AssetView,
  FIRST_ALIGNMENT,
  FIRST_PERIODS,
  FIRST_TF,
  readAskedView,
} from '../../api/asset-address.js';
import { goTo, hrefOf } from '../shared/route.js';

/**
 * Reads the address; what is not known is as at the first look. Before it is known what there is (null), the address is taken
 * as it is: a chart need not wait for the choices beside it.
 */
export function readView(query: URLSearchParams, known: TimeframesResponse | null): AssetView {
  const asked = readAskedView(query);
  return known === null ? asked : { ...asked, ...knownOf(asked, known) };
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
