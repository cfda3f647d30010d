import type { Format } from './parts/format.js';

const SHARED = { from: 'www.alphavantage.co, JSON or datatype=csv' } as const;

/** TIME_SERIES_DAILY_ADJUSTED: raw prices beside an adjusted close. */
export const ALPHAVANTAGE_ADJUSTED: Format = {
  ...SHARED,
  id: 'alphavantage-adjusted',
  label: 'Alpha Vantage, adjusted',
  signs: ['open', 'high', 'low', 'close', 'adjustedclose', 'volume', 'dividendamount'],
  volume: null,
};

/** DIGITAL_CURRENCY_DAILY of another market: each price in its money and in dollars; dollars are read. */
export const ALPHAVANTAGE_DIGITAL: Format = {
  ...SHARED,
  id: 'alphavantage-digital',
  label: 'Alpha Vantage, digital currency',
  signs: ['openusd', 'highusd', 'lowusd', 'closeusd'],
  columns: {
    open: ['openusd'],
    high: ['highusd'],
    low: ['lowusd'],
    close: ['closeusd'],
    marketCap: ['marketcapusd'],
  },
  volume: 'coins',
  currency: 'USD',
};

/** TIME_SERIES_DAILY and all others of its answers. */
export const ALPHAVANTAGE: Format = {
  ...SHARED,
  id: 'alphavantage',
  label: 'Alpha Vantage',
  signs: ['date', 'open', 'high', 'low', 'close'],
  isSaidBy: (facts) => [...facts.keys()].some((name) => name.startsWith('Meta Data.')),
  volume: null,
};
