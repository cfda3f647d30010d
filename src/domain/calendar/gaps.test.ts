import { expect, test } from 'vitest';
import { calendarOfWeekdays, EVERY_DAY, MONDAY_TO_FRIDAY } from './calendar.js';
import { parseDay } from './day.js';
import { exchangeCalendar } from './exchanges.js';
import { gapOf, isShared } from './gaps.js';

const stretch = (firstDay: string, lastDay: string) => ({
  firstDay: parseDay(firstDay),
  lastDay: parseDay(lastDay),
});
const WEEKDAYS = calendarOfWeekdays('weekdays', MONDAY_TO_FRIDAY);
const XNYS = exchangeCalendar('XNYS') ?? WEEKDAYS;

test('a weekend is no gap of a share, and two days of a coin', () => {
  const weekend = stretch('2026-11-21', '2026-11-22');
  expect(gapOf(WEEKDAYS, weekend)).toBeNull();
  expect(gapOf(calendarOfWeekdays('daily', EVERY_DAY), weekend)).toEqual({ ...weekend, days: 2 });
});

test('of a longer stretch the expected days count, and the ends are expected days', () => {
  const thanksgiving = stretch('2026-11-26', '2026-11-29');
  expect(gapOf(XNYS, thanksgiving)).toEqual({ ...stretch('2026-11-27', '2026-11-27'), days: 1 });
  expect(gapOf(XNYS, stretch('2026-11-14', '2026-11-22'))).toEqual({
    ...stretch('2026-11-16', '2026-11-20'),
    days: 5,
  });
});

test('a day is shared when nine of ten assets lack it, and there are three at least', () => {
  expect(isShared({ missing: 9, assets: 10 })).toBe(true);
  expect(isShared({ missing: 8, assets: 10 })).toBe(false);
  expect(isShared({ missing: 2, assets: 2 })).toBe(false);
});
