/**
 * Whether the high is the highest and the low the lowest of four prices: what tells layouts without names from each other.
 * Rows that fit two orders say the same in both.
 */
export function isOrdered(...prices: readonly (string | undefined)[]): boolean {
  const [open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN] = prices.map(Number);
  return high >= Math.max(open, close, low) && low <= Math.min(open, close, high);
}
