/** What is kept of a bar makes that bar again, bit for bit; and a row of the source wins over what is kept. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyShapes, pricesOf } from '../../../test/support/histories.js';
import { DAY_US } from '../calendar/day.js';
import type { DailyBar } from './daily-bar.js';
import { joinKept, type KeepableDay, priceToKeep } from './kept.js';
import { type DailyPrice, type JudgedPrices, judgePrices } from './price.js';
import type { Split } from './split.js';

/** The 1D bar as its table has it, with the row of the rejects table that a repair has left. */
function keepable(bar: DailyBar, { rejects }: JudgedPrices): KeepableDay {
  const repaired = rejects.find(
    ({ action, timestampUs }) => action === 'repaired' && timestampUs === bar.timestampUs,
  );
  const { timestampUs, timeOpenUs, timeCloseUs, timeHighUs, timeLowUs, open, high, low, close } = bar;
  const times = { timestampUs, timeOpenUs, timeCloseUs, timeHighUs, timeLowUs };
  const rest = { name: bar.srcName, sourceFile: bar.srcFile, loadTsUs: bar.srcLoadTsUs };
  const { volume, marketCap } = bar;
  return {
    bar: { ...times, open, high, low, close, volume, marketCap, ...rest },
    given: repaired?.price ?? null,
  };
}

const keepAll = (judged: JudgedPrices, splits: readonly Split[]) =>
  judged.bars.map((bar) => priceToKeep(keepable(bar, judged), splits, 'gone'));

const splitsOf = (firstDay: number): fc.Arbitrary<Split[]> =>
  fc
    .uniqueArray(
      fc.record({
        day: fc.integer({ min: firstDay, max: firstDay + 100 }),
        newUnits: fc.constantFrom(2, 3, 7, 1),
        oldUnits: fc.constantFrom(1, 5, 10, 1000),
        isVolumeInUnits: fc.boolean(),
      }),
      { selector: ({ day }) => day, maxLength: 4 },
    )
    .map((splits) => splits.sort((a, b) => a.day - b.day));

const history = historyShapes(fc.integer({ min: 1, max: 80 })).chain((shape) =>
  fc.record({ prices: fc.constant(pricesOf(shape)), splits: splitsOf(shape.firstDay) }),
);

test('any history with any splits: bars and repairs come out as they were', () => {
  fc.assert(
    fc.property(history, ({ prices, splits }) => {
      const judged = judgePrices(prices, 1, { splits });
      const again = judgePrices(keepAll(judged, splits), 1, { splits });
      expect(again.bars).toEqual(judged.bars);
      const isRepair = ({ action }: { action: string }) => action === 'repaired';
      const numbersOf = ({ rejects }: JudgedPrices) =>
        rejects
          .filter(isRepair)
          .map(({ timestampUs, reason, price: { open, high, low, close, volume } }) => ({
            ...{ timestampUs, reason, open, high, low, close, volume },
          }));
      expect(numbersOf(again)).toEqual(numbersOf(judged));
    }),
    { numRuns: 300 },
  );
});

describe('beside rows of the source', () => {
  const row = (day: number, changes: Partial<DailyPrice> = {}): DailyPrice => ({
    timestampUs: day * DAY_US + DAY_US - 1000,
    timeOpenUs: day * DAY_US,
    timeCloseUs: day * DAY_US + DAY_US - 1000,
    timeHighUs: null,
    timeLowUs: null,
    ...{ open: 10, high: 12, low: 9, close: 11, volume: null, marketCap: null },
    ...{ name: null, sourceFile: null, loadTsUs: null, ...changes },
  });
  const kept = (day: number, changes: Partial<DailyPrice> = {}) => row(day, { kept: 'gone', ...changes });
  const judge = (prices: DailyPrice[], keeping: DailyPrice[]) => judgePrices(joinKept(prices, keeping), 1);

  test.each([-1, 0, 1])('a row of its day wins, %i µs beside it, silently', (shiftUs) => {
    const other = row(5, { close: 11.5, timestampUs: row(5).timestampUs + shiftUs });
    const { bars, rejects, kept: left } = judge([other, row(6)], [kept(4), kept(5)]);
    expect(bars.map(({ day, close }) => [day, close])).toEqual([
      [4, 11],
      [5, 11.5],
      [6, 11],
    ]);
    expect(rejects).toEqual([]);
    expect(left).toEqual([kept(4)]);
  });

  test('a row that is refused does not, and is refused all the same', () => {
    const { bars, rejects, kept: left } = judge([row(5, { close: null })], [kept(5)]);
    expect(bars).toMatchObject([{ day: 5, close: 11 }]);
    expect(rejects).toMatchObject([{ reason: 'null_open_close' }]);
    expect(left).toHaveLength(1);
  });

  test('what is kept may span anything; what the source has may not', () => {
    const hour = { timeOpenUs: row(5).timestampUs - 3_600_000_000 };
    expect(judge([row(5, hour)], []).bars).toEqual([]);
    expect(judge([row(5, hour)], [kept(5, hour)]).bars).toMatchObject([{ day: 5, ...hour }]);
  });
});
