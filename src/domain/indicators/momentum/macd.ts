import { alphaOf, nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values3 } from '../parts/kind.js';
import { indexFrom } from '../parts/spans.js';

export const macd: IndicatorKind = {
  name: 'macd',
  title: 'Moving average convergence/divergence',
  definition:
    'EMA of f closes − EMA of s closes, each beginning with the mean of its own first inputs; `.signal` the EMA of g of that line, `.hist` line − signal.',
  version: 2,
  parameters: [barCount('f', 12), barCount('s', 26, 2), barCount('g', 9)],
  refuse: (f, s) => (f < s ? null : `expects f below s, got ${f} and ${s}`),
  fields: ['close'],
  outputs: [
    { name: '', firstAt: (_f, s) => s - 1 },
    { name: 'signal', firstAt: (_f, s, g) => s + g - 2 },
    { name: 'hist', firstAt: (_f, s, g) => s + g - 2, sum: { of: ['', 'signal'], sign: -1 } },
  ],
  lookback: () => 0,
  state: ['fast EMA', 'slow EMA', 'signal'],
  start(f, s, g) {
    const fastAlpha = alphaOf(f);
    const slowAlpha = alphaOf(s);
    const signalAlpha = alphaOf(g);
    return {
      step(state, span, [lines, signals, hists]: Values3): void {
        const { close } = span.bars;
        const { from, to, position } = span;
        let fast = state[0] as number;
        let slow = state[1] as number;
        let signal = state[2] as number;
        // While an average has not begun, bar by bar with its questions; the long rest without any.
        const settled = Math.min(to, indexFrom(span, s + g - 1));
        for (let at = from; at < settled; at += 1) {
          const index = position + at - from;
          const value = close[at] as number;
          fast = index < f ? beginAverage(fast + value, index, f) : nextEma(fastAlpha, value, fast);
          slow = index < s ? beginAverage(slow + value, index, s) : nextEma(slowAlpha, value, slow);
          if (index < s - 1) continue;
          const line = fast - slow;
          lines[at] = line;
          signal = beginAverage(signal + line, index - (s - 1), g);
          if (index < s + g - 2) continue;
          signals[at] = signal;
          hists[at] = line - signal;
        }
        for (let at = settled; at < to; at += 1) {
          const value = close[at] as number;
          fast = nextEma(fastAlpha, value, fast);
          slow = nextEma(slowAlpha, value, slow);
          const line = fast - slow;
          signal = nextEma(signalAlpha, line, signal);
          lines[at] = line;
          signals[at] = signal;
          hists[at] = line - signal;
        }
        state[0] = fast;
        state[1] = slow;
        state[2] = signal;
      },
    };
  },
};
