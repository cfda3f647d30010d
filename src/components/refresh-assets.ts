/** The refresh loop that every component shares: batches of assets, one transaction each, and who pays for a failure. */
import type { AssetOutcome, ComponentEvent, ComponentName } from '../domain/outcome.js';
import type { Database, Tx } from '../storage/database.js';
import { describeFailure, isCommonFailure, isConnectionLost } from '../storage/failures.js';
import { holdLease, type LeaseToken } from '../storage/lease.js';

export interface ComponentOptions<Only> {
  ids: readonly number[];
  /** Builders or families; null means all. */
  only: readonly Only[] | null;
  /** Timeframes; null or left out means all. */
  tfs?: readonly string[] | null;
  fullRebuild: boolean;
  /** null: nothing is fenced (a database of one's own). */
  lease: LeaseToken | null;
  /** An event per series that got rows. */
  verbose: boolean;
  /** An error that would meet every asset (not a lost lease or connection) fails its batch instead of the component. */
  continueOnError: boolean;
  /** Assets in one transaction. */
  batchAssets?: number;
  signal?: AbortSignal;
}

export type Emit = (event: ComponentEvent) => void;
export type SeriesEvent = Extract<ComponentEvent, { type: 'series' }>;

/** What a batch came to, once it is committed. */
export interface BatchResult {
  outcomes: Omit<AssetOutcome, 'durationMs'>[];
  series: SeriesEvent[];
  /** Assets to be rebuilt, which were left alone here, with the number of 1D rows that it takes. */
  deferred: { id: number; rows: number }[];
}

/** One component's work on a batch, inside a write transaction whose snapshot does not move. */
export interface AssetRefresh {
  component: ComponentName;
  /** `rebuild` false: assets whose plan is to rebuild are deferred, not touched. */
  refreshBatch(tx: Tx, ids: readonly number[], mode: { rebuild: boolean }): Promise<BatchResult>;
}

interface Scope {
  database: Database;
  options: ComponentOptions<unknown>;
  refresh: AssetRefresh;
  emit: Emit;
}

const DEFAULT_BATCH_ASSETS = 25;
/** Rebuilds share a transaction up to this many 1D rows: enough to hide its cost, little to lose. */
const REBUILD_ROWS = 5_000;

/**
 * Refreshes assets in batches. A batch that fails is rolled back and its assets are done one by one, so that only the
 * guilty one fails, as an outcome. Throws when the lease or the database is lost, when an error would meet every asset,
 * and with the signal's reason when it is aborted (between two transactions, never inside one).
 */
export async function refreshAssets(scope: Scope): Promise<void> {
  const { options, refresh, emit } = scope;
  emit({ type: 'started', component: refresh.component, assets: options.ids.length });
  for (const ids of chunks(options.ids, options.batchAssets ?? DEFAULT_BATCH_ASSETS)) {
    for (const id of ids) emit({ type: 'asset_started', id });
    const deferred = await refreshBatch(scope, ids, { rebuild: false });
    for (const group of groupRebuilds(deferred)) await refreshBatch(scope, group, { rebuild: true });
  }
}

async function refreshBatch(
  scope: Scope,
  ids: readonly number[],
  mode: { rebuild: boolean },
): Promise<BatchResult['deferred']> {
  scope.options.signal?.throwIfAborted();
  const startedMs = performance.now();
  let result: BatchResult;
  try {
    result = await commitBatch(scope, ids, mode);
  } catch (error) {
    if (isConnectionLost(error) || (isCommonFailure(error) && !scope.options.continueOnError)) throw error;
    const [id, ...others] = ids;
    if (id === undefined || others.length > 0) return refreshOneByOne(scope, ids, mode);
    result = { outcomes: [failed(id, error)], series: [], deferred: [] };
  }
  // Told only once it is committed, and outside of the try: an event that cannot be sent undoes nothing.
  const durationMs = (performance.now() - startedMs) / Math.max(1, result.outcomes.length);
  for (const event of result.series) scope.emit(event);
  for (const outcome of result.outcomes)
    scope.emit({ type: 'asset_finished', outcome: { ...outcome, durationMs } });
  return result.deferred;
}

function commitBatch(scope: Scope, ids: readonly number[], mode: { rebuild: boolean }): Promise<BatchResult> {
  const { database, options, refresh } = scope;
  return database.transaction(
    async (tx) => {
      await holdLease(tx, options.lease);
      return refresh.refreshBatch(tx, ids, mode);
    },
    { isolation: 'repeatable read' },
  );
}

async function refreshOneByOne(
  scope: Scope,
  ids: readonly number[],
  mode: { rebuild: boolean },
): Promise<BatchResult['deferred']> {
  const deferred: BatchResult['deferred'] = [];
  for (const id of ids) deferred.push(...(await refreshBatch(scope, [id], mode)));
  return deferred;
}

function failed(id: number, error: unknown): Omit<AssetOutcome, 'durationMs'> {
  return unworked(id, {
    status: 'failed',
    action: 'none',
    reason: describeFailure(error),
  });
}

/** An outcome without rows. */
export function unworked(
  id: number,
  decision: Pick<AssetOutcome, 'status' | 'action' | 'reason'>,
): Omit<AssetOutcome, 'durationMs'> {
  return {
    id,
    ...decision,
    rowsNeeded: 0,
    rowsWritten: 0,
    rejects: 0,
    repairs: 0,
    gaps: 0,
    backfilled: false,
  };
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function groupRebuilds(deferred: BatchResult['deferred']): number[][] {
  const groups: number[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const asset of deferred) {
    if (rows + asset.rows > REBUILD_ROWS) {
      groups.push([]);
      rows = 0;
    }
    groups.at(-1)?.push(asset.id);
    rows += asset.rows;
  }
  return groups;
}
