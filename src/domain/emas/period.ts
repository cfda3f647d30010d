/** The periods that a new warehouse is born with, ascending; `dim_period` rules afterwards (semantics.md §5). */
export const PERIODS: readonly number[] = [
  6, 9, 10, 12, 14, 17, 20, 21, 26, 30, 50, 52, 77, 100, 200, 252, 365,
];
