import { logOf, rootMeanOf } from '../parts/bar-variances.js';
import type { IndicatorKind } from '../parts/kind.js';

export const rogersSatchell: IndicatorKind = {
  name: 'rogers_satchell',
  title: "Rogers' and Satchell's volatility",
  definition: '√ of the mean of n of ln(h/c)·ln(h/o) + ln(l/c)·ln(l/o); a negative mean counts 0.',
  version: 1,
  fields: ['open', 'high', 'low', 'close'],
  ...rootMeanOf(
    ({ open, high, low, close }, at) =>
      logOf(high[at], close[at]) * logOf(high[at], open[at]) +
      logOf(low[at], close[at]) * logOf(low[at], open[at]),
  ),
};
