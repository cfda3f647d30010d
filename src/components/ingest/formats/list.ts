import { ALPHAVANTAGE, ALPHAVANTAGE_ADJUSTED, ALPHAVANTAGE_DIGITAL } from './alphavantage.js';
import { COINMARKETCAP, COINMARKETCAP_OLD } from './coinmarketcap.js';
import { BINANCE, BINANCE_NAMED } from './exchanges/binance.js';
import { BITSTAMP } from './exchanges/bitstamp.js';
import { BYBIT, BYBIT_INVERSE } from './exchanges/bybit.js';
import { CCXT, COINBASE } from './exchanges/candles.js';
import { CRYPTODATADOWNLOAD } from './exchanges/cryptodatadownload.js';
import { GATE } from './exchanges/gate.js';
import { KRAKEN, KRAKEN_API } from './exchanges/kraken.js';
import { KUCOIN } from './exchanges/kucoin.js';
import { OKX, OKX_INDEX } from './exchanges/okx.js';
import { INVESTING } from './investing.js';
import { KAGGLE } from './kaggle.js';
import type { Format } from './parts/format.js';
import { STOOQ, STOOQ_POLISH } from './stooq.js';
import { TABLE } from './table.js';
import { TRADINGVIEW } from './tradingview.js';
import { YAHOO, YFINANCE } from './yahoo.js';

/** The formats that are known; the first that fits a file reads it, so those with more signs come first. */
export const FORMATS: readonly Format[] = [
  COINMARKETCAP,
  KAGGLE,
  COINMARKETCAP_OLD,
  ALPHAVANTAGE_ADJUSTED,
  ALPHAVANTAGE_DIGITAL,
  ALPHAVANTAGE,
  YFINANCE,
  YAHOO,
  BINANCE_NAMED,
  BINANCE,
  BYBIT,
  BYBIT_INVERSE,
  OKX,
  OKX_INDEX,
  KUCOIN,
  GATE,
  KRAKEN,
  KRAKEN_API,
  CCXT,
  COINBASE,
  CRYPTODATADOWNLOAD,
  BITSTAMP,
  STOOQ,
  STOOQ_POLISH,
  INVESTING,
  TRADINGVIEW,
  TABLE,
];
