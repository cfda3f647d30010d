/**
 * The address of an asset's page, and what its chart asks the API for first. The page asks; the server names the same
 * addresses with the page, so that a browser asks before the code of the page runs.
 */

/** The two kinds of EMAs. */
export type EmaKind = 'ema' | 'ema_bar';

/** How prices are scaled: equal ratios are equally high, or equal differences are. */
export type ScaleKind = 'log' | 'linear';

/** Spans that a button shows. */
export const RANGES = ['1M', '3M', '6M', '1Y', '5Y', 'all'] as const;
export type RangeName = (typeof RANGES)[number];

/** What of an asset is shown: kept in the address. */
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

export const FIRST_ALIGNMENT = 'multi_tf';
export const FIRST_TF = '7D';
export const FIRST_PERIODS = '21';

/** The view that an address asks for, known or not; what is not in it is as at the first look. */
export function readAskedView(query: URLSearchParams): AssetView {
  const asof = query.get('asof') ?? '';
  const compare = query.get('compare') ?? '';
  return {
    alignment: query.get('alignment') ?? FIRST_ALIGNMENT,
    tf: query.get('tf') ?? FIRST_TF,
    periods: [...new Set((query.get('emas') ?? FIRST_PERIODS).split(',').map(Number))]
      .filter((period) => Number.isInteger(period) && period > 0)
      .sort((a, b) => a - b),
    indicators: [...new Set((query.get('indicators') ?? '').split(',').filter((name) => name !== ''))],
    kind: readEmaKind(query),
    withPreviews: query.has('previews'),
    asof: isDay(asof) ? asof : '',
    scale: query.get('scale') === 'linear' ? 'linear' : 'log',
    range: RANGES.find((each) => each === query.get('range')) ?? null,
    compare: /^[1-9]\d{0,9}$/.test(compare) ? compare : '',
  };
}

/** The kind of an address: "ema" where it names none. */
export function readEmaKind(query: URLSearchParams): EmaKind {
  return query.get('kind') === 'ema_bar' ? 'ema_bar' : 'ema';
}

/** A day as people type it: ISO, UTC. */
export const DAY_PATTERN = '\\d{4}-\\d{2}-\\d{2}';
const DAY = new RegExp(`^${DAY_PATTERN}$`);

/** Whether a text is a day that the calendar has. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Where the API has an asset. */
export function assetPath(subject: string): string {
  return `/api/assets/${encodeURIComponent(subject)}`;
}

/** More than are in sight when a chart is opened. */
export const FIRST_BARS = 600;

/** A chart opens on its newest bars, where nothing else is asked for. */
export function opensOnNewest({ range, compare, withPreviews }: AssetView): boolean {
  return range === null && compare === '' && !withPreviews;
}

/** Addresses of what a chart shows; null: nothing of that kind. */
export interface SeriesAddresses {
  bars: string;
  emas: string | null;
  indicators: string | null;
  compared: string | null;
}

/** Of the asset at `path`: all of it, or the newest bars alone. */
export function seriesAddresses(path: string, view: AssetView, part: 'all' | 'newest'): SeriesAddresses {
  const { tf, alignment, asof, periods, kind, indicators, compare, withPreviews } = view;
  const series = `${new URLSearchParams({ tf, alignment })}${part === 'newest' ? `&newest=${FIRST_BARS}` : ''}`;
  const asofDay = asof === '' ? '' : `&asof=${asof}`;
  const to = asof === '' ? '' : `&to=${asof}`;
  const ofEmas = `&periods=${periods.join(',')}&kind=${kind}&previews=${withPreviews ? 'all' : 'last'}`;
  const names = indicators.map(encodeURIComponent).join(',');
  return {
    bars: `${path}/bars?${series}${asofDay}`,
    emas: periods.length === 0 ? null : `${path}/emas?${series}${ofEmas}${to}`,
    indicators: indicators.length === 0 ? null : `${path}/indicators?${series}&names=${names}${to}`,
    compared: compare === '' ? null : `/api/assets/${compare}/bars?${series}${asofDay}`,
  };
}

/** What the page of an asset asks for first, by its address. */
export function firstAddresses(subject: string, query: URLSearchParams): string[] {
  const view = readAskedView(query);
  const addresses = seriesAddresses(assetPath(subject), view, opensOnNewest(view) ? 'newest' : 'all');
  return Object.values(addresses).filter((address) => address !== null);
}
