import { weightedMeanOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

function rootOf(n: number): number {
  return Math.floor(Math.sqrt(n));
}

function windowOf(n: number): number {
  return n + rootOf(n) - 1;
}

export const hma: IndicatorKind = {
  name: 'hma',
  title: 'Hull moving average',
  definition: 'WMA of length ⌊√n⌋ over 2·WMA(⌊n/2⌋) − WMA(n).',
  version: 1,
  parameters: [barCount('n', 20, 2)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => windowOf(n) - 1 }],
  lookback: (n) => windowOf(n) - 1,
  state: [],
  start(n) {
    const half = Math.floor(n / 2);
    const root = rootOf(n);
    return {
      step(_state, span, [values]: Values1): void {
        const { close } = span.bars;
        const raws = numbersOf(
          span,
          { first: n - 1, back: root - 1 },
          (at) => 2 * weightedMeanOf(close, at, half) - weightedMeanOf(close, at, n),
        );
        for (let at = indexFrom(span, windowOf(n) - 1); at < span.to; at += 1)
          values[at] = weightedMeanOf(raws, at, root);
      },
    };
  },
};
