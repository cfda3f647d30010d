/** Layouts of lines and cells. */
import { civil, type FileDay, type FileLayout, iso, lines, DAY_MS as MS, newestFirst } from './days.js';

const named = (day: FileDay) =>
  civil(day).toLocaleDateString('en-US', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'short',
    day: '2-digit',
  });
const american = (day: FileDay) => iso(day).replace(/(\d+)-(\d+)-(\d+)/, '$2/$3/$1');
const grouped = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 2 });
const german = (value: number) => value.toLocaleString('de-DE', { maximumFractionDigits: 2 });
const ohlc = ({ open, high, low, close }: FileDay) => `${open},${high},${low},${close}`;
const quoted = (cells: readonly (string | number)[]) => cells.map((cell) => `"${cell}"`).join(',');
const klines = (unit: number) => (days: readonly FileDay[]) =>
  days.map((day) => {
    const openTime = day.day * MS * unit;
    return `${openTime},${ohlc(day)},${day.volume},${openTime + MS * unit - 1},50623368.59,1234,633.97,25311684.29,0`;
  });
const KLINE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';

export const CSV_LAYOUTS: readonly FileLayout[] = [
  {
    label: 'CoinMarketCap',
    file: 'cmc.csv',
    quote: [null, null],
    write: (days) =>
      `\ufeff${lines(
        'timeOpen;timeClose;timeHigh;timeLow;open;high;low;close;volume;timestamp',
        newestFirst(days).map((day) => {
          const [open, close] = [`${iso(day)}T00:00:00.000Z`, `${iso(day)}T23:59:59.999Z`];
          return `"${open}";"${close}";;;${ohlc(day).replaceAll(',', ';')};${day.volume};"${close}"`;
        }),
      )}`,
  },
  {
    label: 'CoinMarketCap, the layout of years ago',
    file: 'old.csv',
    quote: ['USD', 'money'],
    write: (days) =>
      lines(
        'Date,Open*,High,Low,Close**,Volume,Market Cap',
        newestFirst(days).map((day) =>
          quoted([named(day), ...[day.open, day.high, day.low, day.close, day.volume].map(grouped), '-']),
        ),
      ),
  },
  {
    label: 'Yahoo Finance',
    file: 'BTC-USD.csv',
    quote: ['USD', 'money'],
    write: (days) =>
      lines(
        'Date,Open,High,Low,Close,Adj Close,Volume',
        days.map((day) => `${iso(day)},${ohlc(day)},${day.close / 2},${day.volume}`),
      ),
  },
  {
    label: 'Yahoo Finance, by yfinance',
    file: 'yfinance.csv',
    quote: ['USD', 'money'],
    write: (days) =>
      lines('Price,Close,High,Low,Open,Volume', [
        'Ticker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD',
        'Date,,,,,',
        ...days.map((day) => `${iso(day)},${day.close},${day.high},${day.low},${day.open},${day.volume}`),
      ]),
  },
  {
    label: 'Binance',
    file: 'BTCUSDT-1d-2024-02.csv',
    quote: ['USD', 'coins'],
    write: (days) => lines(null, klines(1)(days)),
  },
  {
    label: 'Binance',
    file: 'klines-us.csv',
    quote: [null, 'coins'],
    write: (days) => lines(null, klines(1000)(days)),
  },
  {
    label: 'Binance, with a header',
    file: 'futures.csv',
    quote: [null, 'coins'],
    write: (days) => lines(KLINE_HEADER, klines(1)(days), '\r\n'),
  },
  {
    label: 'CryptoDataDownload',
    file: 'Bitstamp_BTCUSD_d.csv',
    quote: ['USD', 'coins'],
    write: (days) =>
      lines('https://www.CryptoDataDownload.com', [
        'unix,date,symbol,open,high,low,close,Volume BTC,Volume USD',
        // The site changed from seconds to milliseconds in the middle of its files.
        ...newestFirst(days).map((day, index) => {
          const unix = (day.day * MS) / (index < days.length / 2 ? 1 : 1000);
          return `${unix},${iso(day)} 00:00:00,BTC/USD,${ohlc(day)},${day.volume},${day.volume * day.close}`;
        }),
      ]),
  },
  {
    label: 'Kraken OHLCVT',
    file: 'XBTUSD_1440.csv',
    quote: ['USD', 'coins'],
    write: (days) =>
      lines(
        null,
        days.map((day) => `${(day.day * MS) / 1000},${ohlc(day)},${day.volume},321`),
      ),
  },
  {
    label: 'Stooq, text files',
    file: 'btc.v.txt',
    quote: [null, null],
    write: (days) =>
      lines(
        '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
        days.map((day) => `BTC.V,D,${iso(day).replaceAll('-', '')},000000,${ohlc(day)},${day.volume},0`),
      ),
  },
  {
    label: 'Stooq, in Polish',
    file: 'btcusd_d.csv',
    quote: ['USD', null],
    write: (days) =>
      lines(
        'Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen',
        days.map((day) => `${iso(day)},${ohlc(day)},${day.volume}`),
      ),
  },
  {
    label: 'Investing.com',
    file: 'BTC_USD Bitfinex Historical Data.csv',
    quote: ['USD', null],
    write: (days) =>
      `\ufeff${lines(
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        newestFirst(days).map((day) =>
          quoted([
            american(day),
            ...[day.close, day.open, day.high, day.low].map(grouped),
            `${(day.volume / 1000).toFixed(3)}K`,
            '-0.12%',
          ]),
        ),
      )}`,
  },
  {
    label: 'TradingView',
    file: 'BITSTAMP_BTCUSD, 1D.csv',
    quote: ['USD', null],
    write: (days) =>
      lines(
        'time,open,high,low,close,MA,MA,Volume,Volume MA',
        days.map((day) => `${(day.day * MS) / 1000},${ohlc(day)},NaN,1.5,${day.volume},NaN`),
      ),
  },
  {
    label: "Kaggle's coin files",
    file: 'coin_Bitcoin.csv',
    quote: ['USD', 'money'],
    write: (days) =>
      lines(
        'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap',
        days.map(
          (day, index) =>
            `${index + 1},Bitcoin,BTC,${iso(day)} 23:59:59,${day.high},${day.low},${day.open},${day.close},${day.volume},`,
        ),
      ),
  },
  {
    label: 'a table with the usual names',
    file: 'german.csv',
    quote: [null, null],
    write: (days) =>
      `sep=;\r\n${lines(
        'Volume;close;LOW;High;Open;Date',
        days.map((day) =>
          [
            ...[day.volume, day.close, day.low, day.high, day.open].map(german),
            iso(day).split('-').reverse().join('.'),
          ].join(';'),
        ),
        '\r\n',
      )}`,
  },
  {
    label: 'a table with the usual names',
    file: 'tabs.tsv',
    quote: [null, null],
    write: (days) =>
      Buffer.from(
        `\ufeff${lines(
          'note\tdatetime\topen\thigh\tlow\tclose\tvolume\tnote 2',
          days.map(
            (day) => `\t${iso(day)}T00:00:00+00:00\t${ohlc(day).replaceAll(',', '\t')}\t${day.volume}\t`,
          ),
          '\r',
        )}`,
        'utf16le',
      ),
  },
];
