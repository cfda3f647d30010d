import { expect, test } from 'vitest';
import { DAY_US, dayOfCivil } from '../../../domain/calendar/day.js';
import { judgePrices } from '../../../domain/prices/price.js';
import { dayOfCandle, priceOfCandle } from './candles.js';

const DAY = dayOfCivil(2025, 3, 4);
const OPEN_MS = (DAY * DAY_US) / 1000;

test('a candle lies on the day that it begins, and is one of ours when it begins at midnight UTC', () => {
  expect(dayOfCandle([OPEN_MS, 1, 2, 1, 2, 3])).toMatchObject({ day: DAY, isAtMidnight: true });
  expect(dayOfCandle([OPEN_MS + 3_600_000, 1, 2, 1, 2, 3])).toEqual({
    ...{ day: DAY, isAtMidnight: false, begins: '2025-03-04T01:00:00.000Z' },
  });
  for (const time of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 1e300])
    expect(dayOfCandle([time, 1, 2, 1, 2, 3])).toBeNull();
});

test.each([
  ['rising', 100, 110],
  ['falling', 100, 90],
  ['level', 100, 100],
])('the bar of a %s candle has all of its prices, and nothing is repaired', (_, open, close) => {
  const price = priceOfCandle([OPEN_MS, open, 120, 80, close, 7], { id: 1, line: 1, day: DAY });
  const { bars, rejects } = judgePrices([{ ...price, sourceFile: null, loadTsUs: null }], 1);
  expect(rejects).toEqual([]);
  expect(bars).toMatchObject([{ day: DAY, open, high: 120, low: 80, close, volume: 7, marketCap: null }]);
});

test('what a candle leaves open is null, and judged where all prices are', () => {
  const price = priceOfCandle([OPEN_MS, 100, undefined, Number.NaN, null], { id: 1, line: 1, day: DAY });
  expect(price).toMatchObject({ open: 100, high: null, low: null, close: null, volume: null });
});
