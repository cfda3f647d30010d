import { expect, test } from 'vitest';
import { assessFreshness } from '../validation/freshness.js';
import { calendarOfWeekdays, EVERY_DAY, isExpected, listExpected } from './calendar.js';
import { DAY_US, parseDay } from './day.js';
import { exchangeCalendar, listExchanges } from './exchanges.js';
import {
  assessLateness,
  assessLatenesses,
  DEFAULT_GRACE,
  type Grace,
  type LatenessFacts,
} from './lateness.js';

const DAILY = calendarOfWeekdays('daily', EVERY_DAY);
const XNYS = exchangeCalendar('XNYS') ?? DAILY;
const HOUR_US = DAY_US / 24;
const at = (text: string) => Date.parse(text) * 1000;

function factsOf(newest: string | null, more: Partial<LatenessFacts> = {}): LatenessFacts {
  return {
    id: 1,
    calendar: DAILY,
    grace: DEFAULT_GRACE,
    newestDay: newest === null ? null : parseDay(newest),
    refusedFrom: null,
    source: 'prices',
    hasCeased: false,
    ...more,
  };
}

const stateOf = (facts: LatenessFacts, now: string) => assessLateness(facts, at(now)).state;

test('of a daily asset, late by the default grace is what the contract calls stale by 48 hours', () => {
  const newestDay = parseDay('2026-03-02');
  const lastSrcUs = (newestDay + 1) * DAY_US - 1000;
  for (let minute = 0; minute < 6 * 1440; minute += 7) {
    const nowUs = (newestDay + 1) * DAY_US + minute * 60_000_000;
    const isStale = !assessFreshness({ id: 1, lastSrcUs }, nowUs, 48).isFresh;
    const isLate = assessLateness(factsOf('2026-03-02'), nowUs).state === 'late';
    // A price is stamped a millisecond before its day is over.
    if (minute !== 2880) expect(isLate, `${minute} minutes`).toBe(isStale);
  }
});

test('a share is level over the weekend, has Tuesday to bring Monday, and is late on Wednesday', () => {
  const friday = factsOf('2026-11-20', { calendar: XNYS });
  expect(stateOf(friday, '2026-11-21T06:00Z')).toBe('level');
  expect(stateOf(friday, '2026-11-23T23:59:59Z')).toBe('level');
  expect(stateOf(friday, '2026-11-24T00:00Z')).toBe('due');
  expect(stateOf(friday, '2026-11-24T23:59Z')).toBe('due');
  expect(stateOf(friday, '2026-11-25T00:00Z')).toBe('late');
  expect(assessLateness(friday, at('2026-11-25T06:00Z'))).toEqual({
    ...{ id: 1, state: 'late', missingDays: 2 },
    firstMissing: parseDay('2026-11-23'),
  });
  const wednesday = factsOf('2026-11-25', { calendar: XNYS });
  expect(stateOf(wednesday, '2026-11-30T06:00Z'), 'Thanksgiving, then Friday').toBe('due');
});

test('a grace in days, and in hours after the end of a day', () => {
  const late = (grace: Grace, now: string) => stateOf(factsOf('2026-03-02', { grace }), now) === 'late';
  expect(late({ days: 0, hours: 0 }, '2026-03-03T23:59Z')).toBe(false);
  expect(late({ days: 0, hours: 0 }, '2026-03-04T00:00Z')).toBe(true);
  expect(late({ days: 0, hours: 9 }, '2026-03-04T08:59Z')).toBe(false);
  expect(late({ days: 0, hours: 9 }, '2026-03-04T09:00Z')).toBe(true);
  expect(late({ days: 3, hours: 0 }, '2026-03-06T23:59Z')).toBe(false);
  expect(late({ days: 3, hours: 0 }, '2026-03-07T00:00Z')).toBe(true);
});

