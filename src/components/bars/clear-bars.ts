/** What goes: before a rebuild everything, bars of timeframes that were taken out, what is derived of assets that have no day left. */
import { dayOfUs } from '../../domain/calendar/day.js';
import { BAR_ALIGNMENTS, type BarAlignment } from '../../domain/calendar/timeframe.js';
import {
  alignmentsOfBuilders,
  type BarBuilder,
  type BarFacts,
  type BarPlan,
  includesDaily,
} from '../../domain/planning/plan.js';
import { deleteBars, deleteRemovedBars } from '../../storage/bars/bars.js';
import { deleteBarBases } from '../../storage/bars/bases.js';
import { deleteDailyBars } from '../../storage/bars/daily-bars.js';
import { deleteEmas } from '../../storage/emas/emas.js';
import { deleteEmaWatermarks } from '../../storage/emas/lowered.js';
import { deleteIndicatorRows, deleteIndicatorWatermarks } from '../../storage/indicators/points.js';
import { type DerivedCarry, writeRepairs } from '../../storage/series/lowering.js';
import type { Tx } from '../../storage/session/database.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import type { JudgedAsset } from './judge-days.js';

/** An asset with its facts and what they lead to. */
export interface PlannedBars {
  facts: BarFacts;
  plan: BarPlan;
}

/** Series of timeframes that were taken out of dim_timeframe go; what is derived of them is for its own component. */
export async function dropRemovedSeries(
  tx: Tx,
  planned: readonly PlannedBars[],
  { alignments, tally }: { alignments: readonly BarAlignment[]; tally: WriteTally },
): Promise<void> {
  const ids = planned.filter(({ facts }) => facts.removedSeries > 0).map(({ facts }) => facts.id);
  if (ids.length === 0) return;
  const rows = await deleteRemovedBars(tx, ids, alignments);
  bookWrites(tally, 'price_bars', { rows, written: rows.length });
}

/**
 * Deletes what a rebuild writes again and returns the series that were there. With the 1D bars everything of the asset
 * goes. Views of EMAs and indicators show nothing of it until they have been compared with the new bars.
 */
export async function clearAssets(
  tx: Tx,
  rebuilt: readonly BarFacts[],
  { only, tally }: { only: readonly BarBuilder[] | null; tally: WriteTally },
) {
  const ids = rebuilt.map(({ id }) => id);
  const hasDaily = includesDaily(only);
  const alignments = hasDaily ? BAR_ALIGNMENTS : alignmentsOfBuilders(only);
  const existing = await deleteBars(tx, ids, alignments);
  await deleteBarBases(
    tx,
    ids.map((id) => ({ id, afterDay: null })),
  );
  const emaAlignments = hasDaily ? ([...BAR_ALIGNMENTS, 'v2'] as const) : alignments;
  const assets = rebuilt.map(({ id, source }) => {
    const minUs = source?.minUs ?? null;
    return { id, sourceDay: minUs === null ? null : dayOfUs(minUs) };
  });
  const lower = async (table: DerivedCarry) => {
    const lowered = await writeRepairs(tx, table, { assets, alignments: emaAlignments });
    bookWrites(tally, table, { rows: lowered, written: lowered.length });
    const isLowered = new Set(lowered.map(({ id }) => id));
    return ids.filter((id) => !isLowered.has(id));
  };
  // Of an asset whose 1D state was lost nothing says since when: what is derived of it waits to be built again.
  await deleteEmaWatermarks(tx, pairs(await lower('ema_carry'), emaAlignments));
  await deleteIndicatorWatermarks(tx, pairs(await lower('indicator_carry'), emaAlignments));
  if (hasDaily) await deleteDailyBars(tx, ids);
  return existing;
}

/** No 1D bar is left of an asset: nothing would ever replace what is derived of it. */
export async function clearDerivedWithoutBars(
  tx: Tx,
  planned: readonly PlannedBars[],
  judged: ReadonlyMap<number, JudgedAsset>,
): Promise<void> {
  const empty = planned
    .filter(({ plan }) => plan.action !== 'append' && judged.get(plan.id)?.lastDay === null)
    .map(({ plan }) => plan.id);
  await deleteEmas(tx, pairs(empty, [...BAR_ALIGNMENTS, 'v2']));
  await deleteIndicatorRows(tx, pairs(empty, BAR_ALIGNMENTS));
}

function pairs<A>(ids: readonly number[], alignments: readonly A[]): { id: number; alignment: A }[] {
  return ids.flatMap((id) => alignments.map((alignment) => ({ id, alignment })));
}
