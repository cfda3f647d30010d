/** The run in progress, as its own process notes it. */

import type { RunProgress } from '../../domain/planning/progress.js';
import { boundTexts } from '../../domain/text/printable.js';
import { isLive, RUN_LEASE } from '../lease/lease.js';
import type { Database, Tx } from '../session/database.js';

/** A run without an end. Times are epoch microseconds. */
export interface RunningRun {
  run: string;
  command: string;
  startedUs: number;
  asOfUs: number;
  host: string;
  pid: number;
  /** Its last heartbeat. */
  seenUs: number | null;
  /** It holds the lease; otherwise its process has died, or has stopped. */
  holdsLease: boolean;
  /** null: nothing was noted yet. */
  progress: RunProgress | null;
}

/** The newest run that has an end. */
export interface EndedRun {
  run: string;
  command: string;
  status: string;
  finishedUs: number;
}

/** Notes how far a run has come, unless it has an end. */
export async function writeRunProgress(
  database: Database,
  run: string,
  progress: RunProgress,
): Promise<void> {
  await database.transaction((tx) =>
    tx.execute(`update refresh_run set progress = $2 where run = $1 and status = 'running'`, [
      run,
      JSON.stringify(progress),
    ]),
  );
}

/** The run in progress; null: there is none. */
export async function findRunningRun(tx: Tx): Promise<RunningRun | null> {
  const rows = await tx.query<
    [string, string, number, number, string, number, number | null, boolean, RunProgress | null]
  >(
    `select r.run::text, r.command, r.started_at, r.as_of, r.host, r.pid, r.seen_at,
       exists (select from refresh_lease l
               where l.name = '${RUN_LEASE}' and l.owner = r.run and ${isLive('l')}), r.progress
     from refresh_run r where r.status = 'running' order by r.started_at desc limit 1`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const [run, command, startedUs, asOfUs, host, pid, seenUs, holdsLease, progress] = row;
  return {
    run,
    command: boundTexts(command),
    startedUs,
    asOfUs,
    host: boundTexts(host),
    pid,
    seenUs,
    holdsLease,
    progress,
  };
}

/** The run that ended last. */
export async function findEndedRun(tx: Tx): Promise<EndedRun | null> {
  const rows = await tx.query<[string, string, string, number]>(
    `select run::text, command, status, finished_at from refresh_run
     where status <> 'running' and finished_at is not null order by started_at desc limit 1`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const [run, command, status, finishedUs] = row;
  return { run, command: boundTexts(command), status, finishedUs };
}
