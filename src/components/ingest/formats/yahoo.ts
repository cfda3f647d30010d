import type { Format } from './format.js';

/** Raw prices beside a close that is adjusted for splits and dividends; also yfinance's, with its three header lines. */
export const YAHOO: Format = {
  id: 'yahoo',
  label: 'Yahoo Finance',
  from: 'finance.yahoo.com, "Download", its chart API, and yfinance',
  signs: ['open', 'high', 'low', 'close', 'adjclose', 'volume'],
  // What is traded against money on an exchange of shares is shares; of coins Yahoo gives money.
  volume: null,
};

/** yfinance that has adjusted all four prices already, or has no adjusted close. */
export const YFINANCE: Format = {
  id: 'yfinance',
  label: 'Yahoo Finance, by yfinance',
  from: 'yfinance.download(…).to_csv(…)',
  signs: ['open', 'high', 'low', 'close'],
  isSaidBy: (facts) => facts.has('tickers'),
  volume: null,
};
