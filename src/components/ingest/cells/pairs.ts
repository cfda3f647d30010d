/** What is traded for what, as symbols, names of files and names of columns say it. */
import type { VolumeUnit } from '../../../domain/prices/currency.js';

/** "BTC" and "USD" of "BTC/USD"; an asset without a pair has no money. */
export interface Pair {
  readonly symbol: string;
  /** As it is written, also a token such as USDT; null: it is not said. */
  readonly currency: string | null;
}

/** Money that symbols of exchanges end in, the longer before the shorter. */
const MONEY = [
  ...['FDUSD', 'USDT', 'USDC', 'BUSD', 'TUSD', 'USD', 'EUR', 'GBP', 'JPY', 'CHF', 'AUD', 'CAD', 'KRW'],
  ...['TRY', 'BRL'],
];
/** Also the money of pairs that have a mark between their parts; after a mark that is no money, as in "BRK-B", it is part of the symbol. */
const MONEY_OF_PAIRS = new Set([...MONEY, 'BTC', 'ETH', 'DAI', 'INR', 'ZAR', 'MXN', 'SGD', 'HKD', 'CNY']);
/** What a symbol that is surely a pair may end in beside MONEY. */
const COINS_OF_PAIRS = ['BTC', 'XBT', 'ETH', 'BNB'];

/** "BTC/USD", "BTC-USD", "BTC_USDT" and "BTCUSDT" as an asset and its money; "AAPL" and "AAPL.US" as an asset. */
export function splitSymbol(text: string): Pair {
  const upper = text.trim().toUpperCase();
  const [, base = '', mark = '', quote = ''] = /^([^/_:-]+)([/_:-])([^/_:-]+)/.exec(upper) ?? [];
  if (mark === '/' || MONEY_OF_PAIRS.has(quote)) return { symbol: base, currency: quote };
  const money = endingOf(upper, MONEY);
  if (money !== undefined) return { symbol: upper.slice(0, -money.length), currency: money };
  return { symbol: upper.replace(/\.[A-Z]{1,4}$/, ''), currency: null };
}

/** Whether the text in a column of symbols is that of this asset, alone or as a pair. */
export function isOfSymbol(text: string, symbol: string | null): boolean {
  return symbol !== null && splitSymbol(text).symbol === symbol;
}

function endingOf(symbol: string, endings: readonly string[]): string | undefined {
  // DOTUSD is DOT for USD, and not DO for TUSD.
  const least = (ending: string) => ending.length + (ending.length > 3 ? 3 : 2);
  return endings.find((ending) => symbol.endsWith(ending) && symbol.length >= least(ending));
}

/** The same of what is a pair for sure, as in names of an exchange's files: "ETHBTC" too, and Kraken's "XXBTZEUR". */
export function splitPair(text: string): Pair {
  const plain = text.toUpperCase().replace(/^X([A-Z]{3})[XZ]([A-Z]{3})$/, '$1/$2');
  const { symbol, currency } = splitSymbol(plain);
  const coin = currency === null ? endingOf(symbol, COINS_OF_PAIRS) : undefined;
  const pair =
    coin === undefined ? { symbol, currency } : { symbol: symbol.slice(0, -coin.length), currency: coin };
  return {
    symbol: usualName(pair.symbol),
    currency: pair.currency === null ? null : usualName(pair.currency),
  };
}

/** Kraken and BitMEX call Bitcoin XBT, Kraken Dogecoin XDG. */
function usualName(code: string): string {
  return code === 'XBT' ? 'BTC' : code === 'XDG' ? 'DOGE' : code;
}

/** What the name of a column says that volumes count: "Volume BTC" beside the symbol BTC, "Volume USDT", "quote_volume". */
export function unitOfVolume(name: string, symbol: string | null): VolumeUnit | null {
  const plain = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  if (/^(?:BASE(?:ASSET)?VOLUME|VOLUMEFROM|VOLUMEBASE)$/.test(plain)) return 'coins';
  if (/^(?:QUOTE(?:ASSET)?VOLUME|VOLUMETO|VOLUMEQUOTE)$/.test(plain)) return 'money';
  const code = codeOfVolume(name);
  if (code === null) return null;
  if (symbol !== null && usualName(code) === usualName(symbol.toUpperCase())) return 'coins';
  return MONEY.includes(code) ? 'money' : null;
}

/** "BTC" of "Volume BTC", "Volume (BTC)" and "volume_btc". */
function codeOfVolume(name: string): string | null {
  const plain = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return /^VOL(?:UME)?(?:IN)?([A-Z][A-Z0-9]{1,9})$/.exec(plain)?.[1] ?? null;
}

/** The money of a table with two columns of volume, one in coins and one in money: "Volume BTC", "Volume USDT"; null: it has no such two. */
export function moneyOfVolumes(names: readonly string[]): string | null {
  const codes = names.map(codeOfVolume).filter((code) => code !== null);
  const money = codes.filter((code) => MONEY.includes(code));
  return codes.length === 2 && money.length === 1 ? (money[0] ?? null) : null;
}

/** Pence are no pounds: Yahoo writes them GBp, and others GBX. */
export function wholeMoney(code: string | null): string | null {
  return code === 'GBp' ? 'GBX' : code;
}
