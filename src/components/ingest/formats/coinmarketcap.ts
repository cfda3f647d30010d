import type { Format } from './parts/format.js';

const LABEL = 'CoinMarketCap';

/** The export of today: rows with all their times, and `name`, the number of the currency, which may be absent. */
export const COINMARKETCAP: Format = {
  id: 'coinmarketcap',
  label: LABEL,
  from: 'coinmarketcap.com, "Download CSV" of an asset\'s historical data',
  signs: ['timeopen', 'timeclose', 'timestamp'],
  columns: { name: ['name'], assetName: [] },
  // The number of the currency says it, row by row.
  volume: null,
  hasPlainNumbers: true,
  hasTimes: true,
};

/** The table of years ago: "Mar 27, 2018", and a market cap. */
export const COINMARKETCAP_OLD: Format = {
  id: 'coinmarketcap-old',
  label: `${LABEL}, the layout of years ago`,
  from: "coinmarketcap.com's table of historical data, as it was saved until 2020",
  signs: ['date', 'open', 'high', 'low', 'close', 'volume', 'marketcap'],
  volume: 'money',
  currency: 'USD',
};
