/**
 * What can be told of all series of an asset and alignment without a look at each timeframe: one index range an asset
 * gives how many there are, which (as a hash of the set) and how far they have come. Where the sums say that nothing is
 * to be done, nobody asks for the single series.
 */
import type { Day } from '../domain/day.js';
import type { Alignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';
import {
  BAR_CELLS,
  BAR_COLUMNS,
  BAR_SUMS,
  type BarSumCells,
  CARRY_CELLS,
  CARRY_COLUMNS,
  CARRY_SUMS,
  type CarrySumCells,
  readKeptBarSums,
  readKeptCarrySums,
} from './kept-sums.js';

/** A set of timeframes: how many, and the exclusive-or of their 64-bit hashes. Two sets are the same when both are. */
export interface TimeframeSet {
  count: number;
  hash: bigint;
}

/** A timeframe of dim_timeframe with its hash. */
export interface HashedTimeframe {
  alignment: Alignment;
  tf: string;
  tfDays: number;
  hash: bigint;
}

/** The bar series of one asset and alignment. */
export interface BarSum {
  series: TimeframeSet;
  /** Those that have a closed bar. */
  closed: TimeframeSet;
  /** Watermarks of the slowest and of the fastest. */
  oldestDay: Day;
  newestDay: Day;
  /** Closed bars of all of them. */
  closedBars: number;
}

/** The carries of one asset and alignment. */
export interface CarrySum {
  series: TimeframeSet;
  /** Closed bars that those with bars have taken in. */
  takenBars: number;
}

const EMPTY: TimeframeSet = { count: 0, hash: 0n };

/** Key of an asset and alignment. */
export function sumKey(id: number, alignment: Alignment): string {
  return `${id} ${alignment}`;
}

/** The set of these timeframes. */
export function setOf(timeframes: Iterable<HashedTimeframe>): TimeframeSet {
  let [count, hash] = [0, 0n];
  for (const timeframe of timeframes) {
    count += 1;
    hash ^= timeframe.hash;
  }
  return { count, hash };
}

/** Whether two sets are the same; nothing is the empty set. */
export function isSameSet(a: TimeframeSet = EMPTY, b: TimeframeSet = EMPTY): boolean {
  return a.count === b.count && a.hash === b.hash;
}

/** Every timeframe of these alignments. */
export async function readHashedTimeframes(
  tx: Tx,
  alignments: readonly Alignment[],
): Promise<HashedTimeframe[]> {
  const rows = await tx.query<[Alignment, string, number, string]>(
    `select alignment::text, tf, tf_days, hashtextextended(tf, 0)::text from dim_timeframe
     where alignment = any($1::bar_alignment[])`,
    [alignments],
  );
  return rows.map(([alignment, tf, tfDays, hash]) => ({ alignment, tf, tfDays, hash: BigInt(hash) }));
}

/** Sums over price_bars_state as the database has them, for listBarSums. */
export async function readBarSumRows(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<BarSumCells[]> {
  const withBars = alignments.filter((alignment) => alignment !== 'v2');
  const kept = await readKeptBarSums(tx, ids, withBars);
  const made = await makeSums<BarSumCells>(tx, [listOpen(kept, ids, withBars), withBars], {
    from: 'price_bars_state b',
    sums: BAR_SUMS,
    columns: BAR_COLUMNS,
    cells: BAR_CELLS,
  });
  // Those just made come last: of an asset that is open anywhere all are.
  return [...kept, ...made];
}

/** The sums by asset and alignment; no entry where an asset has no series of an alignment. */
export function listBarSums(rows: readonly BarSumCells[]): Map<string, BarSum> {
  const sums = new Map<string, BarSum>();
  for (const [
    id,
    alignment,
    count,
    hash,
    closedCount,
    closedHash,
    oldestDay,
    newestDay,
    closedBars,
  ] of rows) {
    if (oldestDay === null || newestDay === null) continue;
    sums.set(sumKey(id, alignment), {
      series: { count, hash: BigInt(hash) },
      closed: { count: closedCount, hash: BigInt(closedHash) },
      ...{ oldestDay, newestDay, closedBars },
    });
  }
  return sums;
}

/** Sums over ema_state as the database has them, for listCarrySums. */
export async function readCarrySumRows(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<CarrySumCells[]> {
  const kept = await readKeptCarrySums(tx, ids, alignments);
  const made = await makeSums<CarrySumCells>(tx, [listOpen(kept, ids, alignments), alignments], {
    from: 'ema_state e',
    sums: CARRY_SUMS,
    columns: CARRY_COLUMNS,
    cells: CARRY_CELLS,
  });
  return [...kept, ...made];
}

/** The sums by asset and alignment; no entry where an asset has no carry of an alignment. */
export function listCarrySums(rows: readonly CarrySumCells[]): Map<string, CarrySum> {
  const sums = new Map<string, CarrySum>();
  for (const [id, alignment, count, hash, takenBars] of rows) {
    if (count > 0) sums.set(sumKey(id, alignment), { series: { count, hash: BigInt(hash) }, takenBars });
  }
  return sums;
}

/** Sums as the states make them; no row where an asset has no state of an alignment. */
async function makeSums<Cells extends unknown[]>(
  tx: Tx,
  [ids, alignments]: [ids: readonly number[], alignments: readonly Alignment[]],
  { from, sums, columns, cells }: { from: string; sums: string; columns: string; cells: string },
): Promise<Cells[]> {
  if (ids.length === 0) return [];
  return tx.query<Cells>(
    // OFFSET 0 keeps it one index range for each asset, whatever the planner thinks of the table.
    `select a.id, made.alignment::text, ${cells} from unnest($1::int[]) a (id)
     cross join lateral (
       select alignment, ${sums} from ${from}
       where id = a.id and alignment = any($2::bar_alignment[]) group by alignment offset 0)
       made (alignment, ${columns})`,
    [ids, alignments],
  );
}

/** Assets that lack a kept sum of one of these alignments; of each there is one at most. */
function listOpen(
  kept: readonly (readonly [id: number, ...unknown[]])[],
  ids: readonly number[],
  alignments: readonly Alignment[],
): number[] {
  const known = new Map<number, number>();
  for (const [id] of kept) known.set(id, (known.get(id) ?? 0) + 1);
  return ids.filter((id) => (known.get(id) ?? 0) < alignments.length);
}
