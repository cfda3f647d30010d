/** Components of runs beside what they usually take, and what a run said at its end. */

import type { Cause } from '../../domain/causes/cause.js';
import { boundName, boundTexts } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import type { PastStage, StageStatus } from './runs.js';

/** One component of a run, beside earlier ones. */
export interface ComparedStage extends PastStage {
  run: string;
  /** Median of up to 50 runs of the same command before it that did not leave the component out; null: there are none. */
  medianSec: number | null;
}

type StageRow = [
  run: string,
  component: string,
  status: StageStatus,
  durationSec: number,
  medianSec: number | null,
  ok: number,
  failed: number,
  skipped: number,
  rowsNeeded: number,
  rowsWritten: number,
  error: string | null,
];

/** Components of these runs, in the order of work within each. */
export async function listComparedStages(tx: Tx, runs: readonly string[]): Promise<ComparedStage[]> {
  const rows = await tx.query<StageRow>(
    `select s.run::text, s.component, s.status, s.duration_sec, m.median, s.ok, s.failed, s.skipped, s.rows_needed,
       s.rows_written, s.error
     from refresh_stage s
     join refresh_run r on r.run = s.run
     cross join lateral (
       select percentile_cont(0.5) within group (order by past.duration_sec) as median
       from (
         select p.duration_sec
         from refresh_run q join refresh_stage p on p.run = q.run and p.component = s.component
         where q.started_at < r.started_at and q.command = r.command and p.status <> 'not_run'
         order by q.started_at desc limit 50) past) m
     where s.run = any($1::uuid[])
     order by s.run, s.component`,
    [runs],
  );
  return rows.map(([run, component, status, durationSec, medianSec, ok, failed, skipped, ...rest]) => {
    const [rowsNeeded, rowsWritten, error] = rest;
    const counts = { ok, failed, skipped, rowsNeeded, rowsWritten };
    return { run, component, status, durationSec, medianSec, ...counts, error };
  });
}

/** What a run said at its end. */
export interface RunWords {
  verdict: string;
  warnings: string[];
  /** null: recorded by a version that did not group them. */
  causes: Cause[] | null;
}

/** The verdict of a run's summary and what was wrong in it; null while it runs, or when it died. */
export async function findRunWords(tx: Tx, run: string): Promise<RunWords | null> {
  const rows = await tx.query<[string | null, string[] | null, Cause[] | null]>(
    `select report ->> 'verdict', report -> 'warnings', report -> 'causes' from refresh_run where run = $1`,
    [run],
  );
  const [verdict = null, warnings = null, causes = null] = boundTexts(rows[0]) ?? [];
  return verdict === null ? null : { verdict, warnings: warnings ?? [], causes };
}

/** Symbols of these assets, where they have one. */
export async function listSymbols(tx: Tx, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.query<[number, string]>(
    'select id, symbol from dim_assets where id = any($1) and symbol is not null',
    [ids],
  );
  return new Map(rows.map(([id, symbol]) => [id, boundName(symbol)]));
}

/** How long an asset of a run took. */
export interface TimedAsset {
  component: string;
  id: number;
  symbol: string | null;
  durationMs: number;
  rowsWritten: number;
}

/** The assets of a run that took longest. */
export async function listSlowestAssets(tx: Tx, run: string, limit: number): Promise<TimedAsset[]> {
  const rows = await tx.query<[string, number, string | null, number, number]>(
    `select f.component, f.id, a.symbol, f.duration_ms, f.rows_written
     from refresh_asset f left join dim_assets a on a.id = f.id
     where f.run = $1 and f.duration_ms > 0 order by f.duration_ms desc, f.id limit $2`,
    [run, limit],
  );
  return rows.map(([component, id, symbol, durationMs, rowsWritten]) => ({
    component,
    id,
    symbol: boundName(symbol),
    durationMs,
    rowsWritten,
  }));
}
