/** How a model test carries out a run: components in this process, or the program as processes. */
import { expect } from 'vitest';
import type { AssetOutcome } from '../../../src/domain/planning/outcome.js';
import { runBars, runEmas, runIndicators } from '../component-runs.js';
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
}

export type Runner = (request: RunRequest) => Promise<RunOutcomes>;

/** Bars, then EMAs of the assets whose bars did not fail, as a refresh does. */
export const runComponents: Runner = async ({ operation, ids, tfs, databases, writer }) => {
  const database = writer?.database ?? databases.live;
  const { batchAssets, fullRebuild, acceptDeletions, stages } = operation;
  const outcomes: RunOutcomes = { done: [], blocked: new Set(), isKilled: false };
  const shared = { tfs, batchAssets, fullRebuild };
  if (stages !== 'emas') {
    const options = { ...shared, only: operation.builders, acceptDeletions, source: databases.relation };
    const bars = await runBars(database, { ids, ...options });
    for (const outcome of bars.values()) addOutcome(outcomes, outcome);
  }
  if (stages === 'bars') return outcomes;
  const emaIds = stages === 'emas' ? ids : outcomes.done;
  const emas = await runEmas(database, { ids: emaIds, ...shared, only: operation.families });
  for (const outcome of emas.values()) {
    expect(outcome.status, outcome.reason).not.toBe('failed');
    expect(outcome.rowsWritten).toBe(outcome.rowsNeeded);
  }
  const only = operation.families?.filter((family) => family !== 'v2') ?? null;
  for (const outcome of (await runIndicators(database, { ids: emaIds, ...shared, only })).values()) {
    expect(outcome.status, outcome.reason).not.toBe('failed');
    expect(outcome.rowsWritten).toBe(outcome.rowsNeeded);
  }
  return outcomes;
};

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
