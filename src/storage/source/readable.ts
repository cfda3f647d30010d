/** Reads of a source that fail for some assets, by a value that cannot be read or a view that fails: the others are read. */

import { classifyFailure, describeFailure, isTimedOut } from '../failures/failures.js';
import type { Tx } from '../session/database.js';
import type { Source } from './source.js';

/** What was read, and why of some assets nothing could be: one sentence each. */
export interface ReadApart<T> {
  found: Map<number, T>;
  unreadable: Map<number, string>;
}

/**
 * Reads assets at once; where that fails by what belongs to an asset, in halves, down to the one that it is. All of it in
 * the snapshot of this transaction. Throws what would meet every asset.
 */
export async function readApart<T>(
  tx: Tx,
  ids: readonly number[],
  read: (some: readonly number[]) => Promise<Map<number, T>>,
): Promise<ReadApart<T>> {
  const found = new Map<number, T>();
  const unreadable = new Map<number, string>();
  const take = async (some: readonly number[]): Promise<void> => {
    const result = await readGuarded(tx, () => read(some));
    if ('found' in result) for (const [id, value] of result.found) found.set(id, value);
    else if (some.length === 1) unreadable.set(some[0] as number, describeFailure(result.error));
    else for (const half of halvesOf(some)) await take(half);
  };
  if (ids.length > 0) await take(ids);
  return { found, unreadable };
}

/** Replaces a source that cannot be read: no rows. */
function withoutRows(source: Source): Source {
  const parts = source.parts.map((part) => ({
    ...part,
    relation: `(select * from ${part.relation} where false)`,
  }));
  return { ...source, parts };
}

/**
 * Reads rows of assets beside what the source says of them; of an asset for which the source fails, its row as if the
 * source had nothing of it. `ids` null: of all assets in dim_assets.
 */
export async function readBesideSource<R>(
  tx: Tx,
  { source, ids }: { source: Source; ids: readonly number[] | null },
  read: (some: readonly number[] | null, from: Source) => Promise<R[]>,
): Promise<R[]> {
  const whole = await readGuarded(tx, () => read(ids, source));
  if ('found' in whole) return whole.found;
  const all = ids ?? (await tx.query<[number]>('select id from dim_assets order by id')).map(([id]) => id);
  const rows: R[] = [];
  const take = async (some: readonly number[]): Promise<void> => {
    const result = await readGuarded(tx, () => read(some, source));
    if ('found' in result) rows.push(...result.found);
    else if (some.length === 1) rows.push(...(await read(some, withoutRows(source))));
    else for (const half of halvesOf(some)) await take(half);
  };
  if (all.length > 0) await take(all);
  return rows;
}

function halvesOf(ids: readonly number[]): [readonly number[], readonly number[]] {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
}

/** Reads behind a savepoint: what fails by values of the source leaves the transaction as it was. Throws what would meet every read. */
export async function readGuarded<T>(
  tx: Tx,
  read: () => Promise<T>,
): Promise<{ found: T } | { error: unknown }> {
  await tx.execute('savepoint source');
  try {
    const found = await read();
    await tx.execute('release savepoint source');
    return { found };
  } catch (error) {
    // A statement that takes too long for one asset takes too long again.
    if (classifyFailure(error) !== 'isolate' || isTimedOut(error)) throw error;
    await tx.execute('rollback to savepoint source');
    await tx.execute('release savepoint source');
    return { error };
  }
}
