/** A run of the program that stops before each thing that others can see: after its fence, and before its COMMIT. */
import type { Database, Tx } from '../../../src/storage/session/database.js';
import { execute } from '../component-runs.js';
import { waitFor } from '../processes.js';

export interface PausedRun {
  /** The run works on this one. */
  database: Database;
  /** Lets the run continue to its next stop, or to its end; what `promise` rejects with is thrown. */
  advance(promise: Promise<unknown>): Promise<void>;
  /** The session of the open transaction. */
  pid(): number;
  /** Its process is gone: what waits at a stop fails, with its session ended before. */
  abandon(): void;
}

export function pauseRun(real: Database): PausedRun {
  let reached = () => {};
  let go = () => {};
  let fail = (_: Error) => {};
  let session = 0;
  const stop = () =>
    new Promise<void>((resolve, reject) => {
      go = resolve;
      fail = reject;
      reached();
    });
  const transaction: Database['transaction'] = (work, options) =>
    real.transaction(async (tx) => {
      const result = await work(
        stopAfterFirst(tx, async () => {
          session = (await tx.query<[number]>('select pg_backend_pid()'))[0]?.[0] ?? 0;
          await stop();
        }),
      );
      // Then the rest would happen in a second transaction, which the machine does not have.
      if (isDeferred(result)) throw new Error('the run has to begin at a base, and it rebuilds');
      await stop();
      return result;
    }, options);
  return {
    database: { ...real, transaction },
    async advance(promise) {
      const stopped = new Promise<void>((resolve) => {
        reached = resolve;
      });
      go();
      await Promise.race([promise, stopped]);
    },
    pid: () => session,
    abandon: () => fail(new Error('its process was killed')),
  };
}

/** The server ends the session of a run, and its process is gone. */
export async function endSession(database: Database, paused: PausedRun): Promise<void> {
  const pid = paused.pid();
  await execute(database, 'select pg_terminate_backend($1)', [pid]);
  await waitFor('the end of a session', async () => {
    const rows = await database.read((tx) => tx.query('select from pg_stat_activity where pid = $1', [pid]));
    return rows.length === 0 ? true : null;
  });
  paused.abandon();
}

function isDeferred(result: unknown): boolean {
  const { deferred } = (result ?? {}) as { deferred?: unknown[] };
  return deferred !== undefined && deferred.length > 0;
}

/** The first statement of a write transaction is the fence: without a row the lease is not the run's, and it writes nothing. */
function stopAfterFirst(tx: Tx, act: () => Promise<void>): Tx {
  let isFirst = true;
  return {
    ...tx,
    async query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]> {
      const rows = await tx.query<R>(sql, params);
      const isFence = isFirst;
      isFirst = false;
      if (isFence && rows.length > 0) await act();
      return rows;
    },
  };
}
