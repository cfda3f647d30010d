import { alphaOf, nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';

export const tema: IndicatorKind = {
  name: 'tema',
  title: 'Triple exponential moving average',
  definition:
    '3·e1 − 3·e2 + e3, where e1 is the EMA of the closes, e2 the EMA of e1 and e3 the EMA of e2, each of n and beginning with the mean of its first n inputs.',
  version: 1,
  parameters: [barCount('n', 20)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => 3 * (n - 1) }],
  lookback: () => 0,
  state: ['e1', 'e2', 'e3'],
  start(n) {
    const alpha = alphaOf(n);
    const next = (before: number, input: number, index: number): number =>
      index < n ? beginAverage(before + input, index, n) : nextEma(alpha, input, before);
    return {
      step(state, { bars: { close }, from, to, position }, [values]: Values1): void {
        let e1 = state[0] as number;
        let e2 = state[1] as number;
        let e3 = state[2] as number;
        for (let at = from; at < to; at += 1) {
          const index = position + at - from;
          e1 = next(e1, close[at] as number, index);
          if (index >= n - 1) e2 = next(e2, e1, index - (n - 1));
          if (index >= 2 * (n - 1)) e3 = next(e3, e2, index - 2 * (n - 1));
          if (index >= 3 * (n - 1)) values[at] = 3 * e1 - 3 * e2 + e3;
        }
        state[0] = e1;
        state[1] = e2;
        state[2] = e3;
      },
    };
  },
};
