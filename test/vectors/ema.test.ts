/** The EMA against numbers that others computed. */
import fc from 'fast-check';
import { EMA } from 'technicalindicators';
import { expect, test } from 'vitest';
import { PERIODS } from '../../src/domain/emas/period.js';
import { ema, smooth } from '../../src/domain/emas/smoothing/index.js';
import { CHARTSCHOOL_CLOSES, CHARTSCHOOL_EMAS, CHARTSCHOOL_PERIOD } from './chartschool-ema.js';

test('the 10-day EMA of the ChartSchool example comes out to the cent', () => {
  const values = [...smooth(ema, CHARTSCHOOL_CLOSES, CHARTSCHOOL_PERIOD)];
  expect(values.slice(0, CHARTSCHOOL_PERIOD - 1).every(Number.isNaN)).toBe(true);
  const published = values.slice(CHARTSCHOOL_PERIOD - 1);
  expect(published).toHaveLength(CHARTSCHOOL_EMAS.length);
  for (const [index, value] of published.entries()) {
    expect(Math.abs(value - (CHARTSCHOOL_EMAS[index] ?? Number.NaN))).toBeLessThan(0.005);
  }
});

test('every period gives what technicalindicators gives, which has the same seed', () => {
  let compared = 0;
  const closes = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), {
    minLength: 370,
    maxLength: 400,
    size: 'max',
  });
  fc.assert(
    fc.property(closes, fc.constantFrom(...PERIODS, 2, 3), (values, period) => {
      const expected: number[] = EMA.calculate({ period, values });
      const found = [...smooth(ema, values, period)].slice(period - 1);
      expect(found).toHaveLength(expected.length);
      for (const [index, value] of expected.entries()) {
        const largest = Math.max(...values.slice(0, period + index));
        expect(Math.abs((found[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-12 * largest);
        compared += 1;
      }
    }),
    { numRuns: 100 },
  );
  expect(compared).toBeGreaterThan(10_000);
});
