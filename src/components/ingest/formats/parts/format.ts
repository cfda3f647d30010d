/** What a format of daily prices is: mostly names of columns. The reading is the same for all of them. */
import type { VolumeUnit } from '../../../../domain/prices/currency.js';
import type { Pair } from '../../cells/pairs.js';
import type { Row, RowSource } from '../../read/rows/rows.js';

/** What a cell can say of a day. */
export type Field =
  /** The day, or an instant of it. */
  | 'day'
  /** A time of the day in a cell of its own. */
  | 'time'
  | 'timeOpen'
  | 'timeClose'
  | 'timeHigh'
  | 'timeLow'
  /** The key of the row as CoinMarketCap gives it. */
  | 'timestamp'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'adjustedClose'
  | 'volume'
  | 'marketCap'
  | 'circulatingSupply'
  /** CoinMarketCap's number of the currency, in its column "name". */
  | 'name'
  | 'symbol'
  | 'assetName'
  | 'currency';

/** A name of a column as key() makes it, or a pattern of such names. */
export type ColumnName = string | RegExp;

export interface Format {
  /** For reports and JSON: "yahoo". */
  readonly id: string;
  /** For people: "Yahoo Finance". */
  readonly label: string;
  /** Where such files come from, for the documents. */
  readonly from: string;
  /** Columns that all must be there for a file to be of this format; null: it has no header, and `places` say what is where. */
  readonly signs: readonly ColumnName[] | null;
  /** What the header begins with; left out: its columns may come in any order. */
  readonly begins?: readonly string[];
  /** Names of columns that are this format's own, each before the usual ones of its field; []: it has no such field. */
  readonly columns?: Partial<Record<Field, readonly ColumnName[]>>;
  /** Without a header: what stands at which place. */
  readonly places?: readonly (Field | null)[];
  /** Without a header: whether cells are a row of this format, beyond their number. */
  isFilledBy?(cells: readonly string[]): boolean;
  /** Whether the texts beside the rows are those of this format. */
  isSaidBy?(facts: ReadonlyMap<string, string>): boolean;
  /**
   * Whether the day of a row was not over when the file was written, by what the file says: such a row is left out. Where a
   * format has none of it, a file does not say.
   */
  isOpen?(cells: readonly string[], facts: ReadonlyMap<string, string>): boolean;
  /** What is traded, or what was paid for it; null: the format does not say. */
  readonly volume: VolumeUnit | null;
  /** True: numbers have a decimal point and nothing else, whatever they look like. */
  readonly hasPlainNumbers?: boolean;
  /** True: rows say all their times, and are stored with them as they are. */
  readonly hasTimes?: boolean;
  /** What volumes count where that depends on what is traded. */
  volumeOfPair?(pair: Pair | null): VolumeUnit | null;
  /** The money of the prices where the format knows it: "USD". */
  readonly currency?: string;
  /** How such files are named where they come from, with the pair as the first group, or its parts as two. */
  readonly pairInName?: RegExp;
  /** The name that the rows stand by beside other texts, where it is the pair (its first group). */
  readonly pairInFacts?: RegExp;
}

/** Where a file has what. */
export interface Layout {
  readonly format: Format;
  /** The place of each field's cell. */
  readonly places: ReadonlyMap<Field, number>;
  /** How many cells a row has: in one with more or fewer nothing is where it should be. */
  readonly width: number;
  /** How many of the first rows are as the format wants them; with a header all of them. */
  readonly fitting: number;
}

/** What a row must say. */
export const NEEDED: readonly Field[] = ['day', 'open', 'high', 'low', 'close'];

/** The letters and digits of a column's name: "Adj Close", "adj_close" and "5. adjusted close" are compared by these. */
export function key(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/^\s*\d+[a-z]?\.\s+/i, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}%]/gu, '');
}

/** The same without what is in parentheses: "Open (USD)". */
function bareKey(name: string): string {
  return key(name.replaceAll(/\([^()]*\)|\[[^[\]]*\]/g, ''));
}

/** The place of the first of these names that a header has; -1: it has none. */
export function placeOf(header: readonly string[], names: readonly ColumnName[]): number {
  for (const make of [key, bareKey]) {
    const keys = header.map(make);
    for (const name of names) {
      const place = keys.findIndex((found) => (typeof name === 'string' ? found === name : name.test(found)));
      if (place !== -1) return place;
    }
  }
  return -1;
}

/** The layout of a file if it is of this format, else null. */
export function layoutOf(format: Format, source: RowSource): Layout | null {
  const { header, sample, facts } = source;
  if (format.isSaidBy !== undefined && !format.isSaidBy(facts)) return null;
  if (header === null) return layoutByPlace(format, sample);
  if (format.signs === null || !format.signs.every((sign) => placeOf(header, [sign]) !== -1)) return null;
  if (format.begins?.every((name, place) => key(header[place] ?? '') === name) === false) return null;
  const places = placesOf(format, header);
  return needsOf(format).every((field) => places.has(field))
    ? { format, places, width: header.length, fitting: sample.length }
    : null;
}

