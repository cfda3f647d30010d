import pg from 'pg';

/** Days from 1970-01-01 to PostgreSQL's epoch 2000-01-01. */
export const PG_EPOCH_DAY = 10_957;
const DAY_MS = 86_400_000;

/**
 * Parsers for text-format results: date -> UTC day number, timestamptz -> epoch microseconds, int8 -> number.
 * (pg's own read a date as local midnight, cut microseconds, and give int8 as a string.)
 */
export function parsersByOid(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  switch (oid) {
    case pg.types.builtins.DATE:
      return parseDate;
    case pg.types.builtins.TIMESTAMPTZ:
      return parseTimestamp;
    case pg.types.builtins.INT8:
      return parseInt8;
    default:
      return pg.types.getTypeParser(oid, format ?? 'text');
  }
}

function parseDate(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  return Date.parse(`${text}T00:00:00Z`) / DAY_MS;
}

const TIMESTAMP = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;

/** Every transaction sets TimeZone UTC and DateStyle ISO, so only this form arrives. */
function parseTimestamp(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = TIMESTAMP.exec(text);
  if (match === null) throw new Error(`timestamp "${text}" is outside the years 1 to 275760`);
  return Date.parse(`${match[1]}T${match[2]}Z`) * 1000 + Number((match[3] ?? '').padEnd(6, '0'));
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`integer ${text} does not fit a double exactly`);
  return value;
}
