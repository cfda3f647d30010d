/** The exponential moving average with an SMA seed (semantics.md §5): value = α·input + (1 − α)·previous. */
import type { Smoothing } from './smoothing.js';

/** α = 2/(p + 1). */
export function alphaOf(period: number): number {
  return 2 / (period + 1);
}

/** The arithmetic mean of the first p inputs. */
export function seedEma(sum: number, period: number): number {
  return sum / period;
}

/** One step, in exactly this form: every stored value is a result of it, so another order of operations is another product. */
export function nextEma(alpha: number, input: number, previous: number): number {
  return alpha * input + (1 - alpha) * previous;
}

export const ema: Smoothing = { name: 'ema', alphaOf, seed: seedEma, next: nextEma };

/** Consecutive inputs: those of `values` at [from, to). */
export interface InputRange {
  values: Float64Array;
  from: number;
  to: number;
}

/** EMAs that run side by side: the first `count` of `values`, each with its α. */
export interface EmaGroup {
  values: Float64Array;
  alphas: Float64Array;
  count: number;
}

/** Takes inputs into every EMA of a group, in place. */
export function advanceEmas(
  { values: emas, alphas, count }: EmaGroup,
  { values, from, to }: InputRange,
): void {
  for (let k = 0; k < count; k += 1) {
    const alpha = alphas[k] as number;
    let value = emas[k] as number;
    for (let index = from; index < to; index += 1) value = nextEma(alpha, values[index] as number, value);
    emas[k] = value;
  }
}
