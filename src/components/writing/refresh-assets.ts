/** The refresh loop of every component: batches of assets, one transaction each, and who pays for a failure (decision 068). */
import { NO_WORK } from '../../domain/planning/no-work.js';
import type { AssetOutcome, ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import {
  causeOf,
  classifyFailure,
  describeFailure,
  findAdvice,
  isConnectionLost,
  isDataFailure,
} from '../../storage/failures/failures.js';
import { RETRY_POLICY, type RetryPolicy } from '../../storage/failures/retry.js';
import type { LeaseToken } from '../../storage/lease/lease.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { commitWithRetry } from './retry-batch.js';
import { startClearing } from './vacuum-dead-rows.js';

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
  /** Assets in one transaction; left out: a small first batch, then large ones. */
  batchAssets?: number;
  signal?: AbortSignal;
  /** How what passes is waited for; left out: as the database was opened, else RETRY_POLICY. */
  retry?: RetryPolicy;
}

export type Emit = (event: ComponentEvent) => void;
export type SeriesEvent = Extract<ComponentEvent, { type: 'series' }>;

/** What a batch came to, once it is committed. */
export interface BatchResult {
  outcomes: Omit<AssetOutcome, 'durationMs'>[];
  series: SeriesEvent[];
  /** What the person should know of its assets, a sentence each. */
  warnings?: string[];
  /** Assets to be rebuilt, which were left alone here, with the number of 1D rows that it takes. */
  deferred: { id: number; rows: number }[];
}

/** One component's work on a batch, inside a write transaction whose snapshot does not move. */
export interface AssetRefresh {
  component: ComponentName;
  /** The large tables whose rows it replaces. */
  tables: readonly string[];
  /** `rebuild` false: assets whose plan is to rebuild are deferred, not touched. */
  refreshBatch(tx: Tx, ids: readonly number[], mode: { rebuild: boolean }): Promise<BatchResult>;
}

interface Scope {
  database: Database;
  options: ComponentOptions<unknown>;
  refresh: AssetRefresh;
  emit: Emit;
}

interface BatchMode {
  rebuild: boolean;
  /** One asset of a batch that failed. */
  isAlone?: boolean;
}

/** The first batch is small: soon there is something to be seen, and what would meet every asset is met after little work. */
const FIRST_BATCH_ASSETS = 25;
const BATCH_ASSETS = 100;
/** Rebuilds share a transaction up to this many 1D rows: enough to hide its cost, little to lose. */
const REBUILD_ROWS = 5_000;

/**
 * Refreshes assets in batches. What passes is waited for and the batch done again. A batch that fails otherwise is
 * rolled back and its assets are done one by one, so that only the guilty one fails, as an outcome. Throws when the
 * lease or the database is lost, when an error would meet every asset, and with the signal's reason when it is aborted
 * (between two transactions or while it waits, never inside one).
 */
export async function refreshAssets(given: Scope): Promise<void> {
  const { options, refresh } = given;
  const clearing = startClearing(given.database, refresh.tables, options.signal);
  const emit: Emit = (event) => {
    clearing.note(event);
    given.emit(event);
  };
  const scope = { ...given, emit };
  emit({ type: 'started', component: refresh.component, assets: options.ids.length });
  for (const ids of batchesOf(options)) {
    for (const id of ids) emit({ type: 'asset_started', id });
    const deferred = await refreshBatch(scope, ids, { rebuild: false });
    for (const group of groupRebuilds(deferred)) {
      await refreshBatch(scope, group, { rebuild: true });
      await clearing.clear();
    }
  }
}

async function refreshBatch(
  scope: Scope,
  ids: readonly number[],
  mode: BatchMode,
): Promise<BatchResult['deferred']> {
  scope.options.signal?.throwIfAborted();
  const startedMs = performance.now();
  let result: BatchResult;
  try {
    result = await commitBatch(scope, ids, mode);
  } catch (error) {
    throwIfCommon(scope, error);
    const [id, ...others] = ids;
    if (id === undefined || others.length > 0) return refreshOneByOne(scope, ids, mode);
    result = { outcomes: [failed(id, error)], series: [], deferred: [] };
  }
  // Reported only once it is committed, and outside of the try: an event that cannot be sent undoes nothing.
  const durationMs = (performance.now() - startedMs) / Math.max(1, result.outcomes.length);
  for (const text of result.warnings ?? []) scope.emit({ type: 'message', level: 'warning', text });
  for (const event of result.series) scope.emit(event);
  for (const outcome of result.outcomes)
    scope.emit({ type: 'asset_finished', outcome: { ...outcome, durationMs } });
  return result.deferred;
}

function commitBatch(scope: Scope, ids: readonly number[], mode: BatchMode): Promise<BatchResult> {
  const { database, options, refresh, emit } = scope;
  const policy = options.retry ?? database.retry?.policy ?? RETRY_POLICY;
  return commitWithRetry(
    {
      database,
      lease: options.lease,
      signal: options.signal,
      // A lock that the whole batch has waited for is not waited for again as often by each of its assets.
      policy: mode.isAlone ? { ...policy, lockAttempts: 1 } : policy,
      warn: (text) => emit({ type: 'message', level: 'warning', text }),
    },
    (tx) => refresh.refreshBatch(tx, ids, mode),
  );
}

/** Ends the component by what would meet every other asset as well. */
function throwIfCommon({ options }: Scope, error: unknown): void {
  const isAborted = options.signal?.aborted === true && error === options.signal.reason;
  if (isAborted || isConnectionLost(error)) throw error;
  if (classifyFailure(error) !== 'stop' || options.continueOnError) return;
  const why = findAdvice(error) ?? 'this would meet every other asset as well';
  throw new Error(`no more assets are started, what is committed stays; ${why}`, { cause: error });
}

async function refreshOneByOne(
  scope: Scope,
  ids: readonly number[],
  mode: BatchMode,
): Promise<BatchResult['deferred']> {
  const deferred: BatchResult['deferred'] = [];
  for (const id of ids) deferred.push(...(await refreshBatch(scope, [id], { ...mode, isAlone: true })));
  return deferred;
}

function failed(id: number, error: unknown): Omit<AssetOutcome, 'durationMs'> {
  return {
    ...unworked(id, { status: 'failed', action: 'none', reason: describeFailure(error) }),
    fault: {
      cause: causeOf(error),
      isData: isDataFailure(error),
      isOwn: classifyFailure(error) === 'isolate',
    },
  };
}

/** An outcome without rows. */
export function unworked(
  id: number,
  decision: Pick<AssetOutcome, 'status' | 'action' | 'reason'>,
): Omit<AssetOutcome, 'durationMs'> {
  return { id, ...decision, ...NO_WORK };
}

function* batchesOf({ ids, batchAssets }: ComponentOptions<unknown>): Generator<readonly number[]> {
  let start = 0;
  while (start < ids.length) {
    const size = batchAssets ?? (start === 0 ? FIRST_BATCH_ASSETS : BATCH_ASSETS);
    yield ids.slice(start, start + size);
    start += size;
  }
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
