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

/** Places of windows, by where they end: from `from` on, before `to`. */
export interface WindowEnds {
  n: number;
  from: number;
  to: number;
}

/**
 * Writes the mean of each window to where it ends, as meanOf has it. A sum waits for each of its additions: four windows
 * side by side take the time of one.
 */
export function writeMeans(values: Float64Array, { n, from, to }: WindowEnds, into: Float64Array): void {
  let at = from;
  for (; at + 4 <= to; at += 4) writeFourMeans(values, at, { n, into });
  for (; at < to; at += 1) into[at] = meanOf(values, at, n);
}

/** The same of squaresOf, given the means. */
export function writeSquares(
  values: Float64Array,
  { n, from, to }: WindowEnds,
  { means, into }: { means: Float64Array; into: Float64Array },
): void {
  let at = from;
  for (; at + 4 <= to; at += 4) writeFourSquares(values, at, { n, means, into });
  for (; at < to; at += 1) into[at] = squaresOf(values, at, { n, mean: means[at] as number });
}

function writeFourMeans(
  values: Float64Array,
  at: number,
  { n, into }: { n: number; into: Float64Array },
): void {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let value0 = values[at - n + 1] as number;
  let value1 = values[at - n + 2] as number;
  let value2 = values[at - n + 3] as number;
  for (let index = at - n + 4; index <= at + 3; index += 1) {
    const value3 = values[index] as number;
    sum0 += value0;
    sum1 += value1;
    sum2 += value2;
    sum3 += value3;
    value0 = value1;
    value1 = value2;
    value2 = value3;
  }
  into[at] = sum0 / n;
  into[at + 1] = sum1 / n;
  into[at + 2] = sum2 / n;
  into[at + 3] = sum3 / n;
}

function writeFourSquares(
  values: Float64Array,
  at: number,
  { n, means, into }: { n: number; means: Float64Array; into: Float64Array },
): void {
  const [mean0, mean1] = [means[at] as number, means[at + 1] as number];
  const [mean2, mean3] = [means[at + 2] as number, means[at + 3] as number];
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let value0 = values[at - n + 1] as number;
  let value1 = values[at - n + 2] as number;
  let value2 = values[at - n + 3] as number;
  for (let index = at - n + 4; index <= at + 3; index += 1) {
    const value3 = values[index] as number;
    const deviation0 = value0 - mean0;
    const deviation1 = value1 - mean1;
    const deviation2 = value2 - mean2;
    const deviation3 = value3 - mean3;
    sum0 += deviation0 * deviation0;
    sum1 += deviation1 * deviation1;
    sum2 += deviation2 * deviation2;
    sum3 += deviation3 * deviation3;
    value0 = value1;
    value1 = value2;
    value2 = value3;
  }
  into[at] = sum0;
  into[at + 1] = sum1;
  into[at + 2] = sum2;
  into[at + 3] = sum3;
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
