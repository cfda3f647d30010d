/** Averages over windows of values, and the beginning of averages that continue from their last value. */
import { seedEma } from '../../emas/smoothing/ema.js';

/** Mean of the n values that end at `at`: their sum from left to right, divided by n. */
export function meanOf(values: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let index = at - n + 1; index <= at; index += 1) sum += values[index] as number;
  return sum / n;
}

/** Sum of the squared deviations of the n values that end at `at` from their mean. */
export function squaresOf(
  values: Float64Array,
  at: number,
  { n, mean }: { n: number; mean: number },
): number {
  let sum = 0;
  for (let index = at - n + 1; index <= at; index += 1) {
    const deviation = (values[index] as number) - mean;
    sum += deviation * deviation;
  }
  return sum;
}

/** Mean of the n values that end at `at`, weighted 1 (oldest) to n (newest). */
export function weightedMeanOf(values: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let weight = 1; weight <= n; weight += 1) sum += weight * (values[at - n + weight] as number);
  return sum / ((n * (n + 1)) / 2);
}

/**
 * The beginning of an average that continues: `sum` of the inputs up to and including that of 0-based number `index`; with
 * the n-th input it becomes their mean, from which nextEma continues, with the weight 2/(n + 1) of an EMA or Wilder's 1/n.
 */
export function beginAverage(sum: number, index: number, n: number): number {
  return index === n - 1 ? seedEma(sum, n) : sum;
}
