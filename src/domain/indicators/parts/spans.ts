/** Ways over the bars of a span. */
import type { BarSpan } from './kind.js';

/** Index of the first bar of a span whose position in the series is `first` or later; `to` or more when it has none. */
export function indexFrom({ from, position }: BarSpan, first: number): number {
  return from + Math.max(0, first - position);
}

/**
 * A number for each bar of a span from position `first` on, and for the `back` bars before the span, at the index of the
 * bar: so that what many windows ask for is computed once.
 */
export function numbersOf(
  { from, to, position }: BarSpan,
  { first, back }: { first: number; back: number },
  numberAt: (at: number) => number,
): Float64Array {
  const numbers = new Float64Array(to);
  for (let at = from + Math.max(-back, first - position); at < to; at += 1) numbers[at] = numberAt(at);
  return numbers;
}
