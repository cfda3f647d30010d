/** The metrics of a run, as a file for Prometheus' textfile collector. */
import { constants, readFileSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DEFAULT_GRACE } from '../../domain/calendar/lateness.js';
import { deleteLeftParts, partOf } from '../../storage/backup/partial-files.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { type AssetLag, listAssetLags } from '../../storage/planning/lag.js';
import { type OpenFindings, readOpenFindings } from '../../storage/prices/findings.js';
import { findLastGoodRun } from '../../storage/runs/health.js';
import { openDatabase } from '../../storage/session/database.js';
import { isSpecialFile, makeFolder } from '../../storage/settings/folder.js';
import { readSource } from '../../storage/source/source.js';
import { type AssetLateness, readLateness } from '../lateness/read-lateness.js';
import { describeError } from '../program/describe-error.js';
import { VERSION } from '../program/version.js';
import type { RefreshReport, RefreshRequest } from '../report/refresh-report.js';
import {
  addAssets,
  addFindings,
  addLastSuccess,
  addLateness,
  createGauges,
  type Define,
  LAST_SUCCESS,
} from './gauges.js';

export interface MetricsScope {
  request: RefreshRequest;
  report: RefreshReport;
}

/** What the database says after the run; null where it could not be asked. */
export interface Standing {
  assets: readonly AssetLag[] | null;
  /** How active assets stand against their calendars. */
  lateness: readonly AssetLateness[];
  findings: OpenFindings | null;
  lastSuccessSec: number | null;
}

/** The run is over, and the database may be what made it fail: numbers are not worth a long wait. */
const LIMITS = { maxConnections: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 30_000 };

/**
 * Writes the file, whole or not at all; returns what is missing in it, as sentences. Throws when it cannot be written.
 */
export async function writeMetrics(path: string, scope: MetricsScope): Promise<string[]> {
  const missing: string[] = [];
  const standing = await readStanding(scope).catch((error: unknown): Standing => {
    missing.push(`the metrics have no ages of assets: ${describeError(error)}`);
    return { assets: null, lateness: [], findings: null, lastSuccessSec: null };
  });
  const lastSuccessSec = standing.lastSuccessSec ?? readFormerSuccess(path);
  const text = await formatMetrics(scope.report, { ...standing, lastSuccessSec }, Date.now() / 1000);
  await replaceFile(path, text);
  // Without a database the run's own error says so already.
  return scope.report.error === null ? missing : [];
}

async function readStanding({ request, report }: MetricsScope): Promise<Standing> {
  const { url } = await findConnection({ ...request, mayStart: false });
  const database = openDatabase(url, { ...LIMITS, schema: report.schema });
  try {
    return await database.read(async (tx) => {
      const good = await findLastGoodRun(tx, { allowSkipped: false, isWhole: false });
      const source = await readSource(tx, request.source ?? null);
      return {
        assets: await listAssetLags(tx, source),
        lateness: (await readLateness(tx, { ids: null, grace: request.lateAfter ?? DEFAULT_GRACE, source }))
          .assets,
        findings: await readOpenFindings(tx),
        lastSuccessSec: good === null ? null : Date.parse(good.finishedAt) / 1000,
      };
    });
  } finally {
    await database.close();
  }
}

/** The time of the last success in the file that is about to be replaced: alerts on it must not fall silent. */
function readFormerSuccess(path: string): number | null {
  // A pipe has no former file in it, and reading one would wait for a writer.
  if (isSpecialFile(path)) return null;
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const line = lines.find(
      (each) => each.startsWith(`${LAST_SUCCESS} `) || each.startsWith(`${LAST_SUCCESS}{`),
    );
    const value = Number(line?.slice(line.lastIndexOf(' ')) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

/** The collector reads whenever it likes, as another user: one whole file after the other, readable for all. */
async function replaceFile(path: string, text: string): Promise<void> {
  // A pipe without a reader is an error at once, not a wait.
  const now = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0);
  if (isSpecialFile(path)) return writeFile(path, text, { flag: now });
  makeFolder(dirname(path));
  await deleteLeftParts(dirname(path));
  const beside = partOf(path);
  try {
    await writeFile(beside, text, { flag: 'wx' });
    await chmod(beside, 0o644);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** The text of the file. `nowSec`: the end of the run, epoch seconds. */
async function formatMetrics(report: RefreshReport, standing: Standing, nowSec: number): Promise<string> {
  const { registry, define } = await createGauges(labelsOf(report));
  addRun(define, report, nowSec);
  if (standing.lastSuccessSec !== null) addLastSuccess(define, standing.lastSuccessSec);
  addComponents(define, report);
  if (standing.assets !== null) addAssets(define, standing.assets);
  addLateness(define, standing.lateness);
  if (standing.findings !== null) addFindings(define, standing.findings);
  return registry.metrics();
}

/** On every sample: one folder can have the files of several warehouses. */
function labelsOf({ database, schema }: RefreshReport): Record<string, string> {
  const url = database === null ? null : URL.parse(database);
  return { database: url === null ? '' : `${url.host}${url.pathname}`, schema };
}

const OUTCOMES = ['ok', 'failed', 'skipped', 'refused', 'interrupted', 'usage'] as const;

function outcomeOf({ exitCode, heldBy, interruptedBy }: RefreshReport): (typeof OUTCOMES)[number] {
  if (interruptedBy !== null) return 'interrupted';
  if (heldBy !== null) return 'refused';
  return ({ 0: 'ok', 2: 'usage', 3: 'skipped' } as const)[exitCode] ?? 'failed';
}

function addRun(define: Define, report: RefreshReport, nowSec: number): void {
  define('build_info', 'Version of the barwright that ran; always 1.', ['version']).set(
    { version: VERSION },
    1,
  );
  define('last_run_timestamp_seconds', 'When the last run ended.', []).set(nowSec);
  define('last_run_duration_seconds', 'How long the last run took.', []).set(report.durationSec);
  define('last_run_exit_code', 'Exit code of the last run.', []).set(report.exitCode);
  define('last_run_warnings', 'Warnings in the summary of the last run.', []).set(report.warnings.length);
  const outcome = define('last_run_outcome', 'How the last run ended: 1 for the outcome it had, else 0.', [
    'outcome',
  ]);
  for (const each of OUTCOMES) outcome.set({ outcome: each }, each === outcomeOf(report) ? 1 : 0);
}

function addComponents(define: Define, { components }: RefreshReport): void {
  const of = (name: string, help: string) =>
    define(`component_${name}`, `${help} in the last run.`, ['component']);
  const duration = of('duration_seconds', 'How long a component took');
  const needed = of('rows_needed', 'Rows that had to be written');
  const written = of('rows_written', 'Rows that were written');
  const rejects = of('rejects', 'Source rows that were refused');
  const repairs = of('repairs', 'Source rows that were repaired');
  const gaps = of('gap_days', 'Days without a price');
  const assets = define('component_assets', 'Assets by outcome in the last run.', ['component', 'outcome']);
  for (const result of components) {
    const { component } = result;
    duration.set({ component }, result.durationSec);
    needed.set({ component }, result.rowsNeeded);
    written.set({ component }, result.rowsWritten);
    rejects.set({ component }, result.rejects ?? 0);
    repairs.set({ component }, result.repairs ?? 0);
    gaps.set({ component }, result.gaps ?? 0);
    for (const outcome of ['ok', 'failed', 'skipped'] as const)
      assets.set({ component, outcome }, result[outcome]);
  }
}
