import { nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { type BarColumns, barCount, type IndicatorKind, multiplier, type Values2 } from '../parts/kind.js';
import { trueRangeOf } from '../parts/ranges.js';
import { indexFrom } from '../parts/spans.js';

const UP = 1;
const DOWN = -1;

/** What is carried from bar to bar. */
interface Trail {
  atr: number;
  upper: number;
  lower: number;
  trend: number;
}

/** Takes one bar with the `distance` of its bands from its middle: a band follows the price, and turns back only when the close before had left it. */
function follow(
  trail: Trail,
  { high, low, close }: BarColumns,
  at: number,
  { distance, isFirst }: FollowOptions,
) {
  const middle = ((high[at] as number) + (low[at] as number)) / 2;
  const [upper, lower] = [middle + distance, middle - distance];
  const before = close[at - 1] as number;
  if (isFirst || upper < trail.upper || before > trail.upper) trail.upper = upper;
  if (isFirst || lower > trail.lower || before < trail.lower) trail.lower = lower;
  const value = close[at] as number;
  if (isFirst) trail.trend = DOWN;
  else if (trail.trend === DOWN) trail.trend = value > trail.upper ? UP : DOWN;
  else trail.trend = value < trail.lower ? DOWN : UP;
}

interface FollowOptions {
  distance: number;
  isFirst: boolean;
}

export const supertrend: IndicatorKind = {
  name: 'supertrend',
  title: 'Supertrend',
  definition:
    'Bands at (h + l)/2 ± k · ATR of n. The upper band is the lower of itself and the one before, or itself where the close before was above that; the lower band likewise, the other way round. The trend begins as −1 (down), becomes 1 (up) when the close is above the upper band, and −1 when it is below the lower. The value is the lower band while the trend is up, the upper one while it is down; `.trend` is 1 or −1.',
  source:
    "TradingView, `ta.supertrend` (https://www.tradingview.com/support/solutions/43000634738-supertrend/), with the ATR of this list, which begins one bar later; TradingView's direction is −1 for up",
  version: 1,
  parameters: [barCount('n', 10), multiplier('k', 3)],
  fields: ['high', 'low', 'close'],
  outputs: [
    { name: '', isPrice: true, firstAt: (n) => n },
    { name: 'trend', firstAt: (n) => n },
  ],
  lookback: () => 1,
  state: ['ATR', 'upper band', 'lower band', 'trend'],
  start(n, k) {
    const weight = 1 / n;
    return {
      step(state, span, [lines, trends]: Values2): void {
        const { bars, from, to, position } = span;
        const { high, low, close } = bars;
        const atr = state[0] as number;
        const upper = state[1] as number;
        const lower = state[2] as number;
        const trend = state[3] as number;
        const trail: Trail = { atr, upper, lower, trend };
        // The first bar of a series has no close before it.
        for (let at = indexFrom(span, 1); at < to; at += 1) {
          const changes = position + at - from;
          const range = trueRangeOf(high[at] as number, low[at] as number, close[at - 1] as number);
          trail.atr =
            changes <= n
              ? beginAverage(trail.atr + range, changes - 1, n)
              : nextEma(weight, range, trail.atr);
          if (changes < n) continue;
          follow(trail, bars, at, { distance: k * trail.atr, isFirst: changes === n });
          lines[at] = trail.trend === UP ? trail.lower : trail.upper;
          trends[at] = trail.trend;
        }
        state.set([trail.atr, trail.upper, trail.lower, trail.trend]);
      },
    };
  },
};
