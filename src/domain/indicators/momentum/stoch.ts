import { meanOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values2 } from '../parts/kind.js';
import { highestsOf, lowestsOf } from '../parts/ranges.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

/** Where a close lies between a lowest low and a highest high, 0 to 100. */
function placeOf(close: number, lowest: number, highest: number): number {
  return highest === lowest ? 50 : (100 * (close - lowest)) / (highest - lowest);
}

export const stoch: IndicatorKind = {
  name: 'stoch',
  title: 'Stochastic oscillator, slow',
  definition:
    '`.k` is the mean of k of 100·(c − lowest low of n)/(highest high of n − lowest low of n), 50 where these are equal; `.d` the mean of d of `.k`.',
  version: 1,
  parameters: [barCount('n', 14), barCount('k', 3), barCount('d', 3)],
  fields: ['high', 'low', 'close'],
  outputs: [
    { name: 'k', firstAt: (n, k) => n + k - 2 },
    { name: 'd', firstAt: (n, k, d) => n + k + d - 3 },
  ],
  lookback: (n, k, d) => n + k + d - 3,
  state: [],
  start: (n, k, d) => ({
    step(_state, span, [ks, ds]: Values2): void {
      const { high, low, close } = span.bars;
      const back = k + d - 2;
      const highests = highestsOf(high, span, { n, back });
      const lowests = lowestsOf(low, span, { n, back });
      const places = numbersOf(span, { first: n - 1, back }, (at) =>
        placeOf(close[at] as number, lowests[at] as number, highests[at] as number),
      );
      const means = numbersOf(span, { first: n + k - 2, back: d - 1 }, (at) => meanOf(places, at, k));
      for (let at = indexFrom(span, n + k - 2); at < span.to; at += 1) ks[at] = means[at] as number;
      for (let at = indexFrom(span, n + k + d - 3); at < span.to; at += 1) ds[at] = meanOf(means, at, d);
    },
  }),
};
