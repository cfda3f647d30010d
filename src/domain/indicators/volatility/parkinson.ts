import { logOf, rootMeanOf } from '../parts/bar-variances.js';
import type { IndicatorKind } from '../parts/kind.js';

export const parkinson: IndicatorKind = {
  name: 'parkinson',
  title: "Parkinson's volatility",
  definition: '√ of the mean of n of ln(h/l)²/(4 ln 2).',
  version: 1,
  fields: ['high', 'low'],
  ...rootMeanOf(({ high, low }, at) => logOf(high[at], low[at]) ** 2 / (4 * Math.LN2)),
};
