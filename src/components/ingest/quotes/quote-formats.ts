import type { PriceFormat } from '../prices/price-source.js';

/** CoinMarketCap's JSON from a file, as it is spoken of. */
export const FILE_QUOTES: PriceFormat = {
  format: 'json',
  volume: 'money',
  words: { records: 'quotes', record: 'quote', field: 'field', whole: 'file' },
  describePlace: (line) => `quotes[${line}]`,
};

/** The same, asked for. */
export const API_QUOTES: PriceFormat = {
  ...FILE_QUOTES,
  format: 'api',
  words: { ...FILE_QUOTES.words, whole: 'answer' },
};
