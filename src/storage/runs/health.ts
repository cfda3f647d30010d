/** Are runs alive, and when was the last good one? */
import { boundTexts } from '../../domain/text/printable.js';
import { isLive, RUN_LEASE } from '../lease/lease.js';
import type { Tx } from '../session/database.js';

/** A run without an end: its process died. */
export interface DeadRun {
  run: string;
  command: string;
  host: string;
  pid: number;
  /** ISO, UTC. */
  startedAt: string;
}

/**
 * Runs of the last `days` days that came to no end: closed as `died` by a later run, or still `running` without the lease
 * that every run holds. `own` is left out.
 */
export async function listDeadRuns(tx: Tx, scope: { own: string | null; days: number }): Promise<DeadRun[]> {
  const rows = await tx.query<[string, string, string, number, number]>(
    `select run::text, command, host, pid, started_at from refresh_run r
     where started_at > now() - make_interval(days => $2) and run is distinct from $1::uuid
       and (status = 'died' or status = 'running' and not exists (
         select from refresh_lease l where l.name = '${RUN_LEASE}' and l.owner = r.run and ${isLive('l')}))
     order by started_at`,
    [scope.own, scope.days],
  );
  return rows.map(([run, command, host, pid, startedUs]) => ({
    run,
    command: boundTexts(command),
    host: boundTexts(host),
    pid,
    startedAt: new Date(Math.floor(startedUs / 1000)).toISOString(),
  }));
}

/** Which runs count as good. */
export interface GoodRunScope {
  /** Runs that skipped assets count too. */
  allowSkipped: boolean;
  /** Only runs of bars and EMAs over all assets and series count. */
  isWhole: boolean;
}

export interface GoodRun {
  run: string;
  command: string;
  status: string;
  /** ISO, UTC. */
  finishedAt: string;
  /** By the database clock. */
  ageHours: number;
}

/** The newest good run; null when there is none. */
export async function findLastGoodRun(tx: Tx, scope: GoodRunScope): Promise<GoodRun | null> {
  const rows = await tx.query<[string, string, string, number, number]>(
    `select run::text, command, status, finished_at,
            extract(epoch from clock_timestamp() - finished_at)::float8 / 3600
     from refresh_run
     where status = any ($1) and finished_at is not null
       and (not $2 or options @> '{"bars": true, "emas": true}'
         and coalesce(nullif(options -> 'ids', 'null'), nullif(options -> 'tfs', 'null'),
           nullif(options -> 'periods', 'null'), nullif(options -> 'combos', 'null')) is null)
     order by finished_at desc limit 1`,
    [scope.allowSkipped ? ['ok', 'skipped'] : ['ok'], scope.isWhole],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const [run, command, status, finishedUs, ageHours] = row;
  return {
    run,
    command: boundTexts(command),
    status,
    finishedAt: new Date(Math.floor(finishedUs / 1000)).toISOString(),
    ageHours,
  };
}
