/** Rows that plans needed and rows that the database says it wrote, asset by asset. */

/** Counts per asset; the database counts per statement. */
export interface WriteTally {
  /** Assets in this transaction. */
  readonly assets: number;
  readonly needed: Map<number, number>;
  readonly written: Map<number, number>;
}

/** A tally of zeros for these assets. */
export function startTally(ids: readonly number[]): WriteTally {
  const zeros = () => new Map(ids.map((id) => [id, 0]));
  return { assets: ids.length, needed: zeros(), written: zeros() };
}

/**
 * Books one statement: its rows, by asset, and what the database counted. When the two differ the difference belongs
 * to nobody in particular, so a batch throws (its assets are then done, and counted, one by one).
 */
export function bookWrites(
  tally: WriteTally,
  table: string,
  { rows, written }: { rows: readonly { id: number }[]; written: number },
): void {
  if (written !== rows.length && tally.assets > 1) {
    throw new Error(`${table}: the database wrote ${written} of ${rows.length} rows`);
  }
  for (const { id } of rows) tally.needed.set(id, (tally.needed.get(id) ?? 0) + 1);
  if (written === rows.length) {
    for (const { id } of rows) tally.written.set(id, (tally.written.get(id) ?? 0) + 1);
  } else {
    for (const id of tally.written.keys()) tally.written.set(id, (tally.written.get(id) ?? 0) + written);
  }
}
