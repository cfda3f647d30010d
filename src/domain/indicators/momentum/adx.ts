import { nextEma } from '../../emas/smoothing/ema.js';
import { beginAverage } from '../parts/averages.js';
import { type BarColumns, barCount, type IndicatorKind, type Values3 } from '../parts/kind.js';
import { trueRangeOf } from '../parts/ranges.js';
import { indexFrom } from '../parts/spans.js';

/** The bar's movement up, when it is one: beyond the high before by more than the low before was undercut. */
function movementOf(ahead: number, back: number): number {
  return ahead > 0 && ahead > back ? ahead : 0;
}

function rangeAt({ high, low, close }: BarColumns, at: number): number {
  return trueRangeOf(high[at] as number, low[at] as number, close[at - 1] as number);
}

/** Share in percent; 0 of nothing. */
function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}

export const adx: IndicatorKind = {
  name: 'adx',
  title: 'Average directional movement index',
  definition:
    "+DM = h − h[−1] where that is > 0 and > l[−1] − l, −DM likewise, TR as in atr. Their sums S over the changes 1 … n − 1; from position n on S = S − S/n + new. DI = 100·S(DM)/S(TR), 0 where S(TR) is 0; DX = 100·|−DI − +DI|/(+DI + −DI), 0 where that sum is 0. The index is first the mean of n DX, then Wilder's (index·(n − 1) + DX)/n; `.plus_di` and `.minus_di` are the two DI.",
  version: 1,
  parameters: [barCount('n', 14)],
  fields: ['high', 'low', 'close'],
  outputs: [
    { name: '', firstAt: (n) => 2 * n - 1 },
    { name: 'plus_di', firstAt: (n) => n },
    { name: 'minus_di', firstAt: (n) => n },
  ],
  lookback: () => 1,
  state: ['sum of +DM', 'sum of −DM', 'sum of TR', 'average DX'],
  start(n) {
    const weight = 1 / n;
    return {
      step(state, span, [indices, pluses, minuses]: Values3): void {
        const { bars, from, to, position } = span;
        const { high, low } = bars;
        let plus = state[0] as number;
        let minus = state[1] as number;
        let range = state[2] as number;
        let index = state[3] as number;
        // The first bar of a series has no change.
        for (let at = indexFrom(span, 1); at < to; at += 1) {
          const changes = position + at - from;
          const up = (high[at] as number) - (high[at - 1] as number);
          const down = (low[at - 1] as number) - (low[at] as number);
          if (changes >= n) {
            plus -= plus / n;
            minus -= minus / n;
            range -= range / n;
          }
          plus += movementOf(up, down);
          minus += movementOf(down, up);
          range += rangeAt(bars, at);
          if (changes < n) continue;
          const plusDi = shareOf(plus, range);
          const minusDi = shareOf(minus, range);
          pluses[at] = plusDi;
          minuses[at] = minusDi;
          const dx = shareOf(Math.abs(minusDi - plusDi), plusDi + minusDi);
          const later = changes - n;
          index = later < n ? beginAverage(index + dx, later, n) : nextEma(weight, dx, index);
          if (changes >= 2 * n - 1) indices[at] = index;
        }
        state[0] = plus;
        state[1] = minus;
        state[2] = range;
        state[3] = index;
      },
    };
  },
};
