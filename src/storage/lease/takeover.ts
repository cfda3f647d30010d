/** Taking the lease from a run that is over while something of it still stands inside a transaction (decision 062). */

import { isLockTimeout } from '../failures/failures.js';
import { withOneLockTry } from '../failures/retry.js';
import type { Database } from '../session/database.js';
import {
  deleteLeaseSessions,
  type HeldLease,
  type LeaseInfo,
  type TakenLease,
  upsertLease,
  writeLeaseTaken,
} from './lease.js';

/** What a run that is over had begun is over by then, mostly; a bound of the connection that is shorter stays. */
const WRITERS_MS = 15_000;

/** Who takes it. */
export interface TakeOptions {
  /** A holder that is known to have ended. */
  dead?: HeldLease | null;
  /** Called with what was done to others. */
  say?: ((text: string) => void) | undefined;
}

/**
 * Takes the lease as upsertLease does. Write transactions that are still open under a lease that has run out, or is that
 * of `dead`, are waited for; after a while their sessions are ended, which rolls them back: a process that has stopped in
 * the middle of a COPY is ended by no timeout of the server. Where the role may not end them, the error names them.
 */
export async function writeLeaseTakeover(
  database: Database,
  info: LeaseInfo,
  { dead = null, say }: TakeOptions = {},
): Promise<TakenLease> {
  const once = () =>
    database.transaction(async (tx) => {
      await tx.query(
        `select set_config('lock_timeout', least($1::int,
           extract(epoch from current_setting('lock_timeout')::interval) * 1000)::int::text, true)`,
        [WRITERS_MS],
      );
      return writeLeaseTaken(tx, info, dead);
    });
  try {
    return await withOneLockTry(once, database.retry);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
  }
  const ended = await deleteLeaseSessions(database, dead).catch(() => 0);
  if (ended > 0)
    say?.(
      `[WARNING] a run that is over still had ${ended} write transaction${ended === 1 ? '' : 's'} open, which did not end ` +
        'by themselves: ended and rolled back',
    );
  return upsertLease(database, info, { dead });
}
