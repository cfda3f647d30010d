import { weightedMeanOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const wma: IndicatorKind = {
  name: 'wma',
  title: 'Weighted moving average',
  definition: 'Mean of n closes, weighted 1 (the oldest) to n (the newest): Σ k·c ÷ n(n+1)/2.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const { close } = span.bars;
      for (let at = indexFrom(span, n - 1); at < span.to; at += 1) values[at] = weightedMeanOf(close, at, n);
    },
  }),
};
