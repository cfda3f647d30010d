/** A batch of assets with plans: what is level is an outcome at once, heavy work waits for its turn. */
import type { AssetPlan } from '../../domain/planning/outcome.js';
import { type BatchResult, unworked } from './refresh-assets.js';
import type { WriteTally } from './write-tally.js';

/** `isBlocked`: the asset must not be touched and counts as failed. */
type BatchPlan = AssetPlan & { isBlocked?: boolean };

/** An asset with what its plan was made from. */
export interface Planned<P extends BatchPlan = BatchPlan> {
  facts: { readonly daily: { readonly barSeq: number } | null };
  plan: P;
}

/** What a batch of families is asked for. */
export interface PlannedOptions<Family> {
  only: readonly Family[] | null;
  tfs: readonly string[] | null;
  fullRebuild: boolean;
  verbose: boolean;
  /** Whether rebuilds are done here or deferred. */
  rebuild: boolean;
}

/** What work came to. */
export interface PlannedResult extends Pick<BatchResult, 'series' | 'warnings'> {
  /** Its rows are those of the outcomes. */
  tally: WriteTally;
}

interface PlannedWork<A extends Planned> {
  planned: readonly A[];
  /** Whether heavy work is done here; it is deferred otherwise. */
  rebuild: boolean;
  isHeavy(asset: A): boolean;
  /** Does the work of some assets, at least one. */
  workOn(assets: readonly A[]): Promise<PlannedResult>;
}

/** Does what the plans say, and defers what is heavy unless `rebuild`. */
export async function refreshPlanned<A extends Planned>({
  planned,
  rebuild,
  isHeavy,
  workOn,
}: PlannedWork<A>): Promise<BatchResult> {
  const isSettled = ({ plan }: A) => plan.action === 'none' || plan.action === 'skip';
  const working = planned.filter((asset) => !isSettled(asset) && (rebuild || !isHeavy(asset)));
  const settled = planned.filter(isSettled).map(({ plan }) => outcomeOf(plan));
  const deferred = rebuild ? [] : planned.filter((asset) => isHeavy(asset));
  const work = working.length === 0 ? null : await workOn(working);
  return {
    outcomes: [...settled, ...(work === null ? [] : working.map(({ plan }) => outcomeOf(plan, work.tally)))],
    series: work?.series ?? [],
    ...(work?.warnings !== undefined && { warnings: work.warnings }),
    deferred: deferred.map(({ plan, facts }) => ({ id: plan.id, rows: facts.daily?.barSeq ?? 0 })),
  };
}

function outcomeOf(
  { id, action, reason, isBlocked }: BatchPlan,
  tally?: WriteTally,
): BatchResult['outcomes'][number] {
  const status = isBlocked ? 'failed' : action === 'skip' ? 'skipped' : 'ok';
  return {
    ...unworked(id, { status, action, reason }),
    rowsNeeded: tally?.needed.get(id) ?? 0,
    rowsWritten: tally?.written.get(id) ?? 0,
  };
}
