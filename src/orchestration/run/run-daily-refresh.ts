import { hostname } from 'node:os';
import { warningOfClock } from '../../domain/calendar/clock.js';
import { type ComponentName, componentsOf, DERIVED } from '../../domain/planning/outcome.js';
import { UsageError } from '../../domain/text/errors.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { LeaseLostError } from '../../storage/failures/lease-lost.js';
import { formatRetry, RETRY_POLICY } from '../../storage/failures/retry.js';
import { type DiedRun, deleteOldRuns, writeRunStart } from '../../storage/runs/runs.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import { readClockDifference } from '../../storage/schema/server-facts.js';
import { type Database, openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { readSource } from '../../storage/source/source.js';
import { judgeFindings } from '../findings/judge-findings.js';
import { learnQuotes } from '../findings/learn-quotes.js';
import { nameJudgedRows } from '../findings/name-judged-rows.js';
import { nameKeptDays } from '../findings/name-kept-days.js';
import { noteLateness } from '../lateness/note-lateness.js';
import { shortRun } from '../past-runs/find-run.js';
import { type ComponentResult, notRun, resultOf } from '../processes/component-result.js';
import type { InterruptSignal } from '../processes/signals.js';
import { describeError } from '../program/describe-error.js';
import { VERSION } from '../program/version.js';
import { noteCause } from '../report/causes-of-report.js';
import { closeReport } from '../report/close-report.js';
import { lookUpCauses } from '../report/look-up-causes.js';
import { writeMarks } from '../report/marks.js';
import { commandOf, optionsOf, recordEnd, recordUnbegun, runIdOf } from '../report/record-run.js';
import { newReport, type RefreshReport, type RefreshRequest } from '../report/refresh-report.js';
import type { RunListener, RunScope } from '../report/run-scope.js';
import { closeQuarantine, listHeld, openQuarantine } from '../selection/quarantine.js';
import { settleIndicators } from '../selection/select-components.js';
import { registerSourceAssets, type Selection, selectIds } from '../selection/select-ids.js';
import { selectTimeframes } from '../selection/select-series.js';
import { fileAfterWork } from './file-after-work.js';
import { noteProgress } from './note-progress.js';
import { withIndicatorFiles } from './own-files.js';
import type { PinnedRequest } from './resume-run.js';
import { passGate, runBarsStage, runDerivedStage } from './stages.js';
import { underLease } from './under-lease.js';
import { vacuumAfter } from './vacuum-after.js';
import { watchLocks } from './watch-locks.js';

const SILENT: RunListener = { say() {}, event() {} };

/**
 * The daily refresh: bars, then freshness, then EMAs of the assets that passed, then the report.
 * Throws UsageError when no target or no database was named; every other trouble is in the report.
 */
export async function refreshDaily(
  asked: RefreshRequest,
  listener: RunListener = SILENT,
): Promise<RefreshReport> {
  if (componentsOf(asked).length === 0 && asked.resume?.kind !== 'retry')
    throw new UsageError('Must specify --bars, --emas, or --all');
  const startedMs = performance.now();
  // A run that continues another takes over what that one was asked for.
  const request = { ...asked };
  const report = newReport(request);
  let nothing: string | null = null;
  try {
    nothing = await withIndicatorFiles(asked.indicatorFiles, async () => {
      if (!report.isDryRun) return connectAndRun(request, report, listener);
      await (await import('./dry-run.js')).planDryRun(request, report, listener);
      return null;
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    report.error = hidePassword(describeError(error));
  }
  if (request.interrupt?.aborted) report.interruptedBy = request.interrupt.reason as InterruptSignal;
  if (!report.isDryRun && nothing === null) completeComponents(request, report);
  closeReport(report, performance.now() - startedMs);
  if (nothing !== null && report.exitCode === 0) report.verdict = `OK: ${nothing}`;
  return report;
}

/** Returns null when it ran (or was refused), and a sentence when there was no run to continue. */
async function connectAndRun(
  request: RefreshRequest,
  report: RefreshReport,
  listener: RunListener,
): Promise<string | null> {
  const connection = await findConnection({ ...request, mayStart: true });
  report.database = hidePassword(connection.url);
  for (const warning of connection.warnings) listener.say(`[WARNING] ${warning}`);
  listener.say(`[INFO] database: ${report.database} (from ${connection.source})`);
  const database = openDatabase(connection.url, {
    schema: report.schema,
    retry: {
      policy: RETRY_POLICY,
      signal: request.interrupt,
      onRetry: (notice) => listener.say(`[WARNING] ${formatRetry(notice)}`),
    },
  });
  try {
    await checkSchema(database);
    await warnOfClock(database, report);
    const pinned = request.resume
      ? await (await import('./resume-run.js')).pinRequest(database, request)
      : null;
    if (typeof pinned === 'string') return pinned;
    if (pinned !== null) {
      Object.assign(request, pinned.request);
      listener.say(`[INFO] ${pinned.words}`);
    }
    await settleIndicators(database, request);
    report.run = runIdOf(request);
    await recordUnbegun(database, { request, report }, () =>
      runUnderLease({ database, request, report, listener }, pinned),
    );
    await vacuumAfter(database, { report, say: listener.say, signal: request.interrupt });
    return null;
  } finally {
    await database.close();
  }
}

type Beginning = Pick<RunScope, 'database' | 'request' | 'report' | 'listener'>;

/** Returns whether the run has a row. */
async function runUnderLease(beginning: Beginning, pinned: PinnedRequest | null): Promise<boolean> {
  const { database, request, report, listener } = beginning;
  const source = {
    ...(await database.read((tx) => readSource(tx, request.source ?? null))),
    acceptProvisional: request.acceptProvisional ?? false,
  };
  const tfs = await selectTimeframes(database, request);
  const info = {
    run: report.run as string,
    command: commandOf(request),
    host: hostname(),
    pid: process.pid,
    startedAt: report.startedAt,
  };
  const taking = { info, interrupt: request.interrupt, say: listener.say };
  report.heldBy = await underLease(database, taking, async (lease, signal) => {
    const exceptIds = pinned?.exceptIds ?? [];
    await runRecorded({ ...beginning, source, tfs, lease, exceptIds, signal, marks: [] }, pinned);
  });
  return report.heldBy === null;
}

/** Freshness goes by the database's clock; the logs of this machine must say when its clock differs. */
async function warnOfClock(database: Database, report: RefreshReport): Promise<void> {
  const warning = warningOfClock(await readClockDifference(database));
  if (warning !== null) report.warnings.push(warning);
}

/** What is known before the quarantine is read. */
type EarlyScope = Omit<RunScope, 'quarantine'>;

/** Runs and leaves a final row in refresh_run on every path. */
async function runRecorded(scope: EarlyScope, pinned: PinnedRequest | null): Promise<void> {
  const { report, database, request } = scope;
  const run = report.run as string;
  const { asOfUs, died } = await writeRunStart(database, {
    run,
    command: commandOf(request),
    options: optionsOf(request),
    host: hostname(),
    pid: process.pid,
    version: VERSION,
    lease: scope.lease,
    asOfUs: pinned?.asOfUs ?? null,
    resumes: pinned?.resumes ?? null,
  });
  for (const dead of died)
    noteCause(report, 'run_died', { sentence: formatDied(dead), key: `run: died: ${dead.run}` });
  report.asOf = new Date(Math.floor(asOfUs / 1000)).toISOString();
  const noted = noteProgress(database, run, scope.listener);
  const locks = watchLocks(database, scope.listener.say);
  try {
    await deleteOldRuns(database).catch((error) =>
      report.warnings.push(`old runs could not be deleted: ${hidePassword(describeError(error))}`),
    );
    await runStages({ ...scope, listener: noted.listener, source: { ...scope.source, asOfUs } });
  } catch (error) {
    report.error = hidePassword(describeError(error));
  } finally {
    noted.close();
    locks.close();
  }
  if (scope.signal.reason instanceof LeaseLostError) report.error = scope.signal.reason.message;
  if (request.interrupt?.aborted) report.interruptedBy = request.interrupt.reason as InterruptSignal;
  completeComponents(request, report);
  closeReport(report, Date.now() - Date.parse(report.startedAt));
  await lookUpCauses(database, report, commandOf(request));
  await recordEnd(database, run, report);
  await writeMarks(scope, scope.marks);
}

/** Whom the run is about, then the plot, then who is quarantined after it. */
async function runStages(scope: EarlyScope): Promise<void> {
  const { request, report, database } = scope;
  const registered = await registerSourceAssets(database, scope.source, scope.lease);
  if (typeof registered === 'string')
    report.warnings.push(
      `the source could not be asked for new assets, the known ones are refreshed: ${registered}`,
    );
  else if (registered.length > 0)
    scope.listener.say(`[INFO] registered ${registered.length} new assets of the source`);
  const selection = await selectIds(database, request.ids ?? null);
  const ids = selection.ids.filter((id) => !scope.exceptIds.includes(id));
  if (selection.ids.length === 0 && selection.refused.length === 0) {
    noteCause(report, 'no_assets', {
      sentence: 'there is no active asset, so nothing was done: load prices with "barwright ingest" first',
    });
  }
  const quarantine = await openQuarantine(database, { source: scope.source, named: request.ids ?? null });
  for (const { id, component, why } of quarantine.released)
    scope.listener.say(`[INFO] ID ${id} ${component}: released from quarantine, ${why}`);
  await runComponents({ ...scope, quarantine }, { ...selection, ids });
  for (const { component } of report.components)
    report.quarantined.push(...listHeld(quarantine.held, component as ComponentName, selection.ids));
  if (!scope.signal.aborted) await fileAfterWork(report, () => noteLateness(scope, selection.ids));
  const closing = { run: report.run as string, marks: quarantine.marks };
  report.quarantined.push(...(await closeQuarantine(database, closing, report.components)));
  if (request.bars && !scope.signal.aborted) {
    await fileAfterWork(report, () => judgeFindings(scope));
    await fileAfterWork(report, () => learnQuotes(scope));
    nameJudgedRows(report);
    await fileAfterWork(report, () => nameKeptDays(scope));
  }
  if (request.validate && !scope.signal.aborted) {
    const { validateRun, warningsOfValidation } = await import('../report/validate-run.js');
    report.validation = await validateRun(scope, selection.ids);
    report.warnings.push(...warningsOfValidation(report.validation));
  }
}

/** The plot: bars, then freshness, then what is made of bars, of the assets that passed. */
async function runComponents(scope: RunScope, selection: Selection): Promise<void> {
  const { request, report } = scope;
  const derived = DERIVED.filter((component) => request[component] === true);
  let bars: ComponentResult | null = null;
  if (request.bars) {
    bars = withRefused(await runBarsStage(scope, selection.ids), selection.refused);
    report.components.push(bars);
    if (scope.signal.aborted) return;
  }
  let before = bars;
  const gate =
    derived.length === 0 || hasStopped(bars, request) ? null : await passGate(scope, selection.ids, bars);
  for (const component of derived) {
    if (gate === null || hasStopped(before, request)) {
      const why = `${before?.component} failed as a whole; --continue-on-error continues`;
      report.components.push(notRun(component, why));
      continue;
    }
    const result = await runDerivedStage(scope, component, gate);
    const isFirst = report.components.length === 0;
    before = isFirst ? withRefused(result, selection.refused) : result;
    report.components.push(before);
    if (scope.signal.aborted) return;
  }
}

/** Whether a component that failed as a whole ends the run. */
function hasStopped(result: ComponentResult | null, request: RefreshRequest): boolean {
  return result?.errorMessage !== undefined && request.continueOnError !== true;
}

function withRefused(
  result: ComponentResult,
  refused: NonNullable<ComponentResult['outcomes']>,
): ComponentResult {
  if (refused.length === 0) return result;
  return resultOf({
    component: result.component as ComponentName,
    durationMs: result.durationSec * 1000,
    returnCode: result.returnCode,
    error: result.errorMessage ?? null,
    outcomes: [...(result.outcomes ?? []), ...refused],
  });
}

/** Every component that was asked for has its place in the report, also when the run never came to it. */
function completeComponents(request: RefreshRequest, report: RefreshReport): void {
  const why =
    report.interruptedBy ?? (report.heldBy ? 'another run holds the lease' : (report.error ?? 'interrupted'));
  for (const component of componentsOf(request)) {
    if (!report.components.some((each) => each.component === component))
      report.components.push(notRun(component, why));
  }
}

function formatDied({ run, command, host, pid }: DiedRun): string {
  return `run ${shortRun(run)} (${command} on ${host}, process ${pid}) had died silently; "barwright runs ${shortRun(run)}" shows it`;
}
