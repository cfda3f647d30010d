/** Volatility from the range of each bar: the estimators differ in what they take from one bar. */
import { meanOf } from './averages.js';
import { type BarColumns, barCount, type IndicatorKind, type Values1 } from './kind.js';
import { indexFrom, numbersOf } from './spans.js';

/** The parts of a kind that estimators of volatility have alike: the root of the mean of n variances, where a negative mean counts 0. */
export function rootMeanOf(
  varianceAt: (bars: BarColumns, at: number) => number,
): Pick<IndicatorKind, 'parameters' | 'outputs' | 'lookback' | 'state' | 'start'> {
  return {
    parameters: [barCount('n', 20)],
    outputs: [{ name: '', firstAt: (n) => n - 1 }],
    lookback: (n) => n - 1,
    state: [],
    start: (n) => ({
      step(_state, span, [values]: Values1): void {
        const variances = numbersOf(span, { first: 0, back: n - 1 }, (at) => varianceAt(span.bars, at));
        for (let at = indexFrom(span, n - 1); at < span.to; at += 1)
          values[at] = Math.sqrt(Math.max(0, meanOf(variances, at, n)));
      },
    }),
  };
}

/** Logarithm of the quotient of two of a bar's prices. */
export function logOf(price: number | undefined, base: number | undefined): number {
  return Math.log((price as number) / (base as number));
}
