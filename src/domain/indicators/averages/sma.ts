import { writeMeans } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const sma: IndicatorKind = {
  name: 'sma',
  title: 'Simple moving average',
  definition: 'Mean of n closes.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      writeMeans(span.bars.close, { n, from: indexFrom(span, n - 1), to: span.to }, values);
    },
  }),
};
