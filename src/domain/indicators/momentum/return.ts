import type { IndicatorKind, Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const barReturn: IndicatorKind = {
  name: 'return',
  title: 'Return of a bar',
  definition: 'c/c[−1] − 1.',
  version: 1,
  parameters: [],
  fields: ['close'],
  outputs: [{ name: '', firstAt: () => 1 }],
  lookback: () => 1,
  state: [],
  start: () => ({
    step(_state, span, [values]: Values1): void {
      const { close } = span.bars;
      for (let at = indexFrom(span, 1); at < span.to; at += 1)
        values[at] = (close[at] as number) / (close[at - 1] as number) - 1;
    },
  }),
};
