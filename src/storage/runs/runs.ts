import type { AssetOutcome } from '../../domain/planning/outcome.js';
import { holdLease, type LeaseToken } from '../lease/lease.js';
import type { Database } from '../session/database.js';

/** A run as it is recorded when it starts. */
export interface RunStart {
  run: string;
  command: string;
  options: Record<string, unknown>;
  host: string;
  pid: number;
  version: string;
  lease: LeaseToken;
  /** The as-of time of the run that this one resumes; null: the database's now. */
  asOfUs: number | null;
  /** The run that this one resumes. */
  resumes: string | null;
}

/** A run that was found dead: its row said "running", and no process held the lease for it. */
export interface DiedRun {
  run: string;
  command: string;
  host: string;
  pid: number;
}

/** `refused`: another run held the lease. */
export type RunStatus = 'ok' | 'failed' | 'skipped' | 'interrupted' | 'refused';
export type StageStatus = 'ok' | 'failed' | 'skipped' | 'not_run';

/** One component of a run. */
export interface PastStage {
  component: string;
  status: StageStatus;
  durationSec: number;
  ok: number;
  failed: number;
  skipped: number;
  rowsNeeded: number;
  rowsWritten: number;
  error: string | null;
}

export interface StageEnd extends PastStage {
  returnCode: number | null;
  outcomes: readonly AssetOutcome[];
}

export interface RunEnd {
  run: string;
  status: RunStatus;
  exitCode: number;
  report: unknown;
  stages: readonly StageEnd[];
}

/** Runs are kept for so long, with their stages and assets. */
const KEPT_DAYS = 400;
/** As many stay whatever the database's clock says: one that is ahead makes all of them look old. */
const KEPT_RUNS = 400;
/** Old runs that one run deletes at most: each may have thousands of asset rows. */
const MOST_DELETED = 50;

/**
 * Records that a run has begun, under its lease, and closes the rows of runs that died silently: the run that holds
 * the lease is the only one that runs. Returns its as-of time (database clock, epoch microseconds) and those dead runs.
 */
export async function writeRunStart(
  database: Database,
  start: RunStart,
): Promise<{ asOfUs: number; died: DiedRun[] }> {
  return database.repeatable(async (tx) => {
    await holdLease(tx, start.lease);
    const died = await tx.query<[string, string, string, number]>(
      `update refresh_run set status = 'died', finished_at = coalesce(seen_at, started_at), closed_by = $1
       where status = 'running' and run <> $1 returning run, command, host, pid`,
      [start.run],
    );
    // The row may be there already: written by a try whose answer was lost. Its as-of time stands.
    const rows = await tx.query<[number]>(
      `insert into refresh_run (run, command, options, as_of, status, host, pid, version, resumes)
       values ($1, $2, $3, coalesce(to_timestamp(0) + $7::bigint * interval '1 microsecond', now()), 'running',
         $4, $5, $6, $8)
       on conflict (run) do update set pid = excluded.pid
       returning as_of`,
      [
        start.run,
        start.command,
        JSON.stringify(start.options),
        start.host,
        start.pid,
        start.version,
        start.asOfUs,
        start.resumes,
      ],
    );
    return {
      asOfUs: (rows[0] as [number])[0],
      died: died.map(([run, command, host, pid]) => ({ run, command, host, pid })),
    };
  });
}

/** A run that could not begin, as it is recorded at once with its end. */
export interface UnbegunRun extends Omit<RunStart, 'lease' | 'asOfUs' | 'resumes'> {
  /** ISO, by the clock of its machine; how long it took is computed from it. */
  startedAt: string;
  status: RunStatus;
  exitCode: number;
  report: unknown;
}

