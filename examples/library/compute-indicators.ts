// Indicators of bars, at once and bar by bar, without a database
import {
  advanceIndicator,
  barColumnsOf,
  computeIndicators,
  parseIndicator,
  previewIndicator,
} from '../../src/domain/index.js';

const closes = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18];
const bars = closes.map((close) => ({ open: close, high: close + 1, low: close - 1, close, volume: 100 }));

// All at once: one column for each output, one value for each bar; NaN before the first one.
const indicators = ['sma_5', 'bbands_5_2'].map((name) => parseIndicator(name));
for (const [name, values] of computeIndicators(indicators, barColumnsOf(bars)))
  console.log(`${name}: ${values.at(-1)?.toFixed(4)}`);

// Bar by bar: the state is numbers. Written down and read back, it continues to the same bits.
const rsi = parseIndicator('rsi_5');
const { state } = advanceIndicator(rsi, null, barColumnsOf(bars.slice(0, 12)));
const kept = Float64Array.from(JSON.parse(JSON.stringify([...state])));
const { values, state: after } = advanceIndicator(rsi, kept, barColumnsOf(bars.slice(12)));
console.log(`rsi_5 of the last two bars: ${values[0]?.join(' ')}`);

// What it would be if the next bar closed at 21 now.
const [preview] = previewIndicator(rsi, after, { open: 18, high: 21, low: 18, close: 21 });
console.log(`rsi_5 at 21: ${preview?.toFixed(4)}`);

// Output:
// sma_5: 18.4000
// bbands_5_2.middle: 18.4000
// bbands_5_2.upper: 20.4396
// bbands_5_2.lower: 16.3604
// rsi_5 of the last two bars: 83.7670455925802 61.36799094769253
// rsi_5 at 21: 74.2688
