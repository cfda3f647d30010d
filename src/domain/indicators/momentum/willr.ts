import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { highestsOf, lowestsOf } from '../parts/ranges.js';
import { indexFrom } from '../parts/spans.js';

export const willr: IndicatorKind = {
  name: 'willr',
  title: "Williams' %R",
  definition:
    '−100·(highest high of n − c)/(highest high of n − lowest low of n); −50 where these are equal.',
  version: 1,
  parameters: [barCount('n', 14)],
  fields: ['high', 'low', 'close'],
  outputs: [{ name: '', firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const { high, low, close } = span.bars;
      const highests = highestsOf(high, span, { n, back: 0 });
      const lowests = lowestsOf(low, span, { n, back: 0 });
      for (let at = indexFrom(span, n - 1); at < span.to; at += 1) {
        const highest = highests[at] as number;
        const range = highest - (lowests[at] as number);
        values[at] = range === 0 ? -50 : (-100 * (highest - (close[at] as number))) / range;
      }
    },
  }),
};
