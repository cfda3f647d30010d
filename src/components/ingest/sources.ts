import { CSV_SOURCE } from './csv-source.js';
import { JSON_SOURCE } from './json-source.js';
import type { PriceSource } from './price-source.js';

/** The kinds of files that prices come in; the first that claims a file reads it. */
const PRICE_SOURCES: readonly PriceSource[] = [JSON_SOURCE, CSV_SOURCE];

/** The source that reads a file which begins like this; CSV claims what is left, so there always is one. */
export function sourceBegunBy(firstLetter: string): PriceSource {
  return PRICE_SOURCES.find((source) => source.isBegunBy(firstLetter)) ?? CSV_SOURCE;
}

/** The source of a report's `format`. */
export function sourceOfFormat(format: string): PriceSource {
  return PRICE_SOURCES.find((source) => source.format === format) ?? CSV_SOURCE;
}
