/** daily_base: the 1D states of some days ago, with the fingerprints of the source rows up to them (decision 115). */
import type { SourceBase } from '../../domain/source/extent.js';
import { hashOf } from '../series/bases.js';
import type { Tx } from '../session/database.js';

/** The facts of a 1D state, by their columns in daily_base and cmc_price_bars_1d_state. */
export const DAILY_FACTS = [
  'id',
  'last_src_ts',
  'daily_min_seen',
  'first_day',
  'last_day',
  'bar_seq',
  'src_rows',
  'src_hash',
  'source',
  'splits',
  'rules',
] as const;

/** The bases of these assets that are not damaged, the newest of each first. */
export async function readDailyBases(tx: Tx, ids: readonly number[]): Promise<Map<number, SourceBase[]>> {
  const bases = new Map<number, SourceBase[]>();
  if (ids.length === 0) return bases;
  const rows = await tx.query<
    [number, number, number, number, number, number, number, number, string, string | null, string, number]
  >(
    `select b.slot, ${DAILY_FACTS.map((name) => (name === 'src_hash' ? 'b.src_hash::text' : `b.${name}`)).join(', ')}
     from daily_base b where b.id = any($1) and b.hash = ${hashOf('b', DAILY_FACTS)} order by b.id, b.last_day desc`,
    [ids],
  );
  for (const [slot, id, ...cells] of rows) {
    const [lastSrcUs, dailyMinSeenUs, firstDay, lastDay, barSeq, srcRows, srcHash, source, splits, rules] =
      cells;
    const base = {
      ...{ slot, lastSrcUs, dailyMinSeenUs, firstDay, lastDay, barSeq },
      ...{ srcRows, srcHash, source, splits, rules },
    };
    bases.set(id, [...(bases.get(id) ?? []), base]);
  }
  return bases;
}
