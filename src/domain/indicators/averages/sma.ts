import { meanOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const sma: IndicatorKind = {
  name: 'sma',
  title: 'Simple moving average',
  definition: 'Mean of n closes.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['close'],
  outputs: [{ name: '', firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const { close } = span.bars;
      for (let at = indexFrom(span, n - 1); at < span.to; at += 1) values[at] = meanOf(close, at, n);
    },
  }),
};
