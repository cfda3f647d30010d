import { describe, expect, test } from 'vitest';
import {
  calendarOfWeekdays,
  EVERY_DAY,
  formatWeekdays,
  isExpected,
  listExpected,
  MONDAY_TO_FRIDAY,
  newestExpected,
  warningOfCalendar,
  weekdayOf,
} from './calendar.js';
import { formatDay, parseDay } from './day.js';
import { exchangeCalendar, exchangeKnownSince, listExchanges } from './exchanges.js';

function exchange(mic: string) {
  const calendar = exchangeCalendar(mic);
  if (calendar === null) throw new Error(`no ${mic}`);
  return calendar;
}

test('weekdays, also before the epoch', () => {
  expect(weekdayOf(parseDay('2026-11-30'))).toBe(1);
  expect(weekdayOf(parseDay('2026-11-29'))).toBe(64);
  expect(weekdayOf(parseDay('1969-12-29'))).toBe(1);
  expect([EVERY_DAY, MONDAY_TO_FRIDAY, 64, 21, 0].map(formatWeekdays)).toEqual([
    'every day',
    'Mon to Fri',
    'Sun',
    'Mon, Wed, Fri',
    'no day',
  ]);
});

describe('holidays that one knows by heart', () => {
  test.each([
    ['XNYS', '2025-01-09', 'the day of mourning for President Carter'],
    ['XNYS', '2012-10-29', 'the hurricane Sandy'],
    ['XNYS', '2001-09-11', 'the attacks'],
    ['XNAS', '2026-11-26', 'Thanksgiving'],
    ['XETR', '2026-05-01', 'Labour Day'],
    ['XLON', '2022-09-19', 'the state funeral'],
    ['XPAR', '2026-04-03', 'Good Friday'],
    ['XTKS', '2026-01-02', 'the New Year of Tokyo'],
    ['XTKS', '2019-04-30', 'the change of emperors'],
    ['XHKG', '2026-02-17', 'the Lunar New Year'],
    ['XASX', '2026-01-26', 'Australia Day'],
    ['XTSE', '2026-07-01', 'Canada Day'],
    ['XSWX', '2025-08-01', 'the Swiss National Day'],
  ])('%s is closed on %s: %s', (mic, day) => {
    expect(isExpected(exchange(mic), parseDay(day))).toBe(false);
  });

  test.each([
    ['XNYS', '2026-11-27', 'the day after Thanksgiving, a short one'],
    ['XETR', '2026-05-25', 'Whit Monday: Xetra is open'],
    ['XLON', '2026-07-03', 'a holiday in New York only'],
    ['XTKS', '2026-12-25', 'Christmas'],
  ])('%s is open on %s: %s', (mic, day) => {
    expect(isExpected(exchange(mic), parseDay(day))).toBe(true);
  });
});

test('New York has 250 sessions in 2025 and 251 in 2026', () => {
  const sessions = (year: number) =>
    listExpected(exchange('XNYS'), parseDay(`${year - 1}-12-31`), parseDay(`${year}-12-31`)).length;
  expect([2025, 2026].map(sessions)).toEqual([250, 251]);
});

test('no exchange is closed for longer than three weeks, and no day is both added and taken away', () => {
  for (const mic of listExchanges()) {
    const calendar = exchange(mic);
    const since = exchangeKnownSince(mic) ?? 0;
    const days = listExpected(calendar, since - 1, calendar.knownThrough ?? 0);
    const widest = Math.max(...days.slice(1).map((day, k) => day - (days[k] ?? day)));
    expect(widest, mic).toBeLessThanOrEqual(21);
    for (const day of calendar.opened)
      expect(calendar.closed.has(day), `${mic} ${formatDay(day)}`).toBe(false);
  }
  expect(listExchanges().length).toBeGreaterThan(40);
  expect(exchangeCalendar('XXXX')).toBeNull();
});

test('a user adds days, which win over the table and say how far it is known', () => {
  const [monday, saturday, carter] = ['2031-03-03', '2026-02-28', '2025-01-09'].map(parseDay) as [
    number,
    number,
    number,
  ];
  const calendar = exchangeCalendar('XNYS', { closed: [monday], opened: [saturday, carter] });
  if (calendar === null) throw new Error('no XNYS');
  expect([monday, saturday, carter].map((day) => isExpected(calendar, day))).toEqual([false, true, true]);
  expect(warningOfCalendar(calendar, monday)).toBeNull();
  expect(warningOfCalendar(calendar, monday + 1)).toContain(
    'the holidays of XNYS are known up to 2031-03-03',
  );
  expect(warningOfCalendar(exchange('XNYS'), parseDay('2031-01-01'))).toContain('up to 2030-12-31');
  expect(warningOfCalendar(calendarOfWeekdays('weekdays', MONDAY_TO_FRIDAY), monday)).toBeNull();
});

test('the newest expected day looks back over weekends and holidays', () => {
  expect(newestExpected(exchange('XNYS'), parseDay('2026-01-04'))).toBe(parseDay('2026-01-02'));
  expect(newestExpected(exchange('XTKS'), parseDay('2026-01-04'))).toBe(parseDay('2025-12-30'));
  expect(newestExpected(calendarOfWeekdays('none', 0), parseDay('2026-01-04'))).toBeNull();
});
