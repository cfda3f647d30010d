import { logOf, rootMeanOf } from '../parts/bar-variances.js';
import type { IndicatorKind } from '../parts/kind.js';

export const garmanKlass: IndicatorKind = {
  name: 'garman_klass',
  title: "Garman's and Klass's volatility",
  definition: '√ of the mean of n of ½·ln(h/l)² − (2 ln 2 − 1)·ln(c/o)²; a negative mean counts 0.',
  version: 1,
  fields: ['open', 'high', 'low', 'close'],
  ...rootMeanOf(
    ({ open, high, low, close }, at) =>
      0.5 * logOf(high[at], low[at]) ** 2 - (2 * Math.LN2 - 1) * logOf(close[at], open[at]) ** 2,
  ),
};
