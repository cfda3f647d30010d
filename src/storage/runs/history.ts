/** Past runs, as the run tables hold them. */
import { boundTexts } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import type { PastStage, RunStatus, StageStatus } from './runs.js';

/** One run. Times are epoch microseconds. */
export interface PastRun {
  run: string;
  command: string;
  /** What was asked for, as it was recorded. */
  options: Record<string, unknown>;
  startedUs: number;
  /** null: it runs, or its row was not closed yet. Of a run that died: its last sign of life. */
  finishedUs: number | null;
  asOfUs: number;
  status: RunStatus | 'running' | 'died';
  exitCode: number | null;
  host: string;
  pid: number;
  version: string;
  closedBy: string | null;
  resumes: string | null;
  /** Why the run as a whole could not continue. */
  error: string | null;
  /** Assets: one that failed in any component is failed, else one that was skipped in any is skipped. Rows: of all components. */
  ok: number;
  failed: number;
  skipped: number;
  rowsWritten: number;
  /** The counts are what it noted on its way, the last time a second before its end: it runs, or died. */
  isNoted: boolean;
}

/** An asset of a run that was not done. */
export interface UndoneAsset {
  component: string;
  id: number;
  status: 'failed' | 'skipped';
  reason: string;
}

type RunCells = [
  run: string,
  command: string,
  options: Record<string, unknown>,
  startedUs: number,
  finishedUs: number | null,
  asOfUs: number,
  status: PastRun['status'],
  exitCode: number | null,
  host: string,
  pid: number,
  version: string,
  closedBy: string | null,
  resumes: string | null,
  error: string | null,
  ok: number,
  failed: number,
  skipped: number,
  rowsWritten: number,
  isNoted: boolean,
];

/** Runs, the newest first: all of them, or those whose id begins with `prefix`, or that started before the run `before`. */
export async function listRuns(
  tx: Tx,
  { limit, prefix = '', before = null }: { limit: number; prefix?: string; before?: string | null },
): Promise<PastRun[]> {
  const rows = await tx.query<RunCells>(
    `select r.run, r.command, r.options, r.started_at, r.finished_at, r.as_of, r.status, r.exit_code, r.host, r.pid,
       r.version, r.closed_by, r.resumes, r.report ->> 'error',
       case when s.is_noted then s.ok else greatest(0, s.assets - u.failed - u.skipped) end,
       case when s.is_noted then s.failed else u.failed end, case when s.is_noted then s.skipped else u.skipped end,
       s.rows_written, s.is_noted
     from refresh_run r
     cross join lateral (
       select coalesce(max(ok + failed + skipped), 0)::int as assets, coalesce(max(ok), 0)::int as ok,
         coalesce(max(failed), 0)::int as failed, coalesce(max(skipped), 0)::int as skipped,
         coalesce(sum(rows_written), 0)::bigint as rows_written, coalesce(bool_or(is_noted), false) as is_noted
       from (
         select ok, failed, skipped, rows_written, false as is_noted from refresh_stage where run = r.run
         union all
         select p.ok, p.failed, p.skipped, p."rowsWritten", true
         from jsonb_to_recordset(r.progress -> 'stages') as p (ok int, failed int, skipped int, "rowsWritten" bigint)
         where r.finished_at is null or r.status = 'died') t) s
     cross join lateral (
       select count(*) filter (where is_failed)::int as failed, count(*) filter (where not is_failed)::int as skipped
       from (select bool_or(status = 'failed') as is_failed from refresh_asset
             where run = r.run and status <> 'ok' group by id) a) u
     where starts_with(r.run::text, $2)
       and ($3::uuid is null or exists (
         select from refresh_run b where b.run = $3
           and (r.started_at < b.started_at or r.started_at = b.started_at and r.run > b.run)))
     order by r.started_at desc, r.run limit $1`,
    [limit, prefix, before],
  );
  return rows.map(runOf);
}

function runOf(cells: RunCells): PastRun {
  const [run, command, options, startedUs, finishedUs, asOfUs, status, exitCode, ...rest] = cells;
  const [host, pid, version, closedBy, resumes, error, ok, failed, skipped, rowsWritten, isNoted] = rest;
  return {
    run,
    command: boundTexts(command),
    // A run that resumes this one reads them: as they are.
    options,
    startedUs,
    finishedUs,
    asOfUs,
    status,
    exitCode,
    host: boundTexts(host),
    pid,
    version: boundTexts(version),
    closedBy,
    resumes,
    error: boundTexts(error),
    ok,
    failed,
    skipped,
    rowsWritten,
    isNoted,
  };
}

/** Components of a run, in the order of work. */
export async function listStages(tx: Tx, run: string): Promise<PastStage[]> {
  const rows = await tx.query<
    [string, StageStatus, number, number, number, number, number, number, string | null]
  >(
    `select component, status, duration_sec, ok, failed, skipped, rows_needed, rows_written, error
     from refresh_stage where run = $1 order by component`,
    [run],
  );
  return rows.map(
    ([component, status, durationSec, ok, failed, skipped, rowsNeeded, rowsWritten, error]) => ({
      component,
      status,
      durationSec,
      ok,
      failed,
      skipped,
      rowsNeeded,
      rowsWritten,
      error: boundTexts(error),
    }),
  );
}

/** Assets of a run that failed or were skipped, with the reason. */
export async function listUndoneAssets(tx: Tx, run: string): Promise<UndoneAsset[]> {
  const rows = await tx.query<[string, number, UndoneAsset['status'], string]>(
    `select component, id, status, reason from refresh_asset
     where run = $1 and status <> 'ok' order by component, status, id`,
    [run],
  );
  return rows.map(([component, id, status, reason]) => ({
    component,
    id,
    status,
    reason: boundTexts(reason),
  }));
}

/** Assets of which something was done in a run, by component. */
export async function listDoneAssets(tx: Tx, run: string): Promise<{ component: string; id: number }[]> {
  const rows = await tx.query<[string, number]>(
    `select component, id from refresh_asset where run = $1 and status = 'ok'`,
    [run],
  );
  return rows.map(([component, id]) => ({ component, id }));
}
