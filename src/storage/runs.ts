import type { AssetOutcome } from '../domain/outcome.js';
import type { Database } from './database.js';

/** A run as it is recorded when it starts. */
export interface RunStart {
  run: string;
  command: string;
  options: Record<string, unknown>;
  host: string;
  pid: number;
  version: string;
}

export type RunStatus = 'ok' | 'failed' | 'skipped' | 'interrupted';
export type StageStatus = 'ok' | 'failed' | 'skipped' | 'not_run';

export interface StageEnd {
  component: string;
  status: StageStatus;
  durationSec: number;
  returnCode: number | null;
  ok: number;
  failed: number;
  skipped: number;
  rowsNeeded: number;
  rowsWritten: number;
  error: string | null;
  outcomes: readonly AssetOutcome[];
}

export interface RunEnd {
  run: string;
  status: RunStatus;
  exitCode: number;
  report: unknown;
  stages: readonly StageEnd[];
}

/** Records that a run has begun; returns its as-of time (database clock, epoch microseconds). */
export async function writeRunStart(database: Database, start: RunStart): Promise<number> {
  return database.repeatable(async (tx) => {
    // The row may be there already: written by a try whose answer was lost. Its as-of time stands.
    const rows = await tx.query<[number]>(
      `insert into refresh_run (run, command, options, as_of, status, host, pid, version)
       values ($1, $2, $3, now(), 'running', $4, $5, $6)
       on conflict (run) do update set pid = excluded.pid returning as_of`,
      [start.run, start.command, JSON.stringify(start.options), start.host, start.pid, start.version],
    );
    return (rows[0] as [number])[0];
  });
}

/** Records how a run ended: the run, its components, and every asset that something was done or decided about. */
export async function writeRunEnd(database: Database, end: RunEnd): Promise<void> {
  await database.repeatable(async (tx) => {
    for (const table of ['refresh_stage', 'refresh_asset'])
      await tx.execute(`delete from ${table} where run = $1`, [end.run]);
    await tx.execute(
      `update refresh_run set finished_at = clock_timestamp(), status = $2, exit_code = $3, report = $4 where run = $1`,
      [end.run, end.status, end.exitCode, JSON.stringify(end.report)],
    );
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
      `insert into refresh_asset (run, component, id, status, action, reason, rows_needed, rows_written, error)
       select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                                $8::bigint[], $9::text[])`,
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
      ],
    );
  });
}

/** An asset that was up to date costs no row, so a run with nothing new stays three rows small. */
function isWorthARow(outcome: AssetOutcome): boolean {
  return outcome.status !== 'ok' || outcome.action !== 'none';
}
