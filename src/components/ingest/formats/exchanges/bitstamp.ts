import type { Format } from '../parts/format.js';

/** {"data": {"pair": "BTC/USD", "ohlc": [{"timestamp": "…", …}]}} */
export const BITSTAMP: Format = {
  id: 'bitstamp',
  label: 'Bitstamp',
  from: 'www.bitstamp.net/api/v2/ohlc/btcusd/?step=86400',
  signs: ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
  isSaidBy: (facts) => facts.has('data.pair'),
  volume: 'coins',
};
