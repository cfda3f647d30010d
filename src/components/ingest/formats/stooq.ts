import type { Format } from './parts/format.js';

/** btcusd_d.csv */
const PAGE_NAME = /^([a-z]{3}(?:usd|eur|gbp|jpy|chf|aud|cad))_d\./;

/** "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,…", also that of MetaStock and of Russian brokers. */
export const STOOQ: Format = {
  id: 'stooq',
  label: 'Stooq, text files',
  from: 'stooq.com/db/h, daily files',
  signs: ['ticker', 'per', 'date', 'open', 'high', 'low', 'close'],
  volume: null,
  pairInName: PAGE_NAME,
};

/** Stooq's page in Polish. */
export const STOOQ_POLISH: Format = {
  id: 'stooq-polish',
  label: 'Stooq, in Polish',
  from: 'stooq.pl, historical data of a symbol',
  signs: ['data', 'otwarcie', 'najwyzszy', 'najnizszy', 'zamkniecie'],
  columns: {
    day: ['data'],
    open: ['otwarcie'],
    high: ['najwyzszy'],
    low: ['najnizszy'],
    close: ['zamkniecie'],
    volume: ['wolumen'],
  },
  volume: null,
  pairInName: PAGE_NAME,
};
