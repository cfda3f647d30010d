/** Which stored rows a repair of bars compares: all of the assets', or those after their bases. */
import type { SourceBase } from '../../domain/source/extent.js';
import { bigintList, idList } from '../copy/copy.js';
import { allRows, type StoredPart } from '../copy/differences.js';
import { BAR_SHAPE } from './bars.js';
import { DAILY_SHAPE, REJECT_SHAPE } from './daily-bars.js';

/** Rows of each table. */
export interface StoredBars {
  daily: StoredPart;
  rejects: StoredPart;
  bars: StoredPart;
}

/** All rows of these assets. */
export function allBars(ids: readonly number[]): StoredBars {
  return {
    daily: allRows(DAILY_SHAPE, ids),
    rejects: allRows(REJECT_SHAPE, ids),
    bars: allRows(BAR_SHAPE, ids),
  };
}

/** The rows after these bases, by what the bases say of each series. OFFSET 0 keeps it one index range for each. */
export function barsAfter(bases: readonly { id: number; base: SourceBase }[]): StoredBars {
  const ids = idList(bases.map(({ id }) => id));
  const seqs = idList(bases.map(({ base }) => base.barSeq));
  const stamps = bigintList(bases.map(({ base }) => base.lastSrcUs));
  const slots = idList(bases.map(({ base }) => base.slot));
  return {
    daily: `unnest(${ids}, ${seqs}) w (id, seq) cross join lateral (
      select * from cmc_price_bars_1d d where d.id = w.id and d.bar_seq > w.seq offset 0) t`,
    rejects: `unnest(${ids}, ${stamps}) w (id, us) cross join lateral (
      select * from price_rejects r
      where r.id = w.id and r.timestamp > to_timestamp(0) + w.us * interval '1 microsecond' offset 0) t`,
    bars: `unnest(${ids}, ${slots}) w (id, slot)
      join bar_base b on b.id = w.id and b.slot = w.slot
      cross join lateral unnest(b.tf, b.closed_seq) u (tf, seq)
      cross join lateral (
        select * from price_bars p
        where p.id = b.id and p.alignment = b.alignment and p.tf = u.tf and p.bar_seq > u.seq offset 0) t`,
  };
}
