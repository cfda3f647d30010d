import { CANDLES } from './candles.js';
import { CSV_SOURCE } from './csv-source.js';
import { JSON_SOURCE } from './json-source.js';
import type { PriceFormat, PriceSource } from './price-source.js';
import { API_QUOTES } from './quote-formats.js';

/** The kinds of files that prices come in; the first that claims a file reads it. */
const PRICE_SOURCES: readonly PriceSource[] = [JSON_SOURCE, CSV_SOURCE];

/** All that a report can be about. */
const PRICE_FORMATS: readonly PriceFormat[] = [...PRICE_SOURCES, API_QUOTES, CANDLES];

/** The source that reads a file which begins like this; CSV claims what is left, so there always is one. */
export function sourceBegunBy(firstLetter: string): PriceSource {
  return PRICE_SOURCES.find((source) => source.isBegunBy(firstLetter)) ?? CSV_SOURCE;
}

/** How the prices of a report's `format` are spoken of. */
export function formatNamed(format: string): PriceFormat {
  return PRICE_FORMATS.find((known) => known.format === format) ?? CSV_SOURCE;
}
