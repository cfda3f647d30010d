import { alphaOf, nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';

export const dema: IndicatorKind = {
  name: 'dema',
  title: 'Double exponential moving average',
  definition:
    '2·e1 − e2, where e1 is the EMA of the closes and e2 the EMA of e1, each of n and beginning with the mean of its first n inputs.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => 2 * (n - 1) }],
  lookback: () => 0,
  state: ['e1', 'e2'],
  start(n) {
    const alpha = alphaOf(n);
    return {
      step(state, { bars: { close }, from, to, position }, [values]: Values1): void {
        let e1 = state[0] as number;
        let e2 = state[1] as number;
        for (let at = from; at < to; at += 1) {
          const index = position + at - from;
          const value = close[at] as number;
          e1 = index < n ? beginAverage(e1 + value, index, n) : nextEma(alpha, value, e1);
          if (index < n - 1) continue;
          const second = index - (n - 1);
          e2 = second < n ? beginAverage(e2 + e1, second, n) : nextEma(alpha, e1, e2);
          if (second >= n - 1) values[at] = 2 * e1 - e2;
        }
        state[0] = e1;
        state[1] = e2;
      },
    };
  },
};
