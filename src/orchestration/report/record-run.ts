/** What the run tables keep of a run. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { componentsOf } from '../../domain/planning/outcome.js';
import { UsageError } from '../../domain/text/errors.js';
import { isConnectionLost } from '../../storage/failures/failures.js';
import { type RunStatus, type StageStatus, writeRunEnd, writeUnbegunRun } from '../../storage/runs/runs.js';
import type { Database } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import type { ComponentResult } from '../processes/component-result.js';
import { describeError } from '../program/describe-error.js';
import { VERSION } from '../program/version.js';
import { closeReport } from './close-report.js';
import { lookUpCauses } from './look-up-causes.js';
import type { RefreshReport, RefreshRequest } from './refresh-report.js';

/**
 * Does `work`, which returns whether the run has a row by then. A run that could not begin (its source is missing, another
 * one holds the lease) gets one that says why, as far as the database takes it. Throws what `work` throws.
 */
export async function recordUnbegun(
  database: Database,
  { request, report }: { request: RefreshRequest; report: RefreshReport },
  work: () => Promise<boolean>,
): Promise<void> {
  const record = async () => {
    closeReport(report, Date.now() - Date.parse(report.startedAt));
    await lookUpCauses(database, report, commandOf(request));
    await writeUnbegunRun(database, {
      ...{ run: report.run as string, command: commandOf(request), options: optionsOf(request) },
      ...{ host: hostname(), pid: process.pid, version: VERSION, startedAt: report.startedAt },
      ...{ status: statusOf(report), exitCode: report.exitCode, report: recordOf(report) },
    }).catch(() => {
      // Its log and its alert say why; a row is what a database that refuses it cannot have.
    });
  };
  try {
    if (!(await work())) await record();
  } catch (error) {
    if (!(error instanceof UsageError) && !isConnectionLost(error)) {
      report.error = hidePassword(describeError(error));
      await record();
    }
    throw error;
  }
}

/** The end of a run that has a row: how it came out, its components, and what happened to every asset. */
export async function recordEnd(database: Database, run: string, report: RefreshReport): Promise<void> {
  const isRecorded = await writeRunEnd(database, {
    run,
    status: statusOf(report),
    exitCode: report.exitCode,
    report: recordOf(report),
    stages: report.components.map((result) => ({
      ...result,
      status: stageStatus(result),
      error: result.errorMessage ?? null,
      outcomes: result.outcomes ?? [],
    })),
  });
  if (!isRecorded)
    report.warnings.push(
      'the record of this run is gone from the database (restored, or deleted): "barwright runs" does not know it',
    );
}

/** Outcomes have a table of their own. */
function recordOf(report: RefreshReport): Record<string, unknown> {
  const { components, plan: _, ...head } = report;
  return { ...head, components: components.map(({ outcomes: _outcomes, ...result }) => result) };
}

function statusOf(report: RefreshReport): RunStatus {
  if (report.interruptedBy !== null) return 'interrupted';
  return ({ 0: 'ok', 3: 'skipped', 4: 'refused' } as const)[report.exitCode] ?? 'failed';
}

function stageStatus(result: ComponentResult): StageStatus {
  if (result.notRun) return 'not_run';
  if (!result.success) return 'failed';
  return result.skipped > 0 ? 'skipped' : 'ok';
}

/** The id of the run that a request makes: the same whenever it is asked for. */
export function runIdOf(request: RefreshRequest): string {
  request.runId ??= randomUUID();
  return request.runId;
}

/** The command of a run, as run tables and log name it. */
export function commandOf(request: RefreshRequest): string {
  if (request.resume?.kind === 'retry') return 'retry';
  const resume = request.resume ? ' --resume' : '';
  // With bars and EMAs, indicators are part of --all.
  const asked = componentsOf(request).map((component) => `--${component}`);
  return `refresh ${request.bars && request.emas ? '--all' : asked.join(' ')}${resume}`;
}

/** What was asked for, without anything that could hold a secret. */
export function optionsOf(request: RefreshRequest): Record<string, unknown> {
  const { dbUrl: _dbUrl, interrupt: _interrupt, runId: _runId, indicatorFiles: _files, ...options } = request;
  return options;
}
