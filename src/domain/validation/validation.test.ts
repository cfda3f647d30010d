import { describe, expect, test } from 'vitest';
import { DAY_US } from '../calendar/day.js';
import { ema, smooth } from '../emas/smoothing/index.js';
import { roundingBound } from './validate-emas.js';
import { extremesOf, formatViolation, indexOfDay, type StoredDays, validateDays } from './validation.js';

function daysOf(rows: readonly (readonly [barSeq: number, day: number])[]): StoredDays {
  return {
    length: rows.length,
    barSeq: Int32Array.from(rows, ([barSeq]) => barSeq),
    day: Int32Array.from(rows, ([, day]) => day),
    timeCloseUs: Float64Array.from(rows, ([, day]) => (day + 1) * DAY_US - 1000),
    close: Float64Array.from(rows, () => 1),
  };
}

test('running extremes', () => {
  const { least, greatest } = extremesOf(Float64Array.of(3, 5, 2, 4));
  expect([...least]).toEqual([3, 3, 2, 2]);
  expect([...greatest]).toEqual([3, 5, 5, 5]);
});

test('a day is found among rising days, or is not there', () => {
  const days = daysOf([3, 7, 8, 20].map((day, index) => [index + 1, day] as const));
  expect([3, 7, 8, 20, 2, 9, 21].map((day) => indexOfDay(days, day))).toEqual([0, 1, 2, 3, -1, -1, -1]);
  expect(indexOfDay(daysOf([]), 1)).toBe(-1);
});

describe('1D bars', () => {
  test('dense numbers on rising days are right, also with gaps and for an asset without a day', () => {
    expect(validateDays(daysOf([]))).toEqual([]);
    expect(
      validateDays(
        daysOf([
          [1, 10],
          [2, 11],
          [3, 40],
        ]),
      ),
    ).toEqual([]);
  });

  test('a hole in the numbers and a day that does not follow are named once', () => {
    const hole = validateDays(
      daysOf([
        [1, 10],
        [3, 11],
        [5, 12],
      ]),
    );
    expect(hole).toMatchObject([{ violation: 'bar_seq_not_dense', barSeq: 3, tf: '1D' }]);
    expect(hole[0]?.detail).toContain('expected bar_seq 2, found 3');
    const same = validateDays(
      daysOf([
        [1, 10],
        [2, 10],
      ]),
    );
    expect(same).toMatchObject([{ violation: 'bar_seq_not_rising', barSeq: 2 }]);
    expect(same[0]?.detail).toContain('expected a day after 1970-01-11, found 1970-01-11');
  });
});

describe('rounding', () => {
  test('is a few units in the last place for short EMAs, and grows with length, never beyond the inputs seen', () => {
    expect(roundingBound(1_000_000, 6) / 2 ** -52).toBe(10.5);
    expect(roundingBound(2, 1_000_000) / 2 ** -52).toBe(6);
    expect(roundingBound(4000, 7300 * 365)).toBeLessThan(3e-12);
  });

  test('an EMA of equal inputs leaves them by rounding, and stays within the bound', () => {
    let isEverOff = false;
    for (const value of [0.1, 1 / 3, 97_531.024_68, 1e-7]) {
      for (const length of [6, 21, 365, 2555]) {
        const values = smooth(ema, new Float64Array(6000).fill(value), length);
        for (let index = length - 1; index < values.length; index += 1) {
          const off = Math.abs((values[index] as number) - value) / value;
          isEverOff ||= off > 2 ** -52;
          if (off > roundingBound(index + 1, length)) expect.fail(`${value} ${length} ${index}: ${off}`);
        }
      }
    }
    expect(isEverOff).toBe(true);
  });
});

test('in words', () => {
  const base = { alignment: 'multi_tf', tf: '7D', tsUs: DAY_US - 1000, barSeq: 3, detail: 'why' } as const;
  expect(formatViolation({ ...base, violation: 'ema_out_of_range', period: 10 })).toBe(
    'multi_tf 7D period 10, 1970-01-01T23:59:59.999Z: ema_out_of_range, why',
  );
  expect(
    formatViolation({ ...base, violation: 'closed_early', period: 0, tsUs: Number.POSITIVE_INFINITY }),
  ).toBe('multi_tf 7D: closed_early, why');
});
