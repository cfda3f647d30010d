/** One batch in one transaction, done again where what failed passes (decision 066). */
import type { AssetOutcome } from '../../domain/planning/outcome.js';
import { CommitUnknownError, isConnectionLost } from '../../storage/failures/failures.js';
import { formatRetry, type RetryPolicy, withRetry } from '../../storage/failures/retry.js';
import { holdLease, type LeaseToken, writeLeaseHeartbeat } from '../../storage/lease/lease.js';
import type { Database, Tx } from '../../storage/session/database.js';

interface BatchScope {
  database: Database;
  lease: LeaseToken | null;
  policy: RetryPolicy;
  signal: AbortSignal | undefined;
  /** Called for each try that will be followed by another. */
  warn(text: string): void;
}

/** The part of a batch's result that is looked at here. */
interface Reported {
  outcomes: Omit<AssetOutcome, 'durationMs'>[];
}

/**
 * Runs `work` in a write transaction whose snapshot does not move, behind the fence. Doing it again is always right,
 * because a batch reads its states itself: where a COMMIT without an answer had arrived there is nothing left to do,
 * and the outcome of that try is reported. Throws what no further try can change.
 */
export async function commitWithRetry<T extends Reported>(
  scope: BatchScope,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const { database, lease, policy, signal } = scope;
  const unanswered = new Map<number, Reported['outcomes'][number]>();
  let isLeaseInDoubt = false;
  return withRetry(
    async () => {
      // While the database was away the lease could not be extended. It is still ours unless another run has taken it over.
      if (isLeaseInDoubt && lease !== null) await writeLeaseHeartbeat(database, lease);
      isLeaseInDoubt = false;
      let result: T | null = null;
      try {
        result = await database.transaction(
          async (tx) => {
            await holdLease(tx, lease);
            result = await work(tx);
            return result;
          },
          { isolation: 'repeatable read' },
        );
      } catch (error) {
        isLeaseInDoubt = isConnectionLost(error);
        if (error instanceof CommitUnknownError) rememberWork(unanswered, result);
        throw error;
      }
      return { ...result, outcomes: result.outcomes.map((outcome) => settleUnanswered(outcome, unanswered)) };
    },
    { ...database.retry, policy, signal, onRetry: (notice) => scope.warn(formatRetry(notice)) },
  );
}

function rememberWork(unanswered: Map<number, Reported['outcomes'][number]>, result: Reported | null): void {
  for (const outcome of result?.outcomes ?? []) {
    if (outcome.action !== 'none' && outcome.status === 'ok') unanswered.set(outcome.id, outcome);
  }
}

function settleUnanswered(
  now: Reported['outcomes'][number],
  unanswered: ReadonlyMap<number, Reported['outcomes'][number]>,
): Reported['outcomes'][number] {
  const before = unanswered.get(now.id);
  if (before === undefined || now.status !== 'ok' || now.action !== 'none') return now;
  return { ...before, reason: `${before.reason} (committed; the answer was lost)` };
}
