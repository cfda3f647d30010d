import type { Format } from './parts/format.js';

/** "SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap": CoinMarketCap's days by another hand. */
export const KAGGLE: Format = {
  id: 'kaggle',
  label: "Kaggle's coin files",
  from: 'kaggle.com, "Cryptocurrency Historical Prices" and similar ones: coin_Bitcoin.csv',
  signs: ['name', 'symbol', 'date', 'high', 'low', 'open', 'close', 'marketcap'],
  volume: 'money',
  currency: 'USD',
};
