import type { IndicatorKind, Values1 } from '../parts/kind.js';

export const obv: IndicatorKind = {
  name: 'obv',
  title: 'On-balance volume',
  definition: 'v of the first bar; then + v where c rose, − v where it fell.',
  version: 1,
  parameters: [],
  fields: ['close', 'volume'],
  outputs: [{ name: '', firstAt: () => 0 }],
  lookback: () => 1,
  state: ['balance'],
  start: () => ({
    step(state, { bars: { close, volume }, from, to, position }, [values]: Values1): void {
      let balance = state[0] as number;
      for (let at = from; at < to; at += 1) {
        const isFirst = position === 0 && at === from;
        const change = isFirst ? 1 : (close[at] as number) - (close[at - 1] as number);
        if (change > 0) balance += volume[at] as number;
        if (change < 0) balance -= volume[at] as number;
        values[at] = balance;
      }
      state[0] = balance;
    },
  }),
};
