import type { PriceFormat } from '../prices/price-source.js';
import { CANDLES } from '../quotes/candles.js';
import { API_QUOTES, FILE_QUOTES } from '../quotes/quote-formats.js';

const LINES: PriceFormat = {
  format: 'csv',
  words: { records: 'lines', record: 'line', field: 'column', whole: 'file' },
  describePlace: (line) => `line ${line}`,
};

const RECORDS: PriceFormat = {
  format: 'records',
  words: { records: 'records', record: 'record', field: 'field', whole: 'file' },
  describePlace: (line) => `record ${line}`,
};

/** All that a report can be about. */
const PRICE_FORMATS: readonly PriceFormat[] = [
  LINES,
  RECORDS,
  { ...RECORDS, format: 'ndjson', describePlace: LINES.describePlace },
  { ...RECORDS, format: 'parquet' },
  { ...RECORDS, format: 'arrow' },
  FILE_QUOTES,
  API_QUOTES,
  CANDLES,
];

/** How the prices of a report's `format` are spoken of. */
export function formatNamed(format: string): PriceFormat {
  return PRICE_FORMATS.find((known) => known.format === format) ?? LINES;
}