/** What rows of a format must say: those with times have no day beside them. */
function needsOf({ hasTimes = false }: Format): readonly Field[] {
  return hasTimes ? NEEDED.filter((field) => field !== 'day') : NEEDED;
}

/** Where a header has what, by the names of the format and then the usual ones. */
function placesOf(format: Format, header: readonly string[]): ReadonlyMap<Field, number> {
  const places = new Map<Field, number>();
  for (const [field, usual] of Object.entries(USUAL_NAMES) as [Field, readonly ColumnName[]][]) {
    const own = format.columns?.[field];
    const place = own?.length === 0 ? -1 : placeOf(header, [...(own ?? []), ...usual]);
    if (place !== -1) places.set(field, place);
  }
  // A column "time" beside the day is a time of the day; alone it is the day.
  if (places.get('time') === places.get('day')) places.delete('time');
  return places;
}

/** Nine of ten rows decide: one that is bad is named when it is read. */
const MOST_ROWS = 0.9;

/**
 * The names of prices that a header has more than once, as a table of several assets does: which column is meant
 * is unknown.
 */
export function doubleNames(header: readonly string[], { places }: Layout): string[] {
  const keys = header.map(key);
  return NEEDED.flatMap((field) => {
    const name = keys[places.get(field) ?? -1] ?? '';
    return name !== '' && keys.indexOf(name) !== keys.lastIndexOf(name)
      ? [header[places.get(field) ?? 0] ?? '']
      : [];
  });
}

function layoutByPlace(format: Format, sample: readonly Row[]): Layout | null {
  const { places: fields, isFilledBy } = format;
  if (fields === undefined || isFilledBy === undefined) return null;
  const filled = sample.filter(({ cells }) => cells.length === fields.length && isFilledBy(cells));
  if (filled.length === 0 || filled.length < sample.length * MOST_ROWS) return null;
  const places = new Map<Field, number>();
  for (const [place, field] of fields.entries()) if (field !== null) places.set(field, place);
  return { format, places, width: fields.length, fitting: filled.length };
}

/** Names that say the same in every file, the surer ones first. */
export const USUAL_NAMES: Readonly<Record<Field, readonly ColumnName[]>> = {
  day: [
    ...[
      'unix',
      'unixtimestamp',
      'unixtime',
      'epoch',
      'date',
      'datetime',
      'dateutc',
      'opentime',
      'day',
      'timestamp',
    ],
    ...[
      'time',
      'tradedate',
      'tradingdate',
      'pricedate',
      'timeperiodstart',
      'bartime',
      'candletime',
      'starttime',
      'ts',
      't',
      // The index of a table by pandas: it has no name, and its cells must be days all the same.
      'index',
      '',
    ],
  ],
  time: ['time'],
  timeOpen: ['timeopen', 'opentime'],
  timeClose: ['timeclose', 'closetime'],
  timeHigh: ['timehigh', 'hightime'],
  timeLow: ['timelow', 'lowtime'],
  timestamp: ['timestamp'],
  open: ['open', 'openprice', 'opening', 'openingprice', 'priceopen', 'openusd', 'o'],
  high: ['high', 'highprice', 'pricehigh', 'highest', 'dayhigh', 'max', 'highusd', 'h'],
  low: ['low', 'lowprice', 'pricelow', 'lowest', 'daylow', 'min', 'lowusd', 'l'],
  close: [
    'close',
    'closeprice',
    'closing',
    'closingprice',
    'priceclose',
    'closelast',
    'closeusd',
    'last',
    'c',
  ],
  adjustedClose: ['adjclose', 'adjustedclose', 'closeadjusted', 'closeadj', 'adjcloseprice'],
  volume: [
    ...['volume', 'vol', 'volumetraded', 'basevolume', 'volumefrom', 'totalvolume', 'tradedvolume', 'v'],
    /^volume/,
  ],
  marketCap: ['marketcap', 'marketcapitalization', 'mktcap', 'mcap'],
  circulatingSupply: ['circulatingsupply', 'supply'],
  name: [],
  symbol: ['symbol', 'ticker', 'tickers', 'pair', 'market', 'tic', 'code', 'instrument', 'coin', 'asset'],
  assetName: ['name', 'coinname', 'assetname', 'company', 'slug'],
  currency: ['currency', 'quotecurrency', 'ccy'],
};

/** Whether cells are a header: at least three of the fields that a row must say are named. */
export function isUsualHeader(names: readonly string[]): boolean {
  const found = NEEDED.filter((field) => placeOf(names, USUAL_NAMES[field]) !== -1);
  return found.length >= 3 && names.every((name) => !/^[-+]?\d+(?:\.\d+)?$/.test(name.trim()));
}
