import { barCount, type IndicatorKind, type Values1 } from '../parts/kind.js';
import { typicalPriceOf } from '../parts/ranges.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

/** Share of the money of n bars that came with a rising price; `prices` are their typical ones. */
function mfiOf(prices: Float64Array, volume: Float64Array, [at, n]: readonly [number, number]): number {
  let rising = 0;
  let moving = 0;
  let before = prices[at - n] as number;
  for (let index = at - n + 1; index <= at; index += 1) {
    const price = prices[index] as number;
    const money = price * (volume[index] as number);
    if (price > before) rising += money;
    if (price !== before) moving += money;
    before = price;
  }
  return moving === 0 ? 50 : (100 * rising) / moving;
}

export const mfi: IndicatorKind = {
  name: 'mfi',
  title: 'Money flow index',
  definition:
    '100 · Σ money of the bars whose tp rose ÷ Σ money of the bars whose tp moved, over n bars, where tp = (h + l + c)/3 and money = tp·v; 50 where no money moved.',
  version: 1,
  parameters: [barCount('n', 14)],
  fields: ['high', 'low', 'close', 'volume'],
  outputs: [{ name: '', firstAt: (n) => n }],
  lookback: (n) => n,
  state: [],
  start: (n) => ({
    step(_state, span, [values]: Values1): void {
      const prices = numbersOf(span, { first: 0, back: n }, (at) => typicalPriceOf(span.bars, at));
      for (let at = indexFrom(span, n); at < span.to; at += 1)
        values[at] = mfiOf(prices, span.bars.volume, [at, n]);
    },
  }),
};
