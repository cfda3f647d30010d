import { expect, test } from 'vitest';
import { calendarOfWeekdays, EVERY_DAY, listExpected, MONDAY_TO_FRIDAY, weekdayOf } from './calendar.js';
import { parseDay } from './day.js';
import { exchangeCalendar, listExchanges } from './exchanges.js';
import { countWeekdays, FEWEST_LEARNING_DAYS, learnWeekdays, mergeWeekdays } from './learn.js';

const learn = (days: readonly number[]) => learnWeekdays(countWeekdays(days));
const FROM = parseDay('2024-01-01');
const daysOf = (weekdays: number, count: number) =>
  listExpected(calendarOfWeekdays('any', weekdays), FROM - 1, FROM + count - 1);

test('any set of weekdays is learnt from eight weeks on', () => {
  for (let weekdays = 1; weekdays <= EVERY_DAY; weekdays++)
    for (const span of [FEWEST_LEARNING_DAYS + 7, 182, 1000])
      expect(learn(daysOf(weekdays, span)), `${weekdays} in ${span} days`).toBe(weekdays);
});

test('fewer than eight weeks say nothing', () => {
  expect(learn(daysOf(EVERY_DAY, FEWEST_LEARNING_DAYS - 1))).toBeNull();
  expect(learn([])).toBeNull();
  expect(learn([FROM])).toBeNull();
});

test('holidays lose no weekday, on any exchange in any half year', () => {
  for (const mic of listExchanges()) {
    const calendar = exchangeCalendar(mic);
    if (calendar === null) throw new Error(mic);
    for (let end = parseDay('2022-01-01'); end < parseDay('2026-12-31'); end += 13)
      expect(learn(listExpected(calendar, end - 300, end)), mic).toBe(MONDAY_TO_FRIDAY);
  }
});

test('a stray row adds no weekday; what was before the last half year does not count', () => {
  const saturday = daysOf(EVERY_DAY, 100).filter((day) => weekdayOf(day) === 32)[6] as number;
  expect(learn([...daysOf(MONDAY_TO_FRIDAY, 182), saturday].sort((a, b) => a - b))).toBe(MONDAY_TO_FRIDAY);
  const changed = [
    ...daysOf(EVERY_DAY, 200),
    ...daysOf(MONDAY_TO_FRIDAY, 400).filter((d) => d >= FROM + 200),
  ];
  expect(learn(changed)).toBe(MONDAY_TO_FRIDAY);
});

test('a weekday that was learnt is kept, and named when it is gone', () => {
  expect(mergeWeekdays(null, null)).toEqual({ weekdays: null, lost: 0 });
  expect(mergeWeekdays(null, 31)).toEqual({ weekdays: 31, lost: 0 });
  expect(mergeWeekdays(31, null)).toEqual({ weekdays: 31, lost: 0 });
  expect(mergeWeekdays(31, 15)).toEqual({ weekdays: 31, lost: 16 });
  expect(mergeWeekdays(31, 127)).toEqual({ weekdays: 127, lost: 0 });
});
