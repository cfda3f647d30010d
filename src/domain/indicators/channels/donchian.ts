import { barCount, type IndicatorKind, type Values2 } from '../parts/kind.js';
import { highestsOf, lowestsOf } from '../parts/ranges.js';
import { indexFrom } from '../parts/spans.js';

export const donchian: IndicatorKind = {
  name: 'donchian',
  title: 'Donchian channel',
  definition: '`.upper` is the highest high of n, `.lower` the lowest low of n.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['high', 'low'],
  outputs: [
    { name: 'upper', isPrice: true, firstAt: (n) => n - 1 },
    { name: 'lower', isPrice: true, firstAt: (n) => n - 1 },
  ],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [uppers, lowers]: Values2): void {
      const { high, low } = span.bars;
      const highests = highestsOf(high, span, { n, back: 0 });
      const lowests = lowestsOf(low, span, { n, back: 0 });
      for (let at = indexFrom(span, n - 1); at < span.to; at += 1) {
        uppers[at] = highests[at] as number;
        lowers[at] = lowests[at] as number;
      }
    },
  }),
};
