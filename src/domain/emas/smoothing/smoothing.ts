/** What a moving average has to say about itself; the rest (carrying, seeding late, daily grids) is common. */
export interface Smoothing {
  name: string;
  /** Weight of the newest input, for a period in inputs. */
  alphaOf(period: number): number;
  /** First value, at the period-th input, from the left-to-right sum of the inputs so far. */
  seed(sum: number, period: number): number;
  /** Value after one more input. */
  next(alpha: number, input: number, previous: number): number;
}

/** One value per input; NaN before the period-th one, the warm-up. */
export function smooth(smoothing: Smoothing, inputs: ArrayLike<number>, period: number): Float64Array {
  const alpha = smoothing.alphaOf(period);
  const values = new Float64Array(inputs.length).fill(Number.NaN);
  let sum = 0;
  let value = Number.NaN;
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index] as number;
    if (index < period) sum += input;
    if (index === period - 1) value = smoothing.seed(sum, period);
    if (index >= period) value = smoothing.next(alpha, input, value);
    values[index] = value;
  }
  return values;
}
