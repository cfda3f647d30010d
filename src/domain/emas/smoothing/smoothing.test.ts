import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceEmas, nextEma } from './ema.js';
import { ema, SMOOTHINGS, smooth } from './index.js';

const inputs = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
const periods = fc.integer({ min: 1, max: 30 });

// What every moving average of the list has to keep.
describe.each(SMOOTHINGS)('$name', (smoothing) => {
  test('has no value before the period-th input and one from there on', () => {
    fc.assert(
      fc.property(inputs, periods, (values, period) => {
        const isMissing = [...smooth(smoothing, values, period)].map(Number.isNaN);
        expect(isMissing).toEqual(values.map((_, index) => index < period - 1));
      }),
    );
  });

  test('stays within the inputs so far, and on a constant', () => {
    fc.assert(
      fc.property(inputs, periods, (values, period) => {
        for (const [index, value] of smooth(smoothing, values, period).entries()) {
          if (Number.isNaN(value)) continue;
          const seen = values.slice(0, index + 1);
          expect(value).toBeGreaterThanOrEqual(Math.min(...seen) * (1 - 1e-12));
          expect(value).toBeLessThanOrEqual(Math.max(...seen) * (1 + 1e-12));
        }
      }),
    );
  });

  test('does not depend on inputs to come', () => {
    fc.assert(
      fc.property(inputs, periods, (values, period) => {
        const half = values.slice(0, Math.ceil(values.length / 2));
        expect([...smooth(smoothing, values, period)].slice(0, half.length)).toEqual([
          ...smooth(smoothing, half, period),
        ]);
      }),
    );
  });
});

test('an EMA begins with the mean of the first inputs, summed from left to right', () => {
  const values = [0.1, 0.2, 0.3, 0.4];
  expect([...smooth(ema, values, 3)]).toEqual([
    Number.NaN,
    Number.NaN,
    (0.1 + 0.2 + 0.3) / 3,
    0.5 * 0.4 + (1 - 0.5) * ((0.1 + 0.2 + 0.3) / 3),
  ]);
});

test('a period of 1 repeats its inputs', () => {
  expect([...smooth(ema, [3, 1, 2], 1)]).toEqual([3, 1, 2]);
});

test('EMAs side by side are those taken one at a time; those beyond the count are left alone', () => {
  const alphas = Float64Array.of(0.5, 0.1, 0.9);
  const values = Float64Array.of(99, 7, 11, 13, 99);
  const emas = Float64Array.of(1, 2, 3);
  advanceEmas({ values: emas, alphas, count: 2 }, { values, from: 1, to: 4 });
  const alone = (alpha: number, start: number): number =>
    [7, 11, 13].reduce((value, input) => nextEma(alpha, input, value), start);
  expect([...emas]).toEqual([alone(0.5, 1), alone(0.1, 2), 3]);
});
