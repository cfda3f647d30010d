import type { Format } from './parts/format.js';

/** "Date","Price","Open","High","Low","Vol.","Change %": 8,746.6 and 1.2K, dates in the manner of the reader's country. */
export const INVESTING: Format = {
  id: 'investing',
  label: 'Investing.com',
  from: 'investing.com, "Download" of historical data',
  signs: ['date', 'price', 'open', 'high', 'low', /^change%?$/],
  columns: { close: ['price'] },
  volume: null,
  // BTC_USD Bitfinex Historical Data.csv
  pairInName: /^([A-Z0-9]{2,10})_([A-Z]{3,4}) (?:.{1,40} )?Historical Data/,
};
