import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

/** Between the lowest and the highest price, or 0 where nobody traded: a volume in its place is no average. */
const isAverage = (text = '', high = '', low = '') => Number(text) === 0 || isOrdered(text, high, low, text);
const isSeconds = (text = '') => /^\d{9,10}(?:\.0+)?$/.test(text);

/** Epoch seconds, four prices, volume, trades; no header. */
export const KRAKEN: Format = {
  id: 'kraken',
  label: 'Kraken OHLCVT',
  from: 'support.kraken.com, downloadable OHLCVT data: files ending in _1440.csv',
  signs: null,
  places: ['day', 'open', 'high', 'low', 'close', 'volume', null],
  isFilledBy: ([time, open, high, low, close]) => isSeconds(time) && isOrdered(open, high, low, close),
  volume: 'coins',
  pairInName: /^([A-Z0-9]{5,14})_1440\./,
};

/** The API has the volume-weighted price before the volume. `last` is the time of its last candle that is over. */
export const KRAKEN_API: Format = {
  ...KRAKEN,
  id: 'kraken-api',
  label: 'Kraken, OHLC of its API',
  from: 'api.kraken.com/0/public/OHLC?interval=1440',
  places: ['day', 'open', 'high', 'low', 'close', null, 'volume', null],
  isFilledBy: ([time, open, high, low, close, average]) =>
    isSeconds(time) && isOrdered(open, high, low, close) && isAverage(average, high, low),
  pairInFacts: /^result\.([A-Z0-9]{5,14})$/,
  isOpen: ([time], facts) => Number(time) > Number(facts.get('result.last')),
};
