/** What the screener shows: kept in the address, in the words of the API, so that its CSV has the same address. */
import type { TimeframesResponse } from '../../api/api-asset-types.js';
import { type EmaKind, readEmaKind } from '../../api/asset-address.js';
import { goTo, hrefOf } from '../shared/route.js';

export interface ScreenQuery {
  alignment: string;
  tf: string;
  periods: number[];
  kind: EmaKind;
  indicators: string[];
  search: string;
  /** Healths with commas between them; '': any. */
  health: string;
  /** '': any. */
  order: string;
  /** Bars, as typed. */
  crossed: string;
  where: string;
  sort: string;
  isDescending: boolean;
  /** As many rows as there are. */
  isAll: boolean;
}

const FIRST_ALIGNMENT = 'multi_tf';
const FIRST_TF = '1D';
const FIRST_PERIODS = '21,50,200';
const NONE = 'none';
const MOST_ROWS = '20000';

/** Reads the address. Once it is known what there is, what is not there is left out. */
export function readScreenQuery(query: URLSearchParams, known: TimeframesResponse | null): ScreenQuery {
  const periods = (query.get('periods') ?? FIRST_PERIODS).split(',').map(Number);
  const indicators = (query.get('indicators') ?? '').split(',').filter((name) => name !== '');
  return {
    alignment: query.get('alignment') ?? FIRST_ALIGNMENT,
    tf: query.get('tf') ?? FIRST_TF,
    periods: periods.filter((each) => Number.isInteger(each) && (known?.periods.includes(each) ?? each > 0)),
    kind: readEmaKind(query),
    indicators: indicators.filter((each) => known?.indicators.includes(each) ?? true),
    search: query.get('search') ?? '',
    health: query.get('health') ?? '',
    order: query.get('order') ?? '',
    crossed: query.get('crossed') ?? '',
    where: query.get('where') ?? '',
    sort: query.get('sort') ?? 'id',
    isDescending: query.has('down'),
    isAll: query.has('all'),
  };
}

/** What the server is asked for. */
function parametersOf(query: ScreenQuery): Record<string, string> {
  const { alignment, tf, periods, kind, indicators, sort, isDescending } = query;
  const { search, health, order, crossed, where } = query;
  return {
    ...{ alignment, tf, search, health, order, crossed, where },
    periods: periods.join(','),
    kind: kind === 'ema' ? '' : kind,
    indicators: indicators.join(','),
    sort: sort === 'id' ? '' : sort,
    down: isDescending ? '1' : '',
  };
}

/** Address of the rows in JSON. */
export function apiPathOf(query: ScreenQuery): string {
  return hrefOf(['api', 'screener'], { ...parametersOf(query), limit: query.isAll ? MOST_ROWS : '' });
}

/** Address of the same view as CSV. */
export function csvPathOf(query: ScreenQuery): string {
  return hrefOf(['api', 'screener.csv'], parametersOf(query));
}

/** Shows another view. */
export function showScreen(query: ScreenQuery): void {
  const parameters = parametersOf(query);
  const { periods = '' } = parameters;
  goTo(
    hrefOf(['screener'], {
      ...parameters,
      alignment: query.alignment === FIRST_ALIGNMENT ? '' : query.alignment,
      tf: query.tf === FIRST_TF ? '' : query.tf,
      periods: periods === '' ? NONE : periods === FIRST_PERIODS ? '' : periods,
      all: query.isAll ? '1' : '',
    }),
    { replace: true },
  );
}

/** The asset with the series of this view. */
export function hrefOfAsset(id: number, query: ScreenQuery): string {
  const { alignment, tf, periods, kind, indicators } = query;
  return hrefOf(['assets', String(id)], {
    alignment: alignment === FIRST_ALIGNMENT ? '' : alignment,
    tf,
    emas: periods.length === 0 ? NONE : periods.join(','),
    kind: kind === 'ema' ? '' : kind,
    indicators: indicators.join(','),
  });
}
