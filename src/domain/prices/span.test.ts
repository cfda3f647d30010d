import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_US, parseDay } from '../calendar/day.js';
import {
  boundsOfDay,
  commonestShape,
  describeShape,
  isLocalDay,
  type SpanShape,
  shapeOfStamps,
  spanOfRow,
} from './span.js';

const at = (text: string): number => Date.parse(text) * 1000;
const DAY = parseDay('2024-03-01');
const BOUNDS = boundsOfDay(DAY);

function spanOf(open: string | null, close: string | null, stamp: string) {
  return spanOfRow({
    timeOpenUs: open === null ? null : at(open),
    timeCloseUs: close === null ? null : at(close),
    timestampUs: at(stamp),
  });
}

const END = '2024-03-01T23:59:59.999Z';

describe('rows that are a UTC day', () => {
  test.each([
    ['as CoinMarketCap has it', '2024-03-01T00:00:00Z', END, END],
    ['dated by its opening', '2024-03-01T00:00:00Z', END, '2024-03-01T00:00:00Z'],
    ['closing at the next midnight', '2024-03-01T00:00:00Z', '2024-03-02T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['without times', null, null, END],
    ['with an opening only', '2024-03-01T00:00:00Z', null, END],
    ['with times without length', END, END, END],
    ['with times without length at its opening', '2024-03-01T00:00:00Z', '2024-03-01T00:00:00Z', END],
  ])('%s: its bounds', (_, open, close, stamp) => {
    expect(spanOf(open, close, stamp)).toEqual({ isDay: true, ...BOUNDS });
  });

  test('times within the day that are nearly as long stay as they are', () => {
    expect(spanOf('2024-03-01T00:01:00Z', '2024-03-01T23:59:00Z', END)).toEqual({
      isDay: true,
      timeOpenUs: at('2024-03-01T00:01:00Z'),
      timeCloseUs: at('2024-03-01T23:59:00Z'),
    });
  });
});

describe('rows that are not, and what they look like', () => {
  test.each([
    ['an hourly row', '2024-03-01T22:00:00Z', '2024-03-01T22:59:59.999Z', END],
    ['an hourly row', '2024-03-01T23:00:00Z', '2024-03-02T00:00:00Z', END],
    ['an intraday row (15 minutes)', '2024-03-01T22:00:00Z', '2024-03-01T22:15:00Z', END],
    ['an intraday row (4 hours)', '2024-03-01T20:00:00Z', END, END],
    ['a trading session (6 h 30 min)', '2024-03-01T14:30:00Z', '2024-03-01T21:00:00Z', END],
    [
      'a day of another time zone (it begins at 05:00 UTC)',
      '2024-03-01T05:00:00Z',
      '2024-03-02T04:59:59.999Z',
      END,
    ],
    [
      'a day of another time zone (it begins at 23:00 UTC)',
      '2024-02-29T23:00:00Z',
      '2024-03-01T22:59:59.999Z',
      END,
    ],
    ['the UTC day before the one of its timestamp', '2024-02-29T00:00:00Z', '2024-02-29T23:59:59Z', END],
    ['the UTC day after the one of its timestamp', '2024-03-02T00:00:00Z', '2024-03-02T23:59:59Z', END],
    ['a weekly row', '2024-02-24T00:00:00Z', END, END],
    ['a row of 3 days', '2024-02-28T00:00:00Z', END, END],
    ['a monthly row', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z', END],
    ['a quarterly row', '2024-01-01T00:00:00Z', '2024-03-31T23:59:59Z', END],
    ['a yearly row', '2024-01-01T00:00:00Z', '2024-12-31T23:59:59Z', END],
  ])('%s: %s to %s', (words, open, close, stamp) => {
    const span = spanOf(open, close, stamp);
    expect(span.isDay ? null : describeShape(span.shape)).toBe(words);
  });
});

test('whatever the times: a row that is a day has times of its day, and no other row does', () => {
  const offset = fc.integer({ min: -40 * 24 * 60, max: 40 * 24 * 60 });
  fc.assert(
    fc.property(offset, fc.integer({ min: 0, max: 40 * 24 * 60 }), (openMinute, minutes) => {
      const timeOpenUs = DAY * DAY_US + openMinute * 60e6;
      const timeCloseUs = timeOpenUs + minutes * 60e6;
      const span = spanOfRow({ timestampUs: BOUNDS.timeCloseUs, timeOpenUs, timeCloseUs });
      const isWithin = timeOpenUs >= BOUNDS.timeOpenUs && timeCloseUs <= BOUNDS.timeOpenUs + DAY_US;
      expect(span.isDay).toBe(
        isWithin && (minutes === 0 ? timeOpenUs < BOUNDS.timeCloseUs : minutes >= 23 * 60),
      );
      if (span.isDay) {
        expect(span.timeOpenUs).toBeGreaterThanOrEqual(BOUNDS.timeOpenUs);
        expect(span.timeCloseUs).toBeLessThanOrEqual(BOUNDS.timeCloseUs);
      } else expect(describeShape(span.shape)).toMatch(/^(an?|the) \w/);
    }),
  );
});

describe('a day of another zone', () => {
  const local = (open: string, close: string) =>
    isLocalDay({ timestampUs: BOUNDS.timeCloseUs, timeOpenUs: at(open), timeCloseUs: at(close) });

  test.each([
    ['New York', '2024-03-01T05:00:00Z', '2024-03-02T04:59:59.999Z', true],
    ['Kiribati', '2024-02-29T10:00:00Z', '2024-03-01T09:59:59.999Z', true],
    ['25 hours, when clocks go back', '2024-03-01T04:00:00Z', '2024-03-02T04:59:59.999Z', true],
    ['a session', '2024-03-01T14:30:00Z', '2024-03-01T21:00:00Z', true],
    ['a session that begins the evening before', '2024-02-29T23:00:00Z', '2024-03-01T22:00:00Z', true],
    ['a week', '2024-02-24T05:00:00Z', '2024-03-02T04:59:59.999Z', false],
    ['the day before', '2024-02-28T05:00:00Z', '2024-02-29T04:59:59.999Z', false],
    ['the day after', '2024-03-02T05:00:00Z', '2024-03-03T04:59:59.999Z', false],
  ])('%s', (_, open, close, expected) => expect(local(open, close)).toBe(expected));
});

test.each([
  ['hours', 60, 'an hourly row'],
  ['four hours', 240, 'an intraday row (4 hours)'],
  ['weeks', 7 * 1440, 'a weekly row'],
  ['days', 1440, null],
])('rows without times are known by their steps, holes or not: %s', (_, minutes, expected) => {
  const stamps = [0, 1, 2, 3, 7, 8, 9, 20, 21].map((step) => (step * minutes + 10_000_000) * 60e6);
  const shape = shapeOfStamps(stamps);
  expect(shape === null ? null : describeShape(shape)).toBe(expected);
  expect(shapeOfStamps(stamps.slice(0, 1))).toBeNull();
});

test('rows that share a stamp are no step: what the others are is said', () => {
  const stamps = [0, 0, 0, 0, 0, 1, 2, 3].map((step) => (step * 60 + 10_000_000) * 60e6);
  expect(shapeOfStamps(stamps)).toEqual({ kind: 'intraday', minutes: 60 });
});

test('of several shapes the commonest; summer and winter of one zone are one', () => {
  const shapes: SpanShape[] = [
    { kind: 'weekly' },
    { kind: 'zone', offsetMinutes: 300 },
    { kind: 'zone', offsetMinutes: 240 },
  ];
  expect(commonestShape(shapes)).toEqual({ kind: 'zone', offsetMinutes: 300 });
  expect(commonestShape([])).toBeNull();
});
