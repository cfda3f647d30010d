import { meanOf, squaresOf } from '../parts/averages.js';
import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

export const vol: IndicatorKind = {
  name: 'vol',
  title: 'Volatility of closes',
  definition:
    'Sample standard deviation (n − 1) of n logarithmic returns ln(c/c[−1]); for one bar, not for a year.',
  version: 1,
  parameters: [barCount('n', 20, 2)],
  fields: ['close'],
  outputs: [{ name: '', firstAt: (n) => n }],
  lookback: (n) => n,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const { close } = span.bars;
      const returns = numbersOf(span, { first: 1, back: n - 1 }, (at) =>
        Math.log((close[at] as number) / (close[at - 1] as number)),
      );
      for (let at = indexFrom(span, n); at < span.to; at += 1) {
        const mean = meanOf(returns, at, n);
        values[at] = Math.sqrt(squaresOf(returns, at, { n, mean }) / (n - 1));
      }
    },
  }),
};
