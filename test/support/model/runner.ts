/** How a model test carries out a run: components in this process, or the program as processes. */
import { expect } from 'vitest';
import type { AssetOutcome, ComponentEvent } from '../../../src/domain/planning/outcome.js';
import { isConnectionLost } from '../../../src/storage/failures/failures.js';
import { RETRY_POLICY } from '../../../src/storage/failures/retry.js';
import { runBars, runEmas, runIndicators } from '../component-runs.js';
import { cutAfterStatement } from './connection-cut.js';
import type { LateWriter } from './late-writer.js';
import type { ModelDatabases } from './model-database.js';
import type { RefreshOperation } from './operations.js';

export interface RunRequest {
  operation: RefreshOperation;
  ids: readonly number[];
  /** Timeframes; null: all. */
  tfs: readonly string[] | null;
  databases: ModelDatabases;
  writer: LateWriter | null;
}

export interface RunOutcomes {
  /** Assets whose bars ran to their end, as far as anybody said so. */
  done: number[];
  /** Assets that were left alone because their source has lost too much. */
  blocked: Set<number>;
  isKilled: boolean;
  /** Its connection was lost, and it ended. */
  isCut: boolean;
  /** Assets whose bars it tried again, after it had lost its connection. */
  retried: Set<number>;
}

/** Nothing came of a run yet. */
export function noOutcomes(): RunOutcomes {
  return { done: [], blocked: new Set(), isKilled: false, isCut: false, retried: new Set() };
}

export type Runner = (request: RunRequest) => Promise<RunOutcomes>;

/** Bars, then EMAs of the assets whose bars did not fail, as a refresh does. */
export const runComponents: Runner = async (request) => {
  const outcomes = noOutcomes();
  try {
    await runInProcess(request, outcomes);
  } catch (error) {
    if (request.operation.cut === null || !isConnectionLost(error)) throw error;
    Object.assign(outcomes, { done: [], isCut: true });
  }
  return outcomes;
};

/** What passes is waited for no longer than a test has to. */
const PATIENT = { ...RETRY_POLICY, firstDelayMs: 1, longestDelayMs: 2 };

async function runInProcess(
  { operation, ids, tfs, databases, writer }: RunRequest,
  outcomes: RunOutcomes,
): Promise<void> {
  const { batchAssets, fullRebuild, acceptDeletions, stages, cut } = operation;
  const open = writer?.database ?? databases.live;
  const database = cut === null ? open : cutAfterStatement(open, cut.statement);
  const retry = { ...PATIENT, attempts: cut?.isRetried === false ? 1 : PATIENT.attempts };
  const shared = { tfs, batchAssets, fullRebuild, retry };
  if (stages !== 'emas') {
    const options = { ...shared, only: operation.builders, acceptDeletions, source: databases.relation };
    const bars = await runBars(database, { ids, ...options }, listenForRetries(outcomes.retried));
    for (const outcome of bars.values()) addOutcome(outcomes, outcome);
  }
  if (stages === 'bars') return;
  const emaIds = stages === 'emas' ? ids : outcomes.done;
  expectWritten(await runEmas(database, { ids: emaIds, ...shared, only: operation.families }));
  const only = operation.families?.filter((family) => family !== 'v2') ?? null;
  expectWritten(await runIndicators(database, { ids: emaIds, ...shared, only }));
}

function expectWritten(outcomes: ReadonlyMap<number, AssetOutcome>): void {
  for (const outcome of outcomes.values()) {
    expect(outcome.status, outcome.reason).not.toBe('failed');
    expect(outcome.rowsWritten).toBe(outcome.rowsNeeded);
  }
}

/** A run says that it tries again while the assets of that batch have begun and not ended. */
function listenForRetries(retried: Set<number>): (event: ComponentEvent) => void {
  const open = new Set<number>();
  return (event) => {
    if (event.type === 'asset_started') open.add(event.id);
    if (event.type === 'asset_finished') open.delete(event.outcome.id);
    if (event.type === 'message' && event.level === 'warning') for (const id of open) retried.add(id);
  };
}

/** What was needed was written, and nothing fails but for a source that has lost too much. */
export function addOutcome(
  outcomes: RunOutcomes,
  { id, status, reason, rowsNeeded, rowsWritten }: AssetOutcome,
): void {
  expect(rowsWritten).toBe(rowsNeeded);
  if (status === 'failed') {
    expect(reason).toMatch(/vanished/);
    outcomes.blocked.add(id);
  }
  if (status === 'ok') outcomes.done.push(id);
}
