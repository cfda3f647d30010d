import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLOSE_US, DAY, judgeOne, later, NOON_US, OPEN_US, price } from '../../../test/support/price-rows.js';
import { DAY_US } from '../calendar/day.js';
import { judgePrices, REJECT_REASONS, REMARKS, REPAIR_FLAGS } from './price.js';

test('a sound row becomes a bar with all its values, and leaves no reject', () => {
  expect(judgePrices([price()], 42)).toEqual({
    rejects: [],
    kept: [],
    bars: [
      {
        barSeq: 42,
        day: DAY,
        timestampUs: CLOSE_US,
        timeOpenUs: OPEN_US,
        timeCloseUs: CLOSE_US,
        timeHighUs: NOON_US,
        timeLowUs: NOON_US + 1,
        open: 10,
        high: 12,
        low: 9,
        close: 11,
        volume: 5,
        marketCap: 7,
        repairedTimeHigh: false,
        repairedTimeLow: false,
        repairedHigh: false,
        repairedLow: false,
        srcName: '2781',
        srcFile: 'a.csv',
        srcLoadTsUs: null,
      },
    ],
  });
});

describe('refused rows, with the first reason that applies (semantics.md §2)', () => {
  test.each([
    ['null_open_close', { open: null }],
    ['null_open_close', { close: null }],
    ['null_open_close', { open: Number.NaN, timeOpenUs: null, low: -1 }],
    ['null_open_close', { close: Number.POSITIVE_INFINITY }],
    ['null_open_close', { close: Number.NEGATIVE_INFINITY }],
    ['null_time_open_time_close', { timeOpenUs: null, low: -1 }],
    ['null_time_open_time_close', { timeCloseUs: null }],
    ['null_time_open_time_close', { timeCloseUs: Number.POSITIVE_INFINITY }],
    ['time_open_gt_time_close', { timeOpenUs: CLOSE_US + 1, open: -1 }],
    ['not_one_utc_day', { timeOpenUs: CLOSE_US - 3_600_000_000 + 1000, open: -1 }],
    ['not_one_utc_day', { timeOpenUs: OPEN_US - 6 * DAY_US }],
    ['not_one_utc_day', { timeOpenUs: OPEN_US - 1 }],
    ['not_one_utc_day', { timeCloseUs: OPEN_US + DAY_US + 1 }],
    ['non_positive_price', { open: 0 }],
    ['non_positive_price', { high: -12 }],
    ['non_positive_price', { low: -0 }],
    ['non_positive_price', { close: -1, timeHighUs: null }],
  ] as const)('%s: %o', (reason, changes) => {
    const given = price(changes);
    expect(judgePrices([given], 1)).toEqual({
      bars: [],
      kept: [],
      rejects: [{ timestampUs: CLOSE_US, action: 'rejected', reason, price: given }],
    });
  });
});

describe('repairs, in the order of semantics.md §2', () => {
  test.each([
    ['before time_open', OPEN_US - 1],
    ['after time_close', CLOSE_US + 1],
  ])('a high time that is %s is replaced, and the high that came with it dropped', (_, timeHighUs) => {
    const { bar, reasons } = judgeOne({ timeHighUs, high: 99 });
    expect(bar).toMatchObject({ timeHighUs: CLOSE_US, high: 11, repairedTimeHigh: true, repairedHigh: true });
    expect(reasons).toEqual(['repaired_timehigh', 'repaired_high']);
  });

  test.each([
    ['before time_open', OPEN_US - 1],
    ['after time_close', CLOSE_US + 1],
  ])('a low time that is %s likewise', (_, timeLowUs) => {
    const { bar, reasons } = judgeOne({ timeLowUs, low: 1 });
    expect(bar).toMatchObject({ timeLowUs: OPEN_US, low: 10, repairedTimeLow: true, repairedLow: true });
    expect(reasons).toEqual(['repaired_timelow', 'repaired_low']);
  });

  test('the time is that of open or close, whichever has the extreme; both, at the close', () => {
    const times = { timeHighUs: null, timeLowUs: null };
    expect(judgeOne({ ...times, open: 10, close: 11 }).bar).toMatchObject({
      timeHighUs: CLOSE_US,
      timeLowUs: OPEN_US,
    });
    expect(judgeOne({ ...times, open: 11, close: 10 }).bar).toMatchObject({
      timeHighUs: OPEN_US,
      timeLowUs: CLOSE_US,
    });
    expect(judgeOne({ ...times, open: 10, close: 10 }).bar).toMatchObject({
      timeHighUs: CLOSE_US,
      timeLowUs: CLOSE_US,
    });
  });

  test('a field that comes out as given is not flagged', () => {
    const { bar, reasons } = judgeOne({ timeLowUs: OPEN_US - 1, low: 10 });
    expect(bar).toMatchObject({ low: 10, repairedTimeLow: true, repairedLow: false });
    expect(reasons).toEqual(['repaired_timelow']);
  });

  test.each([
    ['high below close', { high: 10.5 }, { high: 11, low: 9 }, ['repaired_high']],
    ['low above open', { low: 10.5 }, { high: 12, low: 10 }, ['repaired_low']],
    ['high and low exchanged', { high: 9, low: 12 }, { high: 12, low: 9 }, ['repaired_high', 'repaired_low']],
    ['high missing', { high: null }, { high: 11, low: 9 }, ['repaired_high']],
    ['low infinite', { low: Number.POSITIVE_INFINITY }, { high: 12, low: 10 }, ['repaired_low']],
    [
      'high missing, low above all',
      { high: null, low: 20 },
      { high: 20, low: 10 },
      ['repaired_high', 'repaired_low'],
    ],
  ])('%s: high is the greatest, low the least of the four', (_, changes, expected, reasons) => {
    const judged = judgeOne(changes);
    expect(judged.bar).toMatchObject(expected);
    expect(judged.reasons).toEqual(reasons);
    expect(
      judged.rejects.every(({ action, price: given }) => action === 'repaired' && given.close === 11),
    ).toBe(true);
  });

  test('missing or infinite volume and market cap keep the day and become null; −0 becomes 0', () => {
    expect(judgeOne({ volume: null, marketCap: Number.NaN }).bar).toMatchObject({
      volume: null,
      marketCap: null,
    });
    expect(judgeOne({ volume: Number.POSITIVE_INFINITY }).bar?.volume).toBeNull();
    expect(judgeOne({ volume: -0 }).bar?.volume).toBe(0);
  });
});