/** Records a run that could not begin. A row that it has already is left as it is. */
export async function writeUnbegunRun(database: Database, run: UnbegunRun): Promise<void> {
  const seconds = Math.max(0, (Date.now() - Date.parse(run.startedAt)) / 1000);
  await database.transaction((tx) =>
    tx.execute(
      `insert into refresh_run (run, command, options, started_at, finished_at, as_of, status, exit_code, host, pid, version,
         report)
       values ($1, $2, $3, clock_timestamp() - $4::float8 * interval '1 second', clock_timestamp(), now(), $5, $6, $7, $8,
         $9, $10)
       on conflict (run) do nothing`,
      [
        ...[run.run, run.command, JSON.stringify(run.options), seconds, run.status, run.exitCode],
        ...[run.host, run.pid, run.version, JSON.stringify(run.report)],
      ],
    ),
  );
}

/** Deletes some of the runs that are older than 400 days, the oldest first, but for the newest 400; returns how many. */
export async function deleteOldRuns(database: Database): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `delete from refresh_run where run in (
         select run from (
           select run, started_at, status, row_number() over (order by started_at desc, run) as place
           from refresh_run) ranked
         where place > $3 and started_at < now() - make_interval(days => $1) and status <> 'running'
         order by started_at, run limit $2)`,
      [KEPT_DAYS, MOST_DELETED, KEPT_RUNS],
    ),
  );
}

/**
 * Records how a run ended: the run, its components, and every asset that something was done or decided about. Returns
 * false, and records nothing, when the run's row is gone: the database was restored, or failed over, under it.
 */
export async function writeRunEnd(database: Database, end: RunEnd): Promise<boolean> {
  return database.repeatable(async (tx) => {
    for (const table of ['refresh_stage', 'refresh_asset'])
      await tx.execute(`delete from ${table} where run = $1`, [end.run]);
    const found = await tx.execute(
      `update refresh_run set finished_at = clock_timestamp(), status = $2, exit_code = $3, report = $4 where run = $1`,
      [end.run, end.status, end.exitCode, JSON.stringify(end.report)],
    );
    if (found === 0) return false;
    const { stages } = end;
    await tx.execute(
      `insert into refresh_stage
         (run, component, status, duration_sec, return_code, ok, failed, skipped, rows_needed, rows_written, error)
       select $1, * from unnest($2::text[], $3::text[], $4::float8[], $5::int[], $6::int[], $7::int[], $8::int[],
                                $9::bigint[], $10::bigint[], $11::text[])`,
      [
        end.run,
        stages.map((stage) => stage.component),
        stages.map((stage) => stage.status),
        stages.map((stage) => stage.durationSec),
        stages.map((stage) => stage.returnCode),
        stages.map((stage) => stage.ok),
        stages.map((stage) => stage.failed),
        stages.map((stage) => stage.skipped),
        stages.map((stage) => stage.rowsNeeded),
        stages.map((stage) => stage.rowsWritten),
        stages.map((stage) => stage.error),
      ],
    );
    const assets = stages.flatMap(({ component, outcomes }) =>
      outcomes.filter(isWorthARow).map((outcome) => ({ component, outcome })),
    );
    await tx.execute(
      `insert into refresh_asset
         (run, component, id, status, action, reason, rows_needed, rows_written, error, duration_ms)
       select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                                $8::bigint[], $9::text[], $10::float8[])`,
      [
        end.run,
        assets.map((asset) => asset.component),
        assets.map((asset) => asset.outcome.id),
        assets.map((asset) => asset.outcome.status),
        assets.map((asset) => asset.outcome.action),
        assets.map((asset) => asset.outcome.reason),
        assets.map((asset) => asset.outcome.rowsNeeded),
        assets.map((asset) => asset.outcome.rowsWritten),
        assets.map((asset) => (asset.outcome.status === 'failed' ? asset.outcome.reason : null)),
        assets.map((asset) => asset.outcome.durationMs),
      ],
    );
    return true;
  });
}

/** An asset that was up to date costs no row, so a run with nothing new stays three rows small. */
function isWorthARow(outcome: AssetOutcome): boolean {
  return outcome.status !== 'ok' || outcome.action !== 'none';
}
