/** How much the worlds of a model test have seen. */

/** What a world came to, for the test to say what it has seen. */
export interface WorldCounts {
  sequences: number;
  operations: number;
  refreshes: number;
  lateWrites: number;
  kills: number;
  cuts: number;
  /** Kept days that were there at the end of worlds. */
  keptDays: number;
  viewRows: number;
}

/** Nothing seen yet. */
export function noCounts(): WorldCounts {
  return {
    sequences: 0,
    operations: 0,
    refreshes: 0,
    lateWrites: 0,
    kills: 0,
    cuts: 0,
    keptDays: 0,
    viewRows: 0,
  };
}

/** Adds what one world came to. */
export function addCounts(sum: WorldCounts, more: WorldCounts): void {
  for (const name of Object.keys(sum) as (keyof WorldCounts)[]) sum[name] += more[name];
}

/** "12 operations, 5 refreshes, …". */
export function formatCounts(counts: WorldCounts): string {
  const { operations, refreshes, lateWrites, kills, cuts, keptDays, viewRows } = counts;
  return `${operations} operations, ${refreshes} refreshes, ${lateWrites} late writes, ${kills} kills, ${cuts} lost connections, ${keptDays} kept days, ${viewRows} view rows`;
}
