import { DAY_US, dayOfCivil } from '../../../domain/calendar/day.js';

/**
 * Cells of a price file. Every parser gives the value, null for a cell that says "nothing" (semantics.md §1: empty,
 * NULL, NaN, Infinity), and undefined for a cell that cannot be read; upper and lower case are one.
 */
const NOTHING = /^(?:null|[+-]?(?:nan|inf|infinity))?$/i;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

export const NUMBER_EXPECTED = 'a number like 1234.5 or 2.28E+12, or an empty cell';

/** A decimal number; −0 is 0. One beyond the range of a double cannot be read: it must not turn into Infinity. */
export function parseNumberCell(text: string): number | null | undefined {
  if (NOTHING.test(text)) return null;
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?$/i;

/** Outside these years a double does not hold every microsecond. */
const FIRST_YEAR = 1700;
const LAST_YEAR = 2200;

export const TIMESTAMP_EXPECTED = `a time like 2025-10-26T23:59:59.999Z, 2025-10-26T23:59:59+02:00 or 2025-10-26 23:59:59.999999 (UTC), years ${FIRST_YEAR} to ${LAST_YEAR}`;

/**
 * A point in time as epoch microseconds. With "T" it must say its zone; with a blank and no zone it is UTC.
 * Digits beyond the microsecond are cut, not rounded: 23:59:59.9999999 belongs to the day that it names.
 */
export function parseTimestampCell(text: string): number | null | undefined {
  if (NOTHING.test(text)) return null;
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, dayOfMonth, letter, hour, minute, second, fraction, zulu, sign] = match;
  if (letter !== ' ' && zulu === undefined && sign === undefined) return undefined;
  const day = parseCivil(Number(year), Number(month), Number(dayOfMonth));
  const offsetMinutes = parseOffset(sign, match[11], match[12]);
  if (day === undefined || offsetMinutes === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
  const micros = Number((fraction ?? '').slice(0, 6).padEnd(6, '0'));
  return day * DAY_US + minutes * 60_000_000 + Number(second) * 1_000_000 + micros;
}

function parseCivil(year: number, month: number, dayOfMonth: number): number | undefined {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || dayOfMonth < 1) return undefined;
  const day = dayOfCivil(year, month, dayOfMonth);
  return day < dayOfCivil(year, month + 1, 1) ? day : undefined;
}

/** Minutes ahead of UTC; no sign: none. PostgreSQL's limit is just under 16 hours. */
function parseOffset(sign: string | undefined, hours = '0', minutes = '0'): number | undefined {
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}

export const TEXT_EXPECTED = 'text in UTF-8 without NUL characters';

/** Free text. The replacement character stands where the bytes were no UTF-8; PostgreSQL takes no NUL. */
export function parseTextCell(text: string): string | null | undefined {
  if (/^(?:null)?$/i.test(text)) return null;
  return text.includes('\0') || text.includes('\ufffd') ? undefined : text;
}
