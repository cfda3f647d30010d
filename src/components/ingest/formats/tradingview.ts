import type { Format } from './format.js';

/** "time,open,high,low,close" first, then what stands in the chart: indicators, which are passed over, and the volume. */
export const TRADINGVIEW: Format = {
  id: 'tradingview',
  label: 'TradingView',
  from: 'tradingview.com, "Export chart data"',
  signs: ['time', 'open', 'high', 'low', 'close'],
  begins: ['time', 'open', 'high', 'low', 'close'],
  columns: { day: ['time'] },
  volume: null,
};
