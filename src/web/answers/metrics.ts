/** /metrics: the state of the warehouse for Prometheus, asked of the database when it is asked for. */
import { DEFAULT_GRACE, type Grace } from '../../domain/calendar/lateness.js';
import { type AssetLateness, readLateness } from '../../orchestration/lateness/read-lateness.js';
import { VERSION } from '../../orchestration/program/version.js';
import {
  addAssets,
  addFindings,
  addLastSuccess,
  addLateness,
  createGauges,
  type Define,
} from '../../orchestration/reporting/gauges.js';
import { type AssetLag, listAssetLags } from '../../storage/planning/lag.js';
import { type OpenFindings, readOpenFindings } from '../../storage/prices/findings.js';
import { findLastGoodRun } from '../../storage/runs/health.js';
import type { Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import type { FreshnessResponse } from '../api/api-freshness-types.js';
import type { LiveState, RunSummary } from '../api/api-types.js';
import { readRuns } from './runs.js';

export interface Measured {
  assets: readonly AssetLag[];
  lateness: readonly AssetLateness[];
  lastSuccessSec: number | null;
  lastRun: RunSummary | null;
  findings: OpenFindings;
}

const ENDS = ['ok', 'failed', 'skipped', 'interrupted', 'refused', 'died'] as const;

/** What is measured, in the snapshot of this transaction. */
export async function readMeasured(
  tx: Tx,
  { source, grace = DEFAULT_GRACE }: { source: Source; grace?: Grace | undefined },
): Promise<Measured> {
  const good = await findLastGoodRun(tx, { allowSkipped: false, isWhole: false });
  const { runs } = await readRuns(tx, { limit: 20, before: null });
  return {
    assets: await listAssetLags(tx, source),
    lateness: (await readLateness(tx, { ids: null, grace, source })).assets,
    findings: await readOpenFindings(tx),
    lastSuccessSec: good === null ? null : Date.parse(good.finishedAt) / 1000,
    lastRun: runs.find(({ status }) => status !== 'running') ?? null,
  };
}

/** The text; `measured` and `freshness` null: the database is away, which is itself a measurement. */
export async function formatMetrics(
  live: LiveState,
  { measured, freshness }: { measured: Measured | null; freshness: FreshnessResponse | null },
  labels: Record<string, string>,
): Promise<string> {
  const { registry, define } = await createGauges(labels);
  define('build_info', 'Version of the barwright that serves this; always 1.', ['version']).set(
    { version: VERSION },
    1,
  );
  define('database_up', '1: the database answers, 0: it does not.', []).set(live.database.isUp ? 1 : 0);
  define('run_in_progress', '1 while a run is in progress.', []).set(live.run === null ? 0 : 1);
  if (measured !== null) {
    if (measured.lastSuccessSec !== null) addLastSuccess(define, measured.lastSuccessSec);
    if (measured.lastRun !== null) addRun(define, measured.lastRun);
    addAssets(define, measured.assets);
    addLateness(define, measured.lateness);
    addFindings(define, measured.findings);
  }
  if (freshness !== null) addFreshness(define, freshness);
  return registry.metrics();
}

function addRun(define: Define, run: RunSummary): void {
  const { finishedAt, durationSec, exitCode } = run;
  if (finishedAt !== null)
    define('last_run_timestamp_seconds', 'When the last run ended.', []).set(Date.parse(finishedAt) / 1000);
  if (durationSec !== null)
    define('last_run_duration_seconds', 'How long the last run took.', []).set(durationSec);
  if (exitCode !== null) define('last_run_exit_code', 'Exit code of the last run.', []).set(exitCode);
  const outcome = define('last_run_outcome', 'How the last run ended: 1 for the outcome it had, else 0.', [
    'outcome',
  ]);
  for (const each of ENDS) outcome.set({ outcome: each }, each === run.status ? 1 : 0);
  const of = (name: string, help: string) =>
    define(`component_${name}`, `${help} in the last run.`, ['component']);
  const duration = of('duration_seconds', 'How long a component took');
  const needed = of('rows_needed', 'Rows that had to be written');
  const written = of('rows_written', 'Rows that were written');
  const assets = define('component_assets', 'Assets by outcome in the last run.', ['component', 'outcome']);
  for (const stage of run.stages) {
    const { component } = stage;
    duration.set({ component }, stage.durationSec);
    needed.set({ component }, stage.rowsNeeded);
    written.set({ component }, stage.rowsWritten);
    for (const each of ['ok', 'failed', 'skipped'] as const)
      assets.set({ component, outcome: each }, stage[each]);
  }
}

function addFreshness(define: Define, { tables, statuses, cells }: FreshnessResponse): void {
  const gauge = define('table_assets', 'Assets by how one of their tables stands.', ['table', 'status']);
  for (const { key } of tables) {
    const found = cells[key].status;
    statuses.forEach((status, index) => {
      gauge.set({ table: key, status }, found.filter((each) => each === index).length);
    });
  }
}
