/** What goes: before a rebuild everything, bars of timeframes that were taken out, EMAs of assets that have no day left. */
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
import { deleteDailyBars } from '../../storage/bars/daily-bars.js';
import { deleteEmas } from '../../storage/emas/emas.js';
import { deleteEmaWatermarks, writeEmaRepairs } from '../../storage/emas/lowered.js';
import type { Tx } from '../../storage/session/database.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import type { JudgedAsset } from './judge-days.js';

/** An asset with its facts and what they lead to. */
export interface PlannedBars {
  facts: BarFacts;
  plan: BarPlan;
}

/** Series of timeframes that were taken out of dim_timeframe go; their EMAs are the EMA component's. */
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
 * goes. EMA views show nothing of it until its EMAs have been compared with the new bars.
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
  const emaAlignments = hasDaily ? ([...BAR_ALIGNMENTS, 'v2'] as const) : alignments;
  const assets = rebuilt.map(({ id, source }) => {
    const minUs = source?.minUs ?? null;
    return { id, sourceDay: minUs === null ? null : dayOfUs(minUs) };
  });
  const lowered = await writeEmaRepairs(tx, assets, emaAlignments);
  bookWrites(tally, 'ema_carry', { rows: lowered, written: lowered.length });
  const isLowered = new Set(lowered.map(({ id }) => id));
  // EMAs of an asset whose 1D state was lost: nothing says since when.
  await deleteEmaWatermarks(
    tx,
    pairs(
      ids.filter((id) => !isLowered.has(id)),
      emaAlignments,
    ),
  );
  if (hasDaily) await deleteDailyBars(tx, ids);
  return existing;
}

/** No 1D bar is left of an asset: nothing would ever replace its EMA rows. */
export async function clearEmasWithoutBars(
  tx: Tx,
  planned: readonly PlannedBars[],
  judged: ReadonlyMap<number, JudgedAsset>,
): Promise<void> {
  const empty = planned
    .filter(({ plan }) => plan.action !== 'append' && judged.get(plan.id)?.lastDay === null)
    .map(({ plan }) => plan.id);
  await deleteEmas(tx, pairs(empty, [...BAR_ALIGNMENTS, 'v2']));
}

function pairs<A>(ids: readonly number[], alignments: readonly A[]): { id: number; alignment: A }[] {
  return ids.flatMap((id) => alignments.map((alignment) => ({ id, alignment })));
}
