/** Layouts of JSON, as a document and as lines. */
import { columnsOf, type FileDay, type FileLayout, iso, lines, DAY_MS as MS, newestFirst } from './days.js';

const alpha = (days: readonly FileDay[], extra: Record<string, string> = {}) =>
  Object.fromEntries(
    newestFirst(days).map((day) => [
      iso(day),
      {
        '1. open': String(day.open),
        '2. high': String(day.high),
        '3. low': String(day.low),
        '4. close': String(day.close),
        ...extra,
        '5. volume': String(day.volume),
      },
    ]),
  );

const candles = (days: readonly FileDay[], unit: number) =>
  days.map((day) => [day.day * MS * unit, day.open, day.high, day.low, day.close, day.volume]);

const bybit = (days: readonly FileDay[], market: { category: string; symbol: string }) =>
  JSON.stringify({
    retCode: 0,
    retMsg: 'OK',
    result: {
      ...market,
      list: newestFirst(days).map(({ day, open, high, low, close, volume }) =>
        [day * MS, open, high, low, close, volume, 17].map(String),
      ),
    },
    retExtInfo: {},
    time: ((days.at(-1)?.day ?? 0) + 1) * MS + 1,
  });

export const JSON_LAYOUTS: readonly FileLayout[] = [
  {
    label: 'Alpha Vantage',
    file: 'daily.json',
    quote: [null, null],
    write: (days) =>
      JSON.stringify({
        'Meta Data': { '1. Information': 'Daily Prices', '2. Symbol': 'BTC', '5. Time Zone': 'US/Eastern' },
        'Time Series (Daily)': alpha(days),
      }),
  },
  {
    label: 'Alpha Vantage, adjusted',
    file: 'adjusted.json',
    quote: [null, null],
    write: (days) =>
      JSON.stringify({
        'Meta Data': { '2. Symbol': 'BTC' },
        'Time Series (Daily)': alpha(days, { '5. adjusted close': '1', '7. dividend amount': '0.0' }),
      }),
  },
  {
    label: 'Alpha Vantage, digital currency',
    file: 'digital.json',
    quote: ['USD', 'coins'],
    write: (days) =>
      JSON.stringify({
        'Meta Data': { '2. Digital Currency Code': 'BTC', '4. Market Code': 'EUR' },
        'Time Series (Digital Currency Daily)': Object.fromEntries(
          days.map((day) => [
            iso(day),
            {
              ...{ '1a. open (EUR)': '1', '1b. open (USD)': day.open, '2a. high (EUR)': '1' },
              ...{ '2b. high (USD)': day.high, '3a. low (EUR)': '1', '3b. low (USD)': day.low },
              ...{ '4a. close (EUR)': '1', '4b. close (USD)': day.close, '5. volume': day.volume },
            },
          ]),
        ),
      }),
  },
  {
    label: 'ccxt or freqtrade candles',
    file: 'BTC_USDT-1d.json',
    quote: ['USD', 'coins'],
    write: (days) => JSON.stringify(candles(days, 1)),
  },
  {
    label: 'Coinbase candles',
    file: 'BTC-EUR.json',
    quote: ['EUR', 'coins'],
    write: (days) =>
      JSON.stringify(
        newestFirst(days).map(({ day, low, high, open, close, volume }) => [
          (day * MS) / 1000,
          low,
          high,
          open,
          close,
          volume,
        ]),
      ),
  },
  {
    label: 'Kraken, OHLC of its API',
    file: 'kraken.json',
    quote: ['USD', 'coins'],
    write: (days) =>
      JSON.stringify({
        error: [],
        result: {
          XXBTZUSD: days.map((day) => [
            (day.day * MS) / 1000,
            ...[day.open, day.high, day.low, day.close, day.open, day.volume].map(String),
            99,
          ]),
          // Its newest candle that is over.
          last: ((days.at(-1)?.day ?? 0) * MS) / 1000,
        },
      }),
  },
  {
    label: 'Bybit',
    file: 'bybit.json',
    quote: ['USD', 'coins'],
    write: (days) => bybit(days, { category: 'spot', symbol: 'BTCUSDT' }),
  },
  {
    label: 'Bybit, inverse contracts',
    file: 'bybit-inverse.json',
    quote: ['USD', 'money'],
    write: (days) => bybit(days, { category: 'inverse', symbol: 'BTCUSD' }),
  },
  {
    label: 'OKX',
    file: 'okx.json',
    quote: [null, 'money'],
    write: (days) =>
      JSON.stringify({
        code: '0',
        msg: '',
        data: newestFirst(days).map(({ day, open, high, low, close, volume }) =>
          [day * MS, open, high, low, close, 17, 0.25, volume, 1].map(String),
        ),
      }),
  },
  {
    label: 'KuCoin',
    file: 'kucoin.json',
    quote: [null, 'coins'],
    write: (days) =>
      JSON.stringify({
        code: '200000',
        data: newestFirst(days).map(({ day, open, high, low, close, volume }) =>
          [(day * MS) / 1000, open, close, high, low, volume, 17].map(String),
        ),
      }),
  },
  {
    label: 'Gate',
    file: 'gate.json',
    quote: [null, 'coins'],
    write: (days) =>
      JSON.stringify(
        days.map(({ day, open, high, low, close, volume }) =>
          [(day * MS) / 1000, 17, close, high, low, open, volume, true].map(String),
        ),
      ),
  },
  {
    label: 'Bitstamp',
    file: 'bitstamp.json',
    quote: ['USD', 'coins'],
    write: (days) =>
      JSON.stringify({
        data: {
          pair: 'BTC/USD',
          ohlc: days.map((day) => ({
            ...{
              close: String(day.close),
              high: String(day.high),
              low: String(day.low),
              open: String(day.open),
            },
            ...{ timestamp: String((day.day * MS) / 1000), volume: String(day.volume) },
          })),
        },
      }),
  },
  {
    label: 'Yahoo Finance',
    file: 'chart.json',
    quote: ['USD', 'money'],
    write: (days) => {
      const columns = columnsOf(days);
      return JSON.stringify({
        chart: {
          result: [
            {
              meta: { currency: 'USD', symbol: 'BTC-USD' },
              timestamp: days.map(({ day }) => (day * MS) / 1000),
              indicators: { quote: [columns], adjclose: [{ adjclose: columns.close }] },
            },
          ],
          error: null,
        },
      });
    },
  },
  {
    label: 'a table with the usual names',
    file: 'lines.ndjson',
    quote: [null, null],
    write: (days) =>
      lines(
        null,
        days.map((day) => JSON.stringify({ ...day, day: undefined, date: iso(day) })),
      ),
  },
  {
    label: 'ccxt or freqtrade candles',
    file: 'lists.jsonl',
    quote: [null, 'coins'],
    write: (days) =>
      lines(
        null,
        candles(days, 1).map((candle) => JSON.stringify(candle)),
      ),
  },
];
