/** Every kind of indicator against numbers that another program calculated from the definitions. */
import { describe, expect, test } from 'vitest';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { type Indicator, parseIndicator } from '../../src/domain/indicators/name.js';
import { barColumnsOf, computeIndicators } from '../../src/domain/indicators/series.js';
import { WILDER_CLOSES, WILDER_PERIOD, WILDER_RSIS } from './chartschool-rsi.js';
import { INDICATOR_VECTORS, VECTOR_BARS } from './indicator-vectors.js';

/** The indicators of the vectors: a name that begins an output's, up to a dot that letters follow. */
const INDICATORS: readonly Indicator[] = [
  ...new Set([...INDICATOR_VECTORS.keys()].map((name) => name.replace(/\.[a-z_]+$/, ''))),
].map((name) => parseIndicator(name));

describe.each(INDICATORS)('$name', (indicator) => {
  const columns = computeIndicators([indicator], barColumnsOf(VECTOR_BARS));

  test.each(indicator.outputs)('$name over a dozen bars', ({ name }) => {
    const expected = INDICATOR_VECTORS.get(name) ?? [];
    const found = [...(columns.get(name) ?? [])];
    expect(found).toHaveLength(VECTOR_BARS.length);
    expect(expected).toHaveLength(VECTOR_BARS.length);
    for (const [index, value] of expected.entries()) {
      if (value === null) expect(found[index]).toBeNaN();
      else
        expect(Math.abs((found[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(
          1e-13 * Math.max(1, Math.abs(value)),
        );
    }
  });
});

test('there are vectors of every kind, and of every output', () => {
  expect(new Set(INDICATORS.map(({ kind }) => kind))).toEqual(new Set(INDICATOR_KINDS));
  expect(INDICATORS.flatMap(({ outputs }) => outputs.map(({ name }) => name)).sort()).toEqual(
    [...INDICATOR_VECTORS.keys()].sort(),
  );
});

test('the 14-day RSI of the ChartSchool example comes out to its second decimal', () => {
  const bars = WILDER_CLOSES.map((close) => ({ open: close, high: close, low: close, close }));
  const rsi = parseIndicator(`rsi_${WILDER_PERIOD}`);
  const values = [...(computeIndicators([rsi], barColumnsOf(bars)).get(rsi.name) ?? [])];
  const published = values.slice(WILDER_PERIOD);
  expect(published).toHaveLength(WILDER_RSIS.length);
  for (const [index, value] of published.entries())
    expect(Math.abs(value - (WILDER_RSIS[index] ?? Number.NaN))).toBeLessThan(0.006);
});
