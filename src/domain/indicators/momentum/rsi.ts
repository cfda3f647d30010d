import { nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

/** A change that is a rise, otherwise 0. A branch would be guessed wrong half of the time. */
function gainOf(change: number): number {
  return (Math.abs(change) + change) / 2;
}

function strengthOf(gain: number, loss: number): number {
  return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
}

export const rsi: IndicatorKind = {
  name: 'rsi',
  title: 'Relative strength index',
  definition:
    "100·g/(g + l), where g and l are the average gain and loss of a change: first the mean of n, then Wilder's (average·(n − 1) + new)/n; 50 where both are 0.",
  version: 1,
  parameters: [barCount('n', 14)],
  fields: ['close'],
  outputs: [{ name: '', firstAt: (n) => n }],
  lookback: () => 1,
  state: ['average gain', 'average loss'],
  start(n) {
    const weight = 1 / n;
    return {
      step(state, span, [values]: Values1): void {
        const { close } = span.bars;
        const { from, to, position } = span;
        let gain = state[0] as number;
        let loss = state[1] as number;
        // The first bar of a series has no change; while the averages have not begun, their inputs are summed.
        const settled = Math.min(to, indexFrom(span, n + 1));
        for (let at = indexFrom(span, 1); at < settled; at += 1) {
          const change = (close[at] as number) - (close[at - 1] as number);
          const index = position + at - from - 1;
          gain = beginAverage(gain + gainOf(change), index, n);
          loss = beginAverage(loss + gainOf(-change), index, n);
          if (index === n - 1) values[at] = strengthOf(gain, loss);
        }
        for (let at = settled; at < to; at += 1) {
          const change = (close[at] as number) - (close[at - 1] as number);
          gain = nextEma(weight, gainOf(change), gain);
          loss = nextEma(weight, gainOf(-change), loss);
          values[at] = strengthOf(gain, loss);
        }
        state[0] = gain;
        state[1] = loss;
      },
    };
  },
};
