import { describe, expect, test } from 'vitest';
import { DAY_US, parseDay } from '../calendar/day.js';
import { type DailyPrice, judgePrices } from './price.js';
import {
  adjustForSplits,
  describeSplitChange,
  effectiveSplits,
  formatRatio,
  formatSplits,
  type Split,
  standSplits,
} from './split.js';

function split(day: string, [newUnits, oldUnits]: [number, number], isVolumeInUnits = false): Split {
  return { day: parseDay(day), newUnits, oldUnits, isVolumeInUnits };
}

/** The 1D bar of a day: all prices the same, unless given. */
function barsOf(day: string, price: number, changes: Partial<DailyPrice> = {}) {
  const us = parseDay(day) * DAY_US;
  const times = { timestampUs: us, timeOpenUs: us, timeCloseUs: us, timeHighUs: us, timeLowUs: us };
  const prices = { open: price, high: price, low: price, close: price, volume: 12, marketCap: 7 };
  const provenance = { name: null, sourceFile: null, loadTsUs: null };
  return judgePrices([{ ...times, ...prices, ...provenance, ...changes }], 1).bars;
}

const FOUR = split('2020-08-31', [4, 1]);
const TOKEN = split('2022-03-01', [1, 1000], true);

test('later splits multiply, each price is divided once, and its own day is of the new unit', () => {
  const closes = (day: string) => adjustForSplits(barsOf(day, 100), [FOUR, TOKEN]).map(({ close }) => close);
  expect(closes('2020-08-30')).toEqual([25_000]);
  expect(closes('2020-08-31')).toEqual([100_000]);
  expect(closes('2022-03-01')).toEqual([100]);
  // 3 · 0.1 would be 0.30000000000000004.
  expect(adjustForSplits(barsOf('2020-01-01', 3), [split('2021-01-01', [10, 1])])[0]?.low).toBe(0.3);
});

test('volume and market cap are money and stay, but for volume that is counted in units', () => {
  expect(adjustForSplits(barsOf('2020-01-01', 100), [FOUR])[0]).toMatchObject({ volume: 12, marketCap: 7 });
  const counted = adjustForSplits(barsOf('2020-01-01', 100), [FOUR, TOKEN]);
  expect(counted[0]).toMatchObject({ volume: 0.012, marketCap: 7 });
  expect(adjustForSplits(barsOf('2020-01-01', 100, { volume: null }), [TOKEN])[0]?.volume).toBeNull();
  expect(adjustForSplits(barsOf('2020-01-01', 100, { volume: 0 }), [TOKEN])[0]?.volume).toBe(0);
});

test.each([
  [
    'open',
    barsOf('2020-01-01', 5e-324),
    [FOUR],
    /the open of 2020-01-01 \(5e-324\) is too small .*2020-08-31 4:1/,
  ],
  ['open', barsOf('2020-01-01', 1e308), [TOKEN], /is too large a number .*2022-03-01 1:1000/],
  [
    'volume',
    barsOf('2020-01-01', 1, { volume: 1e308 }),
    [split('2021-01-01', [100, 1], true)],
    /the volume of 2020-01-01 \(1e\+308\) is too large .*2021-01-01 100:1 with volume/,
  ],
])('a number that leaves the range of doubles is refused by name: %s', (_, bars, splits, message) => {
  expect(() => adjustForSplits(bars, splits)).toThrow(message);
});

test('factors that no double could hold are refused, not computed', () => {
  const many = Array.from({ length: 40 }, (_, year) => split(`${2000 + year}-01-01`, [1, 10 ** 15]));
  expect(() => adjustForSplits(barsOf('1999-01-01', 1), many)).toThrow(/too large/);
  // In and out again is nothing at all.
  const both = many.flatMap((each) => [
    each,
    { ...each, day: each.day + 1, newUnits: 10 ** 15, oldUnits: 1 },
  ]);
  expect(adjustForSplits(barsOf('1999-01-01', 1), both)[0]?.close).toBe(1);
});

test('a split counts from the first source row of its day on', () => {
  const all = [TOKEN, FOUR];
  const upTo = (day: string) => formatSplits(effectiveSplits(all, parseDay(day) * DAY_US));
  expect(upTo('2020-08-30')).toBe('');
  expect(upTo('2020-08-31')).toBe('2020-08-31 4:1');
  expect(upTo('2022-03-01')).toBe('2020-08-31 4:1, 2022-03-01 1:1000 with volume');
  expect(effectiveSplits(all, null)).toEqual([]);
});

describe('texts', () => {
  test('a ratio is in lowest terms', () => {
    expect(formatRatio(split('2020-01-01', [8, 2]))).toBe('4:1');
    expect(formatRatio(split('2020-01-01', [2, 3000]))).toBe('1:1500');
  });

  test('what is new and what is gone', () => {
    expect(describeSplitChange('', '')).toBeNull();
    expect(describeSplitChange('2020-08-31 4:1', '2020-08-31 5:1, 2021-01-01 2:1')).toBe(
      '2020-08-31 4:1 gone, 2020-08-31 5:1 new, 2021-01-01 2:1 new',
    );
  });

  test('where each stands', () => {
    const recorded = [FOUR, TOKEN, split('2021-01-01', [2, 1])].map((each) => ({ ...each, note: null }));
    const facts = { applied: '2019-01-01 3:1, 2020-08-31 4:1', lastSrcUs: parseDay('2021-06-01') * DAY_US };
    expect(standSplits(recorded, facts).map(({ split, standing }) => `${split}: ${standing}`)).toEqual([
      '2019-01-01 3:1: taken back',
      '2020-08-31 4:1: applied',
      '2021-01-01 2:1: waiting',
      '2022-03-01 1:1000 with volume: announced',
    ]);
  });
});
