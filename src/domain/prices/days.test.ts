import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_US } from '../calendar/day.js';
import type { DailyBar } from './daily-bar.js';
import { allocateDays, columnsOfBars, indexAfter } from './days.js';
import { judgePrices } from './price.js';

function barsOn(days: readonly number[], firstBarSeq: number): DailyBar[] {
  const prices = days.map((day) => ({
    timestampUs: day * DAY_US + 5,
    timeOpenUs: day * DAY_US + 1,
    timeCloseUs: (day + 1) * DAY_US - 4,
    timeHighUs: day * DAY_US + 2,
    timeLowUs: day * DAY_US + 3,
    open: 2,
    high: 4,
    low: 1,
    close: 3,
    volume: day % 2 === 0 ? null : 6,
    marketCap: day % 2 === 0 ? 7 : null,
    name: null,
    sourceFile: null,
    loadTsUs: null,
  }));
  return judgePrices(prices, firstBarSeq).bars;
}

test('columns hold the values of the bars; null volume and market cap are NaN', () => {
  const days = columnsOfBars(barsOn([10, 13], 5), 3);
  expect(days).toMatchObject({ length: 2, firstBarSeq: 5, assetFirstDay: 3 });
  expect([...days.day]).toEqual([10, 13]);
  expect([...days.timestampUs]).toEqual([10 * DAY_US + 5, 13 * DAY_US + 5]);
  expect([days.timeOpenUs[1], days.timeHighUs[1], days.timeLowUs[1], days.timeCloseUs[1]]).toEqual(
    [1, 2, 3, DAY_US - 4].map((us) => 13 * DAY_US + us),
  );
  expect([days.open[0], days.high[0], days.low[0], days.close[0]]).toEqual([2, 4, 1, 3]);
  expect([...days.volume]).toEqual([Number.NaN, 6]);
  expect([...days.marketCap]).toEqual([7, Number.NaN]);
});

test('bars with a hole in their numbers, or days that do not rise, are refused', () => {
  const bars = barsOn([10, 11, 12], 1);
  expect(() =>
    columnsOfBars(
      bars.filter(({ barSeq }) => barSeq !== 2),
      10,
    ),
  ).toThrow('expected bar_seq 2');
  expect(() => columnsOfBars([...barsOn([10], 1), ...barsOn([10], 2)], 10)).toThrow('on a later day than 10');
});

test('indexAfter finds the first later day, in gaps and beyond both ends', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -50, max: 50 })),
      fc.integer({ min: -60, max: 60 }),
      (list, day) => {
        const sorted = list.sort((a, b) => a - b);
        const days = allocateDays(sorted.length, 1, sorted[0] ?? 0);
        days.day.set(sorted);
        expect(indexAfter(days, day)).toBe(sorted.filter((other) => other <= day).length);
      },
    ),
  );
});
