/** Splits: 1D bars in the unit of the newest day, whatever came in which order, and nothing else touched. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bar, stepBars } from '../../src/domain/bars/bar.js';
import { dayOfUs } from '../../src/domain/calendar/day.js';
import { hasBars, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';
import { columnsOfBars } from '../../src/domain/prices/days.js';
import { type DailyPrice, judgePrices } from '../../src/domain/prices/price.js';
import {
  describeSplitChange,
  effectiveSplits,
  formatSplits,
  type Split,
} from '../../src/domain/prices/split.js';
import { chunksOf, historyShapes, pricesOf } from '../support/histories.js';
import { tally } from '../support/tally.js';

const BAR_TIMEFRAMES = TIMEFRAMES.filter(hasBars);
const units = fc.integer({ min: 1, max: 1000 });
const powers = fc.constantFrom(1, 2, 4, 1024);

/** Splits around the days of a history: before it, in it, and announced after it. */
const splitsOf = (side: fc.Arbitrary<number>) =>
  fc.uniqueArray(
    fc
      .record({
        place: fc.integer({ min: -5, max: 150 }),
        newUnits: side,
        oldUnits: side,
        isVolumeInUnits: fc.boolean(),
      })
      .filter(({ newUnits, oldUnits }) => newUnits !== oldUnits),
    { maxLength: 4, selector: ({ place }) => place },
  );

const worlds = (side: fc.Arbitrary<number>) =>
  fc
    .record({ shape: historyShapes(fc.integer({ min: 1, max: 120 })), places: splitsOf(side) })
    .map(({ shape, places }) => {
      const splits = places.map(({ place, ...split }): Split => ({ ...split, day: shape.firstDay + place }));
      return { shape, splits, prices: pricesOf(shape) };
    });

const newestOf = (prices: readonly DailyPrice[]) => prices.at(-1)?.timestampUs ?? null;

function judge(prices: readonly DailyPrice[], splits: readonly Split[]) {
  return judgePrices(prices, 1, { splits: effectiveSplits(splits, newestOf(prices)) });
}

const barsOf = (bars: readonly DailyBar[]): Bar[] =>
  BAR_TIMEFRAMES.flatMap(
    (timeframe) => stepBars(timeframe, null, columnsOfBars([...bars], bars[0]?.day ?? 0)).closed,
  );

test('1D bars are those of the definition, read literally; rejects are as delivered', () => {
  let adjusted = 0;
  fc.assert(
    fc.property(worlds(units), ({ prices, splits }) => {
      const plain = judgePrices(prices, 1);
      const { bars, rejects } = judge(prices, splits);
      const newest = dayOfUs(newestOf(prices) ?? 0);
      expect(rejects).toEqual(plain.rejects);
      expect(bars).toHaveLength(plain.bars.length);
      for (const [index, before] of plain.bars.entries()) {
        const later = splits.filter(({ day }) => before.day < day && day <= newest);
        const bar = bars[index] as DailyBar;
        const product = (of: readonly Split[]) =>
          of.reduce((all, each) => (all * each.oldUnits) / each.newUnits, 1);
        const inUnits = product(later.filter(({ isVolumeInUnits }) => isVolumeInUnits));
        for (const field of ['open', 'high', 'low', 'close'] as const)
          expect(bar[field] / (before[field] * product(later))).toBeCloseTo(1, 12);
        if (before.volume) expect((bar.volume ?? 0) / (before.volume / inUnits)).toBeCloseTo(1, 12);
        const { open, high, low, close, volume } = before;
        expect({ ...bar, open, high, low, close, volume }).toEqual(before);
        expect(bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close)).toBe(
          true,
        );
        if (later.length === 0) expect(bar).toEqual(before);
        else adjusted += 1;
      }
    }),
    { numRuns: 500 },
  );
  tally('histories', 500);
  expect(adjusted).toBeGreaterThan(1000);
});

test('appending, and repairing where the splits that count are others, gives the bars of a rebuild, bit for bit', () => {
  let repairs = 0;
  fc.assert(
    fc.property(worlds(units), ({ shape, prices, splits }) => {
      let bars: DailyBar[] = [];
      let applied = '';
      const seen: DailyPrice[] = [];
      for (const chunk of chunksOf(prices, shape)) {
        seen.push(...chunk);
        const effective = effectiveSplits(splits, newestOf(seen));
        if (describeSplitChange(applied, formatSplits(effective)) !== null) {
          repairs += 1;
          bars = judgePrices(seen, 1, { splits: effective }).bars;
        } else bars = [...bars, ...judgePrices(chunk, bars.length + 1, { splits: effective }).bars];
        applied = formatSplits(effective);
      }
      const rebuilt = judge(prices, splits).bars;
      expect(bars).toEqual(rebuilt);
      expect(barsOf(bars)).toEqual(barsOf(rebuilt));
    }),
    { numRuns: 150 },
  );
  tally('histories', 150);
  expect(repairs).toBeGreaterThan(50);
});

test('by powers of two: the bars of prices that were divided before they were delivered, bit for bit', () => {
  fc.assert(
    fc.property(worlds(powers), ({ prices, splits }) => {
      const newest = dayOfUs(newestOf(prices) ?? 0);
      const divided = prices.map((price): DailyPrice => {
        const later = splits.filter(({ day }) => dayOfUs(price.timestampUs) < day && day <= newest);
        const factor = later.reduce((all, { newUnits, oldUnits }) => (all * oldUnits) / newUnits, 1);
        const inUnits = later.filter(({ isVolumeInUnits }) => isVolumeInUnits);
        const volumeFactor = inUnits.reduce((all, { newUnits, oldUnits }) => (all * newUnits) / oldUnits, 1);
        const by = (value: number | null, times: number) => (value === null ? null : value * times);
        return {
          ...price,
          ...{ open: by(price.open, factor), high: by(price.high, factor), low: by(price.low, factor) },
          ...{ close: by(price.close, factor), volume: by(price.volume, volumeFactor) },
        };
      });
      const [ours, theirs] = [judge(prices, splits).bars, judgePrices(divided, 1).bars];
      expect(ours).toEqual(theirs);
      expect(barsOf(ours)).toEqual(barsOf(theirs));
    }),
    { numRuns: 100 },
  );
  tally('histories', 100);
});

test('splits on or before the first day, and announced ones, change no bar', () => {
  fc.assert(
    fc.property(worlds(units), ({ shape, prices, splits }) => {
      const newest = dayOfUs(newestOf(prices) ?? 0);
      const idle = splits.filter(({ day }) => day <= shape.firstDay || day > newest);
      expect(judge(prices, idle)).toEqual(judgePrices(prices, 1));
    }),
    { numRuns: 200 },
  );
  tally('histories', 200);
});
