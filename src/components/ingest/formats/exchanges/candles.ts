import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

/** Coinbase has low and high before open and close, in epoch seconds. */
export const COINBASE: Format = {
  id: 'coinbase',
  label: 'Coinbase candles',
  from: 'api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400',
  signs: null,
  places: ['day', 'low', 'high', 'open', 'close', 'volume'],
  isFilledBy: ([time = '', low, high, open, close]) =>
    /^\d{9,10}$/.test(time) && isOrdered(open, high, low, close),
  volume: 'coins',
  // BTC-USD.json: a product as its API names it.
  pairInName: /^([A-Z0-9]{2,10})-(USDT|USDC|USD|EUR|GBP|BTC|ETH)[-_.]/,
};

/** BTC_USDT-1d.feather */
export const FREQTRADE_NAME = /^([A-Z0-9]{2,15})_([A-Z0-9]{2,6})(?:_[A-Z0-9]{2,6})?-1d[-.]/;

/** ccxt, and freqtrade that stores it: time, open, high, low, close, volume. */
export const CCXT: Format = {
  id: 'ccxt',
  label: 'ccxt or freqtrade candles',
  from: "ccxt's fetchOHLCV, freqtrade's download-data",
  signs: null,
  places: ['day', 'open', 'high', 'low', 'close', 'volume'],
  isFilledBy: ([time = '', open, high, low, close]) =>
    /^(?:\d{9,10}|\d{13}|\d{16})$/.test(time) && isOrdered(open, high, low, close),
  volume: 'coins',
  pairInName: FREQTRADE_NAME,
};