describe('two rows of one day', () => {
  test('the later timestamp wins; the loser has one reject only, whatever else it would have had repaired', () => {
    const loser = price({ timestampUs: CLOSE_US - 5, timeHighUs: null });
    const winner = price({ close: 10.5 });
    const { bars, rejects } = judgePrices([loser, winner, later(1)], 1);
    expect(bars.map(({ barSeq, close }) => [barSeq, close])).toEqual([
      [1, 10.5],
      [2, 11],
    ]);
    expect(rejects).toEqual([
      { timestampUs: CLOSE_US - 5, action: 'rejected', reason: 'duplicate_day', price: loser },
    ]);
  });

  test('of one timestamp the later load_ts wins, and the key (timestamp, reason) stays single', () => {
    const rows = [1, 2, 3].map((load) => price({ loadTsUs: CLOSE_US + load, close: 10 + load / 10 }));
    const { bars, rejects } = judgePrices(rows, 1);
    expect(bars.map(({ srcLoadTsUs }) => srcLoadTsUs)).toEqual([CLOSE_US + 3]);
    expect(rejects.map(({ reason, price: given }) => [reason, given.loadTsUs])).toEqual([
      ['duplicate_day', CLOSE_US + 2],
    ]);
  });

  test('a refused row does not compete: the earlier row of its day stays', () => {
    const { bars, rejects } = judgePrices([price({ timestampUs: CLOSE_US - 5 }), price({ open: null })], 1);
    expect(bars.map(({ timestampUs }) => timestampUs)).toEqual([CLOSE_US - 5]);
    expect(rejects.map(({ reason }) => reason)).toEqual(['null_open_close']);
  });

  test('the day is the UTC date of the timestamp: a microsecond after midnight is another day', () => {
    const { bars } = judgePrices([price(), later(1, { timestampUs: OPEN_US + DAY_US })], 1);
    expect(bars.map(({ day }) => day)).toEqual([DAY, DAY + 1]);
  });
});

test('rows out of order and timestamps that are no time are errors', () => {
  expect(() => judgePrices([later(1), price()], 1)).toThrow('2024-03-01 follows 2024-03-02');
  expect(() => judgePrices([price({ timestampUs: Number.POSITIVE_INFINITY })], 1)).toThrow(
    'timestamp Infinity',
  );
});

test('whatever is given: accepted bars are sound and dense, flags and rejects agree, every row is accounted for', () => {
  const value = fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 0, 1, 2, 3, 4);
  const time = fc.constantFrom(null, Number.NaN, OPEN_US - 1, OPEN_US, NOON_US, CLOSE_US, CLOSE_US + 1);
  const row = fc.record({
    timestampUs: fc.integer({ min: 0, max: 5 }).map((steps) => OPEN_US + (steps * DAY_US) / 2),
    timeOpenUs: fc.oneof(time, fc.constant(OPEN_US)),
    timeCloseUs: fc.oneof(time, fc.constant(CLOSE_US)),
    timeHighUs: time,
    timeLowUs: time,
    open: value,
    high: value,
    low: value,
    close: value,
    volume: value,
    marketCap: value,
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const prices = rows.map((changes) => price(changes)).sort((a, b) => a.timestampUs - b.timestampUs);
      const { bars, rejects } = judgePrices(prices, 1);
      for (const [index, bar] of bars.entries()) {
        expect(bar.barSeq).toBe(index + 1);
        expect(bar.low > 0 && bar.high < Number.POSITIVE_INFINITY).toBe(true);
        expect(bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close)).toBe(
          true,
        );
        for (const timeUs of [bar.timeHighUs, bar.timeLowUs]) {
          expect(timeUs >= bar.timeOpenUs && timeUs <= bar.timeCloseUs).toBe(true);
        }
      }
      expect(new Set(bars.map(({ day }) => day)).size).toBe(bars.length);
      const keys = rejects.map(({ timestampUs, reason }) => `${timestampUs} ${reason}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(bars.every(({ volume }) => volume === null || volume >= 0)).toBe(true);
      const flags = bars.flatMap((bar) => [
        bar.repairedTimeHigh,
        bar.repairedTimeLow,
        bar.repairedHigh,
        bar.repairedLow,
      ]);
      const repaired = rejects.filter(
        ({ action, reason }) => action === 'repaired' && reason !== 'repaired_volume',
      );
      expect(flags.filter(Boolean)).toHaveLength(repaired.length);
      const known = new Set([...bars, ...rejects].map(({ timestampUs }) => timestampUs));
      expect(prices.every(({ timestampUs }) => known.has(timestampUs))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('reasons and flags have the names of the rejects table', () => {
  expect([...REJECT_REASONS, ...REPAIR_FLAGS, ...REMARKS]).toEqual([
    'null_open_close',
    'null_time_open_time_close',
    'time_open_gt_time_close',
    'not_one_utc_day',
    'non_positive_price',
    'duplicate_day',
    'repaired_timehigh',
    'repaired_timelow',
    'repaired_high',
    'repaired_low',
    'repaired_volume',
    'unconfirmed',
  ]);
});
