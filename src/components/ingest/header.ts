import type { StagedPrice } from '../../storage/price-ingest.js';
import {
  NUMBER_EXPECTED,
  parseNumberCell,
  parseTextCell,
  parseTimestampCell,
  TEXT_EXPECTED,
  TIMESTAMP_EXPECTED,
} from './cells.js';
import { splitCells } from './records.js';

/** One column of the file: reads a cell into a price; false when the cell cannot be read. */
export interface SourceColumn {
  readonly name: string;
  readonly expected: string;
  readonly isTimestamp: boolean;
  readonly isOptional: boolean;
  read(price: StagedPrice, text: string): boolean;
}

/** Fields of a price that may be null, all numbers: prices, sizes, and times as epoch microseconds. */
type NumberField = Exclude<keyof StagedPrice, 'id' | 'line' | 'name' | 'timestampUs'>;

function timestampColumn(name: string, field: NumberField): SourceColumn {
  return {
    name,
    expected: TIMESTAMP_EXPECTED,
    isTimestamp: true,
    isOptional: false,
    read: (price, text) => assign(price, field, parseTimestampCell(text)),
  };
}

function numberColumn(name: string, field: NumberField, isOptional = false): SourceColumn {
  return {
    name,
    expected: NUMBER_EXPECTED,
    isTimestamp: false,
    isOptional,
    read: (price, text) => assign(price, field, parseNumberCell(text)),
  };
}

function assign(price: StagedPrice, field: NumberField, value: number | null | undefined): boolean {
  if (value === undefined) return false;
  price[field] = value;
  return true;
}

const NAME_COLUMN: SourceColumn = {
  name: 'name',
  expected: TEXT_EXPECTED,
  isTimestamp: false,
  isOptional: false,
  read: (price, text) => {
    const value = parseTextCell(text);
    if (value !== undefined) price.name = value;
    return value !== undefined;
  },
};

const KEY_COLUMN: SourceColumn = {
  name: 'timestamp',
  expected: TIMESTAMP_EXPECTED.replace(', years', '; not empty; years'),
  isTimestamp: true,
  isOptional: false,
  // The key of the row: here "nothing" is as wrong as something unreadable.
  read: (price, text) => {
    const value = parseTimestampCell(text);
    if (typeof value === 'number') price.timestampUs = value;
    return typeof value === 'number';
  },
};

/** The columns of a CoinMarketCap export (semantics.md §1), in its order. */
export const SOURCE_COLUMNS: readonly SourceColumn[] = [
  timestampColumn('timeOpen', 'timeOpenUs'),
  timestampColumn('timeClose', 'timeCloseUs'),
  timestampColumn('timeHigh', 'timeHighUs'),
  timestampColumn('timeLow', 'timeLowUs'),
  NAME_COLUMN,
  numberColumn('open', 'open'),
  numberColumn('high', 'high'),
  numberColumn('low', 'low'),
  numberColumn('close', 'close'),
  numberColumn('volume', 'volume'),
  numberColumn('marketCap', 'marketCap'),
  numberColumn('circulatingSupply', 'circulatingSupply', true),
  KEY_COLUMN,
];

export interface Header {
  readonly separator: ';' | ',';
  readonly columns: readonly SourceColumn[];
  readonly hasCirculatingSupply: boolean;
}

/**
 * Understands the header line: the separator is the one of ";" and "," that occurs more often; cells may carry blanks
 * and any case. Throws one error that names every column that is missing, unknown or given twice.
 */
export function parseHeader(line: string, place: string): Header {
  const separator = count(line, ';') > count(line, ',') ? ';' : ',';
  const cells = splitCells([line], separator)[0];
  if (!Array.isArray(cells))
    throw new Error(`${place}: the header cannot be read: expected ${cells?.expected}`);
  const byName = new Map(SOURCE_COLUMNS.map((column) => [column.name.toLowerCase(), column]));
  const names = cells.map((cell) => cell.toLowerCase());
  const missing = SOURCE_COLUMNS.filter(
    (column) => !column.isOptional && !names.includes(column.name.toLowerCase()),
  );
  const unknown = cells.filter((cell) => !byName.has(cell.toLowerCase()));
  const twice = cells.filter((_cell, index) => names.indexOf(names[index] ?? '') < index);
  if (missing.length + unknown.length + twice.length > 0) {
    const problems = [
      ...listProblem(
        'missing',
        missing.map((column) => column.name),
      ),
      ...listProblem('unknown', unknown),
      ...listProblem('given twice', twice),
    ];
    throw new Error(
      `${place}: the header is not that of a CoinMarketCap export: ${problems.join('; ')}. ${EXPECTED_HEADER}`,
    );
  }
  const columns = names.flatMap((name) => byName.get(name) ?? []);
  return { separator, columns, hasCirculatingSupply: names.includes('circulatingsupply') };
}

const EXPECTED_HEADER = `Expected ${SOURCE_COLUMNS.map((column) => column.name).join(';')} (circulatingSupply may be absent; ";" or "," between the cells)`;

const MOST_NAMES = 15;

function listProblem(word: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(name.slice(0, 40)));
  if (names.length > MOST_NAMES) shown.push(`and ${names.length - MOST_NAMES} more`);
  return [`${word}: ${shown.join(', ')}`];
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
