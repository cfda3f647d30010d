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
 * to no single asset, so a batch throws (its assets are then done, and counted, one by one).
 */
export function bookWrites(
  tally: WriteTally,
  table: string,
  { rows, written }: { rows: readonly { id: number }[]; written: number },
): void {
  const counts = new Map<number, number>();
  for (const { id } of rows) countRow(counts, id);
  bookCounts(tally, table, { counts, written });
}

/** The same of rows that were counted while they passed. */
function bookCounts(
  tally: WriteTally,
  table: string,
  { counts, written }: { counts: ReadonlyMap<number, number>; written: number },
): void {
  let rows = 0;
  for (const count of counts.values()) rows += count;
  if (written !== rows && tally.assets > 1) {
    throw new Error(`${table}: the database wrote ${written} of ${rows} rows`);
  }
  for (const [id, count] of counts) tally.needed.set(id, (tally.needed.get(id) ?? 0) + count);
  if (written === rows) {
    for (const [id, count] of counts) tally.written.set(id, (tally.written.get(id) ?? 0) + count);
  } else {
    for (const id of tally.written.keys()) tally.written.set(id, (tally.written.get(id) ?? 0) + written);
  }
}

/** One more row of an asset. */
function countRow(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

/**
 * Writes rows while they are made, counts them by asset and books them. Where there is no row there is no statement.
 * What making them throws ends the statement.
 */
export async function writeStream<T extends { id: number }>(
  tally: WriteTally,
  table: string,
  { rows, write }: { rows: Iterable<T>; write: (rows: Iterable<T>) => Promise<number> },
): Promise<void> {
  const iterator = rows[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) return;
  const counts = new Map<number, number>();
  const counted = function* (): Generator<T> {
    for (let next: IteratorResult<T> = first; next.done !== true; next = iterator.next()) {
      countRow(counts, next.value.id);
      yield next.value;
    }
  };
  const written = await write(counted());
  bookCounts(tally, table, { counts, written });
}
