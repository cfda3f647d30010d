/** Runs: the list, one of them, and the one in progress. */
import { newCause } from '../../domain/causes/cause.js';
import { noProgress, rateOf } from '../../domain/planning/progress.js';
import { UsageError } from '../../domain/text/errors.js';
import { findRun } from '../../orchestration/past-runs/find-run.js';
import { runForJson } from '../../orchestration/past-runs/run-json.js';
import {
  findRunWords,
  listComparedStages,
  listSlowestAssets,
  listSymbols,
} from '../../storage/runs/comparison.js';
import { listRuns, listUndoneAssets, type PastRun } from '../../storage/runs/history.js';
import { findRunningRun, type RunningRun } from '../../storage/runs/progress.js';
import type { Tx } from '../../storage/session/database.js';
import type { LiveRun, RunResponse, RunSummary, RunsResponse } from '../api/api-types.js';
import { NotFoundError } from './errors.js';
import { isoOfUs } from './times.js';

const MOST_SLOW = 10;

/** The newest runs, or those before one. */
export async function readRuns(
  tx: Tx,
  { limit, before }: { limit: number; before: string | null },
): Promise<RunsResponse> {
  const found = await listRuns(tx, { limit: limit + 1, before });
  const shown = found.slice(0, limit);
  const runs = await withStages(tx, shown);
  return { version: 1, runs, next: found.length > limit ? (shown.at(-1)?.run ?? null) : null };
}

/** Everything about the run that is meant by an id, the beginning of one or "last". Throws NotFoundError where there is none. */
export async function readRun(tx: Tx, name: string): Promise<RunResponse> {
  const found = await findRun(tx, name).catch((error: unknown) => {
    throw error instanceof UsageError ? new NotFoundError(error.message) : error;
  });
  const [run] = await withStages(tx, [found]);
  if (run === undefined) throw new Error(`no stages came for run ${found.run}`);
  const undone = await listUndoneAssets(tx, found.run);
  const symbols = await listSymbols(
    tx,
    undone.map(({ id }) => id),
  );
  const words = await findRunWords(tx, found.run);
  const running = found.status === 'running' ? await readLiveRun(tx) : null;
  return {
    version: 1,
    run: {
      ...run,
      assets: undone.map((asset) => ({ ...asset, symbol: symbols.get(asset.id) ?? null })),
      slowest: await listSlowestAssets(tx, found.run, MOST_SLOW),
      verdict: words?.verdict ?? null,
      warnings: words?.warnings ?? [],
      causes: words?.causes ?? (words?.warnings ?? []).map((sentence) => newCause('warning', { sentence })),
      progress: running?.run === found.run ? running : null,
    },
  };
}

async function withStages(tx: Tx, runs: readonly PastRun[]): Promise<RunSummary[]> {
  const stages = await listComparedStages(
    tx,
    runs.map(({ run }) => run),
  );
  return runs.map((run) => ({
    ...runForJson(run),
    stages: stages.filter((stage) => stage.run === run.run).map(({ run: _, ...stage }) => stage),
  }));
}

/** The run in progress; null: there is none. */
export async function readLiveRun(tx: Tx): Promise<LiveRun | null> {
  const found = await findRunningRun(tx);
  if (found === null) return null;
  const undone = found.progress?.undone ?? [];
  const symbols =
    undone.length === 0
      ? new Map<number, string>()
      : await listSymbols(
          tx,
          undone.map(({ id }) => id),
        );
  return liveRunOf(found, symbols);
}

function liveRunOf(found: RunningRun, symbols: ReadonlyMap<number, string>): LiveRun {
  const { run, command, host, pid, startedUs, asOfUs, seenUs, holdsLease } = found;
  const { at, stages, undone, undoneCount } = found.progress ?? noProgress(isoOfUs(startedUs));
  return {
    run,
    command,
    startedAt: isoOfUs(startedUs),
    asOf: isoOfUs(asOfUs),
    host,
    pid,
    seenAt: seenUs === null ? null : isoOfUs(seenUs),
    isSilent: !holdsLease,
    stages: stages.map((stage, index) => ({
      ...stage,
      isRunning: stage.finishedAt === null && index === stages.length - 1,
      ...rateOf(stage, at),
    })),
    undone: undone.map((asset) => ({ ...asset, symbol: symbols.get(asset.id) ?? null })),
    undoneCount,
  };
}
