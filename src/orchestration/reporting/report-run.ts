/** What a run reports besides its terminal: log, alerts, metrics. */
import { hostname } from 'node:os';
import { ruleOf } from '../../domain/causes/kinds.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { deleteOldLogs, LOG_DIRECTORY, logFileOf } from '../logs/log-file.js';
import { logOutcome, logRun, NO_LOG, openRunLog, outcomeKey, type RunLog } from '../logs/run-log.js';
import { describeError } from '../program/describe-error.js';
import { createHide, type Hide } from '../program/secrets.js';
import { VERSION } from '../program/version.js';
import { causesOfReport } from '../report/causes-of-report.js';
import { closeReport } from '../report/close-report.js';
import { commandOf, optionsOf, runIdOf } from '../report/record-run.js';
import { newReport, type RefreshReport, type RefreshRequest } from '../report/refresh-report.js';
import type { RunListener } from '../report/run-scope.js';
import { writeMetrics } from './metrics.js';

export interface ReportingOptions {
  /** undefined: .logs/refresh-YYYY-MM-DD.log; null: none. */
  logFile?: string | null;
  /** A file for Prometheus' textfile collector. */
  metricsFile?: string;
  alertOnError?: boolean;
  /** A command line to alert by; asks for alerts by itself. */
  alertExec?: string;
  /** Aborted when an alert is not to be waited for any more. */
  interrupt?: AbortSignal;
}

export interface Reporting {
  /** Logs what `refreshDaily` says and passes it on. */
  readonly listener: RunListener;
  /** The error of a run that has no report of its own, with its stack for the log. */
  logCrash(error: unknown): void;
  /** Logs the report, alerts, writes metrics. Never throws: what could not be sent is added to `report.warnings`. */
  finish(report: RefreshReport): Promise<void>;
}

/**
 * Begins to report a run. A dry run writes nothing and sends no alert.
 * Reporting changes neither a run nor its exit code.
 */
export async function startReporting(
  request: RefreshRequest,
  options: ReportingOptions,
  listener: RunListener,
): Promise<Reporting> {
  const hide = createHide();
  const log = request.dryRun ? NO_LOG : await openLog(options, hide, runIdOf(request));
  const logged = new Set<string>();
  log.write('info', `barwright ${VERSION}: ${commandOf(request)}`, {
    event: 'start',
    version: VERSION,
    command: commandOf(request),
    options: optionsOf(request),
    host: hostname(),
    node: process.versions.node,
  });
  return {
    listener: logRun(log, listener, logged),
    logCrash(error) {
      const stack = error instanceof Error ? error.stack : undefined;
      log.write('fatal', describeError(error), { event: 'crash', stack });
    },
    async finish(report) {
      if (!report.isDryRun) {
        logReport(log, report, logged);
        const troubles = await sendReport({ request, report, options, log, hide });
        for (const trouble of troubles) log.write('warn', trouble, { event: 'reporting' });
        // Now that exit code and verdict are known: what could not be sent does not change them.
        report.warnings.push(...(log.failure === null ? [] : [log.failure]), ...troubles);
        report.causes = causesOfReport(report);
      }
      log.close();
    },
  };
}

/** The report of a run that did not come to one of its own. */
export function reportOfError(request: RefreshRequest, error: unknown, exitCode = 1): RefreshReport {
  const report = newReport(request);
  report.error = hidePassword(describeError(error));
  closeReport(report, performance.now());
  return { ...report, exitCode };
}

async function openLog(options: ReportingOptions, hide: Hide, run: string): Promise<RunLog> {
  if (options.logFile === null) return NO_LOG;
  const now = new Date();
  if (options.logFile === undefined) deleteOldLogs(LOG_DIRECTORY, now);
  return openRunLog(options.logFile ?? logFileOf(now), {
    ...{ hide, run },
    isPrivate: options.logFile === undefined,
  });
}

/** Outcomes of assets that had no event (nothing to start, or decided before), then the report without them. */
function logReport(log: RunLog, report: RefreshReport, logged: ReadonlySet<string>): void {
  for (const { component, outcomes = [] } of report.components) {
    for (const outcome of outcomes) {
      const isIdle = outcome.status === 'ok' && outcome.action === 'none';
      if (!isIdle && !logged.has(outcomeKey(component, outcome))) logOutcome(log, component, outcome);
    }
  }
  for (const warning of report.warnings) log.write('warn', warning, { event: 'warning' });
  for (const { kind, ids, sentence } of report.causes)
    if (ruleOf(kind).isNoted) log.write('warn', sentence, { event: 'cause', kind, ids });
  if (report.error !== null) log.write('error', report.error, { event: 'error' });
  const { components, plan: _plan, ...head } = report;
  log.write(report.exitCode === 0 ? 'info' : 'error', `${report.verdict} (exit ${report.exitCode})`, {
    event: 'report',
    report: { ...head, components: components.map(({ outcomes: _outcomes, ...result }) => result) },
  });
}

interface Reported {
  request: RefreshRequest;
  report: RefreshReport;
  options: ReportingOptions;
  log: RunLog;
  hide: Hide;
}

/** Metrics and alerts; what went wrong with them, as sentences. */
async function sendReport({ request, report, options, log, hide }: Reported): Promise<string[]> {
  const troubles: string[] = [];
  const attempt = async (what: string, work: () => Promise<string[]>) => {
    try {
      troubles.push(...(await work()).map(hide));
    } catch (error) {
      troubles.push(hide(`${what}: ${describeError(error)}`));
    }
  };
  const { metricsFile, interrupt } = options;
  if (metricsFile !== undefined)
    await attempt('metrics were not written', () => writeMetrics(metricsFile, { request, report }));
  if (options.alertOnError || options.alertExec !== undefined)
    await attempt('alerts were not sent', async () => {
      const { alertAboutRun } = await import('../alerts/alert-about-run.js');
      return alertAboutRun(report, {
        ...{ request, hide, logFile: log.path, command: options.alertExec ?? null },
        ...(interrupt && { interrupt }),
      });
    });
  return troubles;
}
