import type { Format } from './parts/format.js';

/** "time,open,high,low,close" first, then what the chart shows: indicators, which are ignored, and the volume. */
export const TRADINGVIEW: Format = {
  id: 'tradingview',
  label: 'TradingView',
  from: 'tradingview.com, "Export chart data"',
  signs: ['time', 'open', 'high', 'low', 'close'],
  begins: ['time', 'open', 'high', 'low', 'close'],
  columns: { day: ['time'] },
  volume: null,
  // BITSTAMP_BTCUSD, 1D.csv
  pairInName: /^[A-Z0-9]{2,20}_([A-Z0-9]{5,20}?)(?:\.P)?, 1D/,
};
