/** From where assets are repaired: a base that fits, or the first day. */
import { BAR_ALIGNMENTS, type BarAlignment, hasBars } from '../../domain/calendar/timeframe.js';
import { baseOf } from '../../domain/planning/base.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import type { SourceBase } from '../../domain/source/extent.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import type { BarCarry } from '../../storage/bars/bar-states.js';
import { readBarBases } from '../../storage/bars/bases.js';
import { alignmentKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';

/** A base of one asset: everything that continuing needs. */
export interface RepairStart {
  id: number;
  base: SourceBase;
  carries: ReadonlyMap<BarAlignment, BarCarry>;
}

/**
 * The base of each of these assets that is to be repaired, where it has one whose series are exactly those that
 * dim_timeframe has. The run must ask for all series.
 */
export async function findStarts(tx: Tx, assets: readonly BarFacts[]): Promise<Map<number, RepairStart>> {
  const found = assets.flatMap((facts) => {
    const base = facts.removedSeries > 0 ? null : baseOf(facts);
    return base === null ? [] : [{ id: facts.id, base }];
  });
  if (found.length === 0) return new Map();
  const timeframes = (await readTimeframes(tx)).filter(hasBars);
  const rows = await readBarBases(tx, found);
  const starts = new Map<number, RepairStart>();
  for (const { id, base } of found) {
    const carries = new Map<BarAlignment, BarCarry>();
    for (const alignment of BAR_ALIGNMENTS) {
      const carry = rows.get(alignmentKey(id, alignment));
      if (carry !== undefined) carries.set(alignment, carry);
    }
    const isThere = timeframes.every(({ alignment, tf }) => carries.get(alignment)?.series.has(tf) === true);
    const count = [...carries.values()].reduce((sum, { series }) => sum + series.size, 0);
    if (isThere && count === timeframes.length) starts.set(id, { id, base, carries });
  }
  return starts;
}
