import { FREQTRADE_NAME } from './exchanges/candles.js';
import type { Format } from './parts/format.js';

/** Whatever table names its columns as everybody does: also ccxt's and freqtrade's in Parquet and Feather. */
export const TABLE: Format = {
  id: 'table',
  label: 'a table with the usual names',
  from: 'any program: columns date (or time, timestamp, unix), open, high, low, close, and volume or not, in any order',
  signs: [],
  volume: null,
  // freqtrade writes its candles as Feather and Parquet too.
  pairInName: FREQTRADE_NAME,
};
