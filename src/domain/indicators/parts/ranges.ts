/** Highs, lows and what lies between them. */
import type { BarColumns, BarSpan } from './kind.js';

/** The windows whose extremes are asked for: of n bars, at those of a span and at `back` bars before it. */
export interface RangeWindow {
  n: number;
  back: number;
}

/** The highest of the n values that end at each bar of a span from position n − 1 on, at the index of the bar. */
export function highestsOf(values: Float64Array, span: BarSpan, window: RangeWindow): Float64Array {
  return extremesOf(values, span, { ...window, sign: 1 });
}

/** The lowest of the n values that end at each bar of a span from position n − 1 on, at the index of the bar. */
export function lowestsOf(values: Float64Array, span: BarSpan, window: RangeWindow): Float64Array {
  return extremesOf(values, span, { ...window, sign: -1 });
}

/** The highest of sign · value, without the sign. It stays until a value reaches it or its bar leaves the window: only then the window is read again. */
function extremesOf(
  values: Float64Array,
  { from, to, position }: BarSpan,
  { n, back, sign }: RangeWindow & { sign: 1 | -1 },
): Float64Array {
  const extremes = new Float64Array(to);
  let best = -1;
  for (let at = from + Math.max(-back, n - 1 - position); at < to; at += 1) {
    if (best <= at - n) best = placeOf(values, at, { n, sign });
    else if (sign * (values[at] as number) >= sign * (values[best] as number)) best = at;
    extremes[at] = values[best] as number;
  }
  return extremes;
}

/** Where the highest sign · value of the n that end at `at` is; of equal ones the newest, which stays longest. */
function placeOf(values: Float64Array, at: number, { n, sign }: { n: number; sign: 1 | -1 }): number {
  let best = at;
  let highest = sign * (values[at] as number);
  for (let index = at - 1; index > at - n; index -= 1) {
    const value = sign * (values[index] as number);
    if (value > highest) {
      highest = value;
      best = index;
    }
  }
  return best;
}

/** True range of a bar: from its low, or the close before it, to its high, or that close. */
export function trueRangeOf(high: number, low: number, closeBefore: number): number {
  return Math.max(high, closeBefore) - Math.min(low, closeBefore);
}

/** Typical price of a bar: the mean of its high, low and close. */
export function typicalPriceOf({ high, low, close }: BarColumns, at: number): number {
  return ((high[at] as number) + (low[at] as number) + (close[at] as number)) / 3;
}
