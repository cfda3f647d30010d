import { nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { trueRangeOf } from '../parts/ranges.js';
import { indexFrom } from '../parts/spans.js';

export const atr: IndicatorKind = {
  name: 'atr',
  title: 'Average true range',
  definition:
    "TR = max(h, c[−1]) − min(l, c[−1]); first the mean of n, then Wilder's (average·(n − 1) + new)/n.",
  version: 1,
  parameters: [barCount('n', 14)],
  fields: ['high', 'low', 'close'],
  outputs: [{ name: '', firstAt: (n) => n }],
  lookback: () => 1,
  state: ['average'],
  start(n) {
    const weight = 1 / n;
    return {
      step(state, span, [values]: Values1): void {
        const { high, low, close } = span.bars;
        const { from, to, position } = span;
        let value = state[0] as number;
        // The first bar of a series has no close before it.
        for (let at = indexFrom(span, 1); at < to; at += 1) {
          const index = position + at - from;
          const range = trueRangeOf(high[at] as number, low[at] as number, close[at - 1] as number);
          value = index <= n ? beginAverage(value + range, index - 1, n) : nextEma(weight, range, value);
          if (index >= n) values[at] = value;
        }
        state[0] = value;
      },
    };
  },
};
