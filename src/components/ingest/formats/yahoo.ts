import type { VolumeUnit } from '../../../domain/prices/currency.js';
import type { Pair } from '../cells/pairs.js';
import type { Format } from './parts/format.js';

/** BTC-USD.csv; AAPL.csv says no money. */
const TICKER_NAME = /^([A-Z0-9]{2,10})-(USD|EUR|GBP|JPY|CAD|AUD|KRW|INR|CNY)[ .(_]/;

/** Of shares it gives shares; of coins, which it names as pairs, money. */
function volumeOfTicker(pair: Pair | null): VolumeUnit | null {
  if (pair === null) return null;
  return pair.currency === null ? 'coins' : 'money';
}

/** Raw prices beside a close that is adjusted for splits and dividends; also yfinance's, with its three header lines. */
export const YAHOO: Format = {
  id: 'yahoo',
  label: 'Yahoo Finance',
  from: 'finance.yahoo.com, "Download", its chart API, and yfinance',
  signs: ['open', 'high', 'low', 'close', 'adjclose', 'volume'],
  volume: null,
  volumeOfPair: volumeOfTicker,
  pairInName: TICKER_NAME,
};

/** yfinance that has adjusted all four prices already, or has no adjusted close. */
export const YFINANCE: Format = {
  id: 'yfinance',
  label: 'Yahoo Finance, by yfinance',
  from: 'yfinance.download(…).to_csv(…)',
  signs: ['open', 'high', 'low', 'close'],
  isSaidBy: (facts) => facts.has('tickers'),
  volume: null,
  volumeOfPair: volumeOfTicker,
  pairInName: TICKER_NAME,
};
