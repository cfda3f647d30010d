import { expect, test } from 'vitest';
import { DAY_US } from '../calendar/day.js';
import type { DailyPrice } from '../prices/price.js';
import { describeFault, findFault } from './fault.js';

const HOUR_US = 3_600_000_000;

function row(openUs: number, lengthUs: number, changes: Partial<DailyPrice> = {}): DailyPrice {
  return {
    timestampUs: openUs + lengthUs - 1000,
    timeOpenUs: openUs,
    timeCloseUs: openUs + lengthUs - 1000,
    ...{ timeHighUs: null, timeLowUs: null, open: 2, high: 3, low: 1, close: 2, volume: 1, marketCap: null },
    ...{ name: null, sourceFile: null, loadTsUs: null },
    ...changes,
  };
}

const rows = (count: number, make: (index: number) => DailyPrice) =>
  Array.from({ length: count }, (_, index) => make(index));
const wordsOf = (prices: DailyPrice[]) => {
  const fault = findFault([prices], 'utc_days');
  return fault === null ? null : describeFault(fault);
};

test.each([
  ['days', rows(40, (n) => row(n * DAY_US, DAY_US)), null],
  [
    'hours',
    rows(40, (n) => row(n * HOUR_US, HOUR_US)),
    '40 of 40 rows looked at are not days of UTC: each looks like an hourly row',
  ],
  [
    'trading hours',
    rows(40, (n) => row(n * DAY_US + 14.5 * HOUR_US, 6.5 * HOUR_US)),
    '40 of 40 rows looked at are not days of UTC: each looks like a trading session (6 h 30 min)',
  ],
  [
    'no times',
    rows(40, (n) => row(n * DAY_US, DAY_US, { timeOpenUs: null, timeCloseUs: null })),
    '40 of 40 rows looked at have no opening and closing times',
  ],
  ['some bad rows', rows(40, (n) => row(n * DAY_US, n % 2 === 0 ? DAY_US : HOUR_US)), null],
  ['too few rows', rows(9, (n) => row(n * HOUR_US, HOUR_US)), null],
])('a source of %s', (_, prices, expected) => expect(wordsOf(prices)).toBe(expected));

test('hourly rows without times share their day', () => {
  const prices = rows(48, (n) => {
    const stampUs = n * HOUR_US;
    return row(0, 0, { timestampUs: stampUs, timeOpenUs: stampUs, timeCloseUs: stampUs });
  });
  expect(wordsOf(prices)).toBe(
    '46 of 48 rows looked at share their day with another one: each looks like an hourly row',
  );
});
