import { writeMeans, writeSquares } from '../parts/averages.js';
import { barCount, type IndicatorKind, multiplier, type Values4 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const bbands: IndicatorKind = {
  name: 'bbands',
  title: 'Bollinger bands',
  definition:
    '`.middle` is the mean of n closes, `.upper` and `.lower` that ± k times their population standard deviation (two passes).',
  version: 2,
  parameters: [barCount('n', 20), multiplier('k', 2)],
  fields: ['close'],
  outputs: [
    { name: 'middle', isPrice: true, firstAt: (n) => n - 1 },
    { name: 'upper', isPrice: true, firstAt: (n) => n - 1, sum: { of: ['middle', 'distance'], sign: 1 } },
    { name: 'lower', isPrice: true, firstAt: (n) => n - 1, sum: { of: ['middle', 'distance'], sign: -1 } },
  ],
  parts: [{ name: 'distance', firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  state: [],
  start: (n, k) => ({
    step(_state, span, [middles, uppers, lowers, distances]: Values4): void {
      const { close } = span.bars;
      const ends = { n, from: indexFrom(span, n - 1), to: span.to };
      writeMeans(close, ends, middles);
      writeSquares(close, ends, { means: middles, into: distances });
      for (let at = ends.from; at < span.to; at += 1) {
        const mean = middles[at] as number;
        const distance = k * Math.sqrt((distances[at] as number) / n);
        distances[at] = distance;
        uppers[at] = mean + distance;
        lowers[at] = mean - distance;
      }
    },
  }),
};
