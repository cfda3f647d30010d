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

/** One step, in exactly this form: every stored value is a result of it, so another order is another product (decision 014). */
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

/**
 * Takes inputs into every EMA of a group, in place. Each value waits for the one before it, so four EMAs go side by
 * side: the processor works on the others meanwhile. Every EMA is the same sequence of nextEma.
 */
export function advanceEmas(group: EmaGroup, inputs: InputRange): void {
  let k = 0;
  for (; k + 4 <= group.count; k += 4) advanceFour(group, inputs, k);
  for (; k < group.count; k += 1) advanceOne(group, inputs, k);
}

function advanceFour({ values: emas, alphas }: EmaGroup, { values, from, to }: InputRange, k: number): void {
  const [alpha0, alpha1] = [alphas[k] as number, alphas[k + 1] as number];
  const [alpha2, alpha3] = [alphas[k + 2] as number, alphas[k + 3] as number];
  let value0 = emas[k] as number;
  let value1 = emas[k + 1] as number;
  let value2 = emas[k + 2] as number;
  let value3 = emas[k + 3] as number;
  for (let index = from; index < to; index += 1) {
    const input = values[index] as number;
    value0 = nextEma(alpha0, input, value0);
    value1 = nextEma(alpha1, input, value1);
    value2 = nextEma(alpha2, input, value2);
    value3 = nextEma(alpha3, input, value3);
  }
  emas[k] = value0;
  emas[k + 1] = value1;
  emas[k + 2] = value2;
  emas[k + 3] = value3;
}

function advanceOne({ values: emas, alphas }: EmaGroup, { values, from, to }: InputRange, k: number): void {
  const alpha = alphas[k] as number;
  let value = emas[k] as number;
  for (let index = from; index < to; index += 1) value = nextEma(alpha, values[index] as number, value);
  emas[k] = value;
}
