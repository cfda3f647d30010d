import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../text/errors.js';
import {
  civilOfDay,
  DAY_US,
  dayOfCivil,
  dayOfUs,
  FIRST_MONDAY,
  FIRST_SUNDAY,
  firstDayOfMonthIndex,
  formatDay,
  monthIndexOfDay,
  parseDay,
} from './day.js';

const DAY_MS = DAY_US / 1000;
const days = fc.integer({ min: -1_000_000, max: 1_000_000 });

test('every day of five centuries has the civil date that Date.UTC gives it', () => {
  for (let day = dayOfCivil(1700, 1, 1); day < dayOfCivil(2200, 1, 1); day += 1) {
    const date = new Date(day * DAY_MS);
    const civil = civilOfDay(day);
    if (
      civil.year !== date.getUTCFullYear() ||
      civil.month !== date.getUTCMonth() + 1 ||
      civil.dayOfMonth !== date.getUTCDate() ||
      dayOfCivil(civil.year, civil.month, civil.dayOfMonth) !== day
    ) {
      throw new Error(`day ${day} is ${date.toISOString()}, got ${JSON.stringify(civil)}`);
    }
  }
});

test('dates far off, before 1970 and before year 0 are written as JavaScript writes them, and read back', () => {
  fc.assert(
    fc.property(days, (day) => {
      const text = formatDay(day);
      expect(text).toBe(new Date(day * DAY_MS).toISOString().split('T')[0]);
      expect(parseDay(text)).toBe(day);
    }),
  );
});

test('a microsecond before midnight belongs to the old day, from 1684 to 2255', () => {
  const exact = Math.floor(Number.MAX_SAFE_INTEGER / DAY_US) - 1;
  fc.assert(
    fc.property(fc.integer({ min: -exact, max: exact }), (day) => {
      expect(dayOfUs(day * DAY_US)).toBe(day);
      expect(dayOfUs(day * DAY_US + DAY_US - 1)).toBe(day);
      expect(dayOfUs(day * DAY_US - 1)).toBe(day - 1);
    }),
  );
});

test('months outside 1..12 carry into the year', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1500, max: 3000 }), fc.integer({ min: -500, max: 500 }), (year, month) => {
      expect(dayOfCivil(year, month, 1)).toBe(Date.UTC(year, month - 1, 1) / DAY_MS);
    }),
  );
});

test('the absolute month index is year · 12 + month − 1, and begins on the 1st', () => {
  expect(monthIndexOfDay(parseDay('2025-10-26'))).toBe(2025 * 12 + 9);
  expect(monthIndexOfDay(-1)).toBe(1969 * 12 + 11);
  fc.assert(
    fc.property(days, (day) => {
      const first = firstDayOfMonthIndex(monthIndexOfDay(day));
      expect(first).toBe(day - civilOfDay(day).dayOfMonth + 1);
      expect(monthIndexOfDay(first - 1)).toBe(monthIndexOfDay(day) - 1);
    }),
  );
});

test('weeks are counted from Sunday 1970-01-04 and Monday 1970-01-05', () => {
  expect(formatDay(FIRST_SUNDAY)).toBe('1970-01-04');
  expect(formatDay(FIRST_MONDAY)).toBe('1970-01-05');
  expect(new Date(FIRST_SUNDAY * DAY_MS).getUTCDay()).toBe(0);
  expect(new Date(FIRST_MONDAY * DAY_MS).getUTCDay()).toBe(1);
});

test.each([
  '2023-02-29',
  '2023-13-01',
  '2023-00-10',
  '2023-1-1',
  '20230101',
  ' 2023-01-01',
  '2023-01-01T00:00',
  '-000000-01-01',
  '+002023-01-01',
  '',
])('"%s" is no date, and the error says so', (text) => {
  expect(() => parseDay(text)).toThrow(UsageError);
  expect(() => parseDay(text)).toThrow(`"${text}"`);
});
