import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const roc: IndicatorKind = {
  name: 'roc',
  title: 'Rate of change',
  definition: '(c/c[−n] − 1)·100.',
  version: 1,
  parameters: [barCount('n', 10)],
  fields: ['close'],
  outputs: [{ name: '', firstAt: (n) => n }],
  lookback: (n) => n,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const { close } = span.bars;
      for (let at = indexFrom(span, n); at < span.to; at += 1)
        values[at] = ((close[at] as number) / (close[at - n] as number) - 1) * 100;
    },
  }),
};
