import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';

const FASTEST = 2 / 3;
const SLOWEST = 2 / 31;

/** How straight the way of n changes to the close at `at` was: 1 a line, 0 back where it began. */
function efficiencyOf(close: Float64Array, at: number, n: number): number {
  let way = 0;
  let before = close[at - n] as number;
  const change = Math.abs((close[at] as number) - before);
  for (let index = at - n + 1; index <= at; index += 1) {
    const value = close[index] as number;
    way += Math.abs(value - before);
    before = value;
  }
  return way === 0 ? 1 : change / way;
}

export const kama: IndicatorKind = {
  name: 'kama',
  title: "Kaufman's adaptive moving average",
  definition:
    'k at position n − 1 is the close; then k += a·(c − k), a = (er·(2/3 − 2/31) + 2/31)², er = |c − c[−n]| ÷ Σ |Δc| over n changes (1 where that sum is 0).',
  version: 1,
  parameters: [barCount('n', 10)],
  fields: ['close'],
  outputs: [{ name: '', isPrice: true, firstAt: (n) => n }],
  lookback: (n) => n,
  state: ['k'],
  start: (n) => ({
    step(state, { bars: { close }, from, to, position }, [values]: Values1): void {
      let k = state[0] as number;
      for (let at = from; at < to; at += 1) {
        const index = position + at - from;
        const value = close[at] as number;
        if (index < n) {
          if (index === n - 1) k = value;
          continue;
        }
        const weight = (efficiencyOf(close, at, n) * (FASTEST - SLOWEST) + SLOWEST) ** 2;
        k += weight * (value - k);
        values[at] = k;
      }
      state[0] = k;
    },
  }),
};
