/**
 * The headers of bar_carry and ema_carry: how many series an asset has of an alignment, which (as a hash of the set) and
 * how far they have come. Where headers say that nothing is to be done, single series are not read (decision 009).
 */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';
import { readJsonRows } from '../session/json-rows.js';
import { alignmentKey } from './series.js';

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

/** The EMA series of one asset and alignment. */
export interface CarrySum {
  series: TimeframeSet;
  /** Closed bars that those with bars have taken in. */
  takenBars: number;
}

const EMPTY: TimeframeSet = { count: 0, hash: 0n };

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

type BarSumCells = [
  id: number,
  alignment: Alignment,
  series: number,
  seriesHash: string,
  closed: number,
  closedHash: string,
  oldestDay: Day | null,
  newestDay: Day | null,
  closedBars: number,
];

/** Headers of bars by alignmentKey; no entry where an asset has no series of an alignment. */
export async function readBarSums(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, BarSum>> {
  const rows = await readJsonRows<BarSumCells>(
    tx,
    {
      cells: `id, alignment, series, series_hash::text, closed, closed_hash::text, oldest_day - date '1970-01-01',
        newest_day - date '1970-01-01', closed_bars`,
      from: 'bar_carry where id = any($1) and alignment = any($2::bar_alignment[])',
    },
    [ids, alignments],
  );
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
    sums.set(alignmentKey(id, alignment), {
      series: { count, hash: BigInt(hash) },
      closed: { count: closedCount, hash: BigInt(closedHash) },
      ...{ oldestDay, newestDay, closedBars },
    });
  }
  return sums;
}
