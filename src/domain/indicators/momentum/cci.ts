import { meanOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { typicalPriceOf } from '../parts/ranges.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

/** Whether the n values that end at `at` are one value: their mean may be another by its last bit. */
function isFlat(values: Float64Array, at: number, n: number): boolean {
  for (let index = at - n + 1; index < at; index += 1) if (values[index] !== values[at]) return false;
  return true;
}

/** How far the last of n typical prices lies from their mean, in 0.015ths of their mean deviation. */
function cciOf(prices: Float64Array, at: number, n: number): number {
  if (isFlat(prices, at, n)) return 0;
  const mean = meanOf(prices, at, n);
  let deviations = 0;
  for (let index = at - n + 1; index <= at; index += 1)
    deviations += Math.abs((prices[index] as number) - mean);
  return ((prices[at] as number) - mean) / (0.015 * (deviations / n));
}

export const cci: IndicatorKind = {
  name: 'cci',
  title: 'Commodity channel index',
  definition:
    '(tp − mean of n tp)/(0.015 · mean absolute deviation from that mean), where tp = (h + l + c)/3; 0 where the deviation is 0, all tp being equal.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['high', 'low', 'close'],
  outputs: [{ name: '', firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const prices = numbersOf(span, { first: 0, back: n - 1 }, (at) => typicalPriceOf(span.bars, at));
      for (let at = indexFrom(span, n - 1); at < span.to; at += 1) values[at] = cciOf(prices, at, n);
    },
  }),
};
