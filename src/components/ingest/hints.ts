/** What a file says of its asset and its money beside the prices: whose prices these are, and in what (settle-quote.ts). */

import type { VolumeUnit } from '../../domain/currency.js';
import { boundName } from '../../domain/printable.js';
import type { Layout } from './formats/format.js';
import type { RowSource } from './read/rows.js';

/** null: the file does not say. */
export interface Hints {
  /** The symbol of the asset, without the money of a pair: "BTC" of "BTC/USD". */
  readonly symbol: string | null;
  /** The name of the asset. */
  readonly name: string | null;
  /** The money of the prices: "USD", "USDT". */
  readonly currency: string | null;
  /** What volumes count. */
  readonly volume: VolumeUnit | null;
}

/** A file that says nothing. */
export const NO_HINTS: Hints = { symbol: null, name: null, currency: null, volume: null };

/** Money that symbols of exchanges end in, the longer before the shorter. */
const MONEY = [
  ...[
    'FDUSD',
    'USDT',
    'USDC',
    'BUSD',
    'TUSD',
    'USD',
    'EUR',
    'GBP',
    'JPY',
    'CHF',
    'AUD',
    'CAD',
    'KRW',
    'TRY',
    'BRL',
  ],
];
/** Also the money of pairs that have a mark between their parts; after a mark that is no money, as in "BRK-B", it is part of the symbol. */
const MONEY_OF_PAIRS = new Set([...MONEY, 'BTC', 'ETH', 'DAI', 'INR', 'ZAR', 'MXN', 'SGD', 'HKD', 'CNY']);

/** "BTC/USD", "BTC-USD", "BTC_USDT" and "BTCUSDT" as an asset and its money; "AAPL" and "AAPL.US" as an asset. */
export function splitSymbol(text: string): { symbol: string; currency: string | null } {
  const upper = text.trim().toUpperCase();
  const [, base = '', mark = '', quote = ''] = /^([^/_:-]+)([/_:-])([^/_:-]+)/.exec(upper) ?? [];
  if (mark === '/' || MONEY_OF_PAIRS.has(quote)) return { symbol: base, currency: quote };
  const money = MONEY.find((ending) => upper.endsWith(ending) && upper.length >= ending.length + 2);
  if (money !== undefined) return { symbol: upper.slice(0, -money.length), currency: money };
  return { symbol: upper.replace(/\.[A-Z]{1,4}$/, ''), currency: null };
}

const SYMBOL_FACT = /(?:^|\.)(?:\d{1,4}\. )?(?:symbol|ticker|tickers|pair|digital currency code)$/i;
const CURRENCY_FACT = /(?:^|\.)(?:\d{1,4}\. )?(?:currency|quote_?currency|market code)$/i;
/** A column of prices that names its money: "Open (USD)". */
const MONEY_OF_COLUMN = /\(([A-Z]{3,5})\)\s{0,9}$/;

/** Reads what a file says, by its columns, its first row and the texts beside its rows. */
export function readHints(source: RowSource, { format, places }: Layout): Hints {
  const cells = source.sample.find(({ broken }) => broken === undefined)?.cells ?? [];
  const cell = (field: 'symbol' | 'assetName' | 'currency'): string | null => {
    const place = places.get(field);
    return boundName((place === undefined ? undefined : cells[place]) || null);
  };
  const fact = (pattern: RegExp) =>
    boundName([...source.facts].find(([name]) => pattern.test(name))?.[1] ?? null);
  const said = cell('symbol') ?? fact(SYMBOL_FACT);
  const { symbol = null, currency = null } = said === null || said.includes(',') ? {} : splitSymbol(said);
  const closeName = source.header?.[places.get('close') ?? -1] ?? '';
  const ofColumn = MONEY_OF_COLUMN.exec(closeName)?.[1] ?? null;
  return {
    symbol,
    name: cell('assetName'),
    currency: cell('currency') ?? fact(CURRENCY_FACT) ?? currency ?? ofColumn ?? format.currency ?? null,
    volume: format.volume,
  };
}