test('a longer grace never makes late what a shorter one lets pass, on any calendar', () => {
  for (const mic of listExchanges().slice(0, 12)) {
    const calendar = exchangeCalendar(mic) ?? DAILY;
    for (let nowUs = at('2025-12-01'); nowUs < at('2026-02-01'); nowUs += 5 * HOUR_US) {
      const isLate = [0, 1, 2, 3, 4].map(
        (days) =>
          assessLateness(factsOf('2025-12-19', { calendar, grace: { days, hours: 0 } }), nowUs).state ===
          'late',
      );
      expect(isLate).toEqual([...isLate].sort((a, b) => Number(b) - Number(a)));
    }
  }
});

test('an asset with every expected day is level, on any calendar at any hour', () => {
  for (const mic of listExchanges()) {
    const calendar = exchangeCalendar(mic) ?? DAILY;
    let newestDay = parseDay('2024-12-01');
    for (let day = parseDay('2025-01-01'); day < parseDay('2026-01-01'); day++) {
      newestDay = listExpected(calendar, newestDay, day - 1).at(-1) ?? newestDay;
      const facts = { ...factsOf(null, { calendar }), newestDay };
      expect(assessLateness(facts, day * DAY_US).state, mic).not.toBe('late');
      expect(assessLateness(facts, day * DAY_US + 23 * HOUR_US).state, mic).toBe('level');
    }
    expect(isExpected(calendar, newestDay)).toBe(true);
  }
});

test('no calendar, no price, a price of the future', () => {
  expect(stateOf(factsOf('2001-01-01', { calendar: calendarOfWeekdays('none', 0) }), '2026-01-01')).toBe(
    'none',
  );
  expect(stateOf(factsOf(null), '2026-01-01')).toBe('empty');
  expect(stateOf(factsOf('2027-01-01'), '2026-01-01')).toBe('level');
});

test('an asset ceases while another of its source arrives, and never when all of them are late', () => {
  const dead = factsOf('2026-01-01', { id: 1 });
  const states = (...more: LatenessFacts[]) =>
    assessLatenesses([dead, ...more], at('2026-03-01')).map(({ state }) => state);
  expect(states(factsOf('2026-02-28', { id: 2 }))).toEqual(['ceased', 'level']);
  expect(states(factsOf('2026-02-10', { id: 2 }))).toEqual(['late', 'late']);
  expect(states()).toEqual(['late']);
  expect(states(factsOf('2026-02-28', { id: 2, source: 'others' }))).toEqual(['late', 'level']);
  const none = calendarOfWeekdays('none', 0);
  expect(states(factsOf('2026-02-28', { id: 2, calendar: none }))).toEqual(['late', 'none']);
  expect(states(factsOf('2026-02-28', { id: 2 }), factsOf('2026-01-29', { id: 3 }))).toEqual([
    ...['ceased', 'level', 'late'],
  ]);
});

test('what has ceased stays so while its source is late, and not when a price has come', () => {
  const dead = factsOf('2026-01-01', { hasCeased: true });
  expect(assessLatenesses([dead], at('2026-03-01'))[0]?.state).toBe('ceased');
  const back = factsOf('2026-02-28', { hasCeased: true });
  expect(assessLatenesses([back], at('2026-03-01'))[0]?.state).toBe('level');
});

test('an asset of which every row was refused lacks them all, is late by them, and has not ceased', () => {
  const refused = factsOf(null, { id: 2, refusedFrom: parseDay('2026-01-01') });
  const now = '2026-03-02T06:00:00Z';
  expect(assessLateness(refused, at(now))).toMatchObject({
    state: 'late',
    missingDays: 60,
    firstMissing: parseDay('2026-01-01'),
  });
  expect(assessLatenesses([factsOf('2026-03-01'), refused], at(now)).map(({ state }) => state)).toEqual([
    'level',
    'late',
  ]);
  expect(stateOf(factsOf(null, { refusedFrom: parseDay('2026-03-01') }), now)).toBe('due');
  expect(stateOf(factsOf(null), now)).toBe('empty');
});
