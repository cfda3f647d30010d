import pg from 'pg';
import { DAY_US, dayOfCivil } from '../../domain/calendar/day.js';

/** Days from 1970-01-01 to PostgreSQL's epoch 2000-01-01. */
export const PG_EPOCH_DAY = 10_957;

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
  const match = DATE.exec(text);
  if (match === null) throw new Error(`date "${text}" was not expected in this form`);
  const [, year, month, day, era] = match;
  // The year before 1 is 1 BC: there is no year 0.
  const civil = era === undefined ? Number(year) : 1 - Number(year);
  return dayOfCivil(civil, Number(month), Number(day));
}

const DATE = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/;
const TIMESTAMP = /^(\d{4,6}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00( BC)?$/;

/** Every transaction sets TimeZone UTC and DateStyle ISO, so only this form arrives. */
function parseTimestamp(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = TIMESTAMP.exec(text);
  if (match === null) throw new Error(`timestamp "${text}" was not expected in this form`);
  const [, date, hours, minutes, seconds, fraction = '', era = ''] = match;
  const inDay = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return parseDate(`${date}${era}`) * DAY_US + inDay * 1e6 + Number(fraction.padEnd(6, '0'));
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`integer ${text} does not fit a double exactly`);
  return value;
}
