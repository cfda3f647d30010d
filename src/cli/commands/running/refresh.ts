import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { listAlertCauses } from '../../../orchestration/alerts/causes.js';
import { shortRun } from '../../../orchestration/past-runs/find-run.js';
import { createHide } from '../../../orchestration/program/secrets.js';
import { commandOf, runIdOf } from '../../../orchestration/report/record-run.js';
import type { RefreshReport, RefreshRequest } from '../../../orchestration/report/refresh-report.js';
import { formatSummary } from '../../../orchestration/report/summary.js';
import {
  type ReportingOptions,
  reportOfError,
  startReporting,
} from '../../../orchestration/reporting/report-run.js';
import { refreshDaily } from '../../../orchestration/run/run-daily-refresh.js';
import { databaseOf } from '../../options/database.js';
import { REFRESH_OPTIONS, RUN_OPTIONS } from '../../options/option-sets.js';
import { type OptionName, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, hideSecrets } from '../../output/messages.js';
import { createProgress } from '../../output/progress.js';
import { createQuietProgress } from '../../output/quiet.js';
import { noteReported } from '../../output/refused-runs.js';
import type { Act } from '../../running/action.js';
import { catchCrashes } from '../../running/crashes.js';
import { catchInterrupts } from '../../running/interrupts.js';

const OPTIONS: readonly OptionName[] = [
  ...REFRESH_OPTIONS,
  'resume',
  'validate',
  'distribute',
  'workerWait',
  ...RUN_OPTIONS,
];

/** `barwright refresh`: the daily refresh. */
export function refreshCommand(act: Act): Command {
  const command = new Command('refresh').description('Bring bars and EMAs up to date: the daily refresh.');
  return withOptions(command, OPTIONS).action((values: OptionValues) => {
    if (!values.bars && !values.emas && !values.indicators && !values.all) {
      throw new UsageError('Must specify --bars, --emas, or --all', { help: command.helpInformation() });
    }
    if (values.distribute && command.getOptionValueSource('numProcesses') === 'cli')
      throw new UsageError('with --distribute the workers do the work: give -n to "barwright worker"');
    return act(runRefresh(requestOf(values), reportingOf(values)));
  });
}

/** How a run is reported, beside its log. */
export interface RunTelling extends ReportingOptions {
  isJson?: boolean;
  isQuiet?: boolean;
}

/** Runs one refresh and reports it; returns the exit code. */
export async function runRefresh(request: RefreshRequest, options: RunTelling): Promise<number> {
  const { isJson = false } = options;
  const talk = hideSecrets(createTalk(isJson), createHide());
  // A dry run is there to be read.
  const quiet = options.isQuiet && !request.dryRun ? createQuietProgress() : null;
  const progress = quiet ?? (await createProgress(talk, request.verbose ?? false));
  const interrupts = catchInterrupts();
  process.title = `barwright ${commandOf(request)} ${shortRun(runIdOf(request))}`;
  const reporting = await startReporting(request, { ...options, interrupt: interrupts.signal }, progress);
  let isTold = false;
  const finish = async (report: RefreshReport) => {
    isTold = true;
    progress.close();
    await reporting.finish(report);
    // What is worth an alert is worth a line, though it leaves the exit code as it is: a day that is not plausible.
    const isSilent =
      quiet !== null && report.exitCode === 0 && listAlertCauses(report, Date.now()).length === 0;
    if (quiet !== null && !isSilent) for (const warning of quiet.warnings) talk.say(warning);
    if (!isSilent) talk.conclude(formatSummary(report));
    if (isJson) talk.json(report);
  };
  const crashes = catchCrashes(async (error) => {
    reporting.logCrash(error);
    const report = reportOfError(request, new Error('barwright crashed', { cause: error }));
    if (isTold) talk.say(`[FAILED] ${report.error}`);
    else await finish(report);
  });
  try {
    const report = await refreshDaily({ ...request, interrupt: interrupts.signal }, reporting.listener);
    await finish(report);
    return report.exitCode;
  } catch (error) {
    // Nothing was begun: the error is the answer, without a summary; log and alerts have it too.
    const report = reportOfError(request, error, 2);
    progress.close();
    await reporting.finish(report);
    for (const warning of report.warnings) talk.say(`[WARNING] ${warning}`);
    noteReported(error);
    throw error;
  } finally {
    progress.close();
    crashes.release();
    interrupts.release();
  }
}

/** The flags that say where a run is reported. */
export function reportingOf(values: OptionValues): RunTelling {
  return {
    isJson: values.json ?? false,
    isQuiet: values.quiet ?? false,
    alertOnError: values.alertOnError ?? false,
    ...(values.alertExec !== undefined && { alertExec: values.alertExec }),
    ...(values.logFile !== undefined && { logFile: values.logFile === false ? null : values.logFile }),
    ...(values.metricsFile !== undefined && { metricsFile: values.metricsFile }),
  };
}

/** The request that flags ask for; undefined flags stay absent. */
export function requestOf(values: OptionValues): RefreshRequest {
  return {
    bars: (values.bars ?? values.all) === true,
    emas: (values.emas ?? values.all) === true,
    ...(values.indicators && { indicators: true }),
    ids: parseIdList(values.ids),
    ...databaseOf(values),
    ...mannerOf(values),
    source: values.source ?? null,
    skipStaleCheck: values.skipStaleCheck ?? false,
    stalenessHours: values.stalenessHours ?? null,
    fullRebuild: values.fullRebuild ?? false,
    acceptDeletions: values.acceptDeletions ?? false,
    acceptProvisional: values.acceptProvisional ?? false,
    validate: values.validate ?? false,
    tfs: values.tfs ?? null,
    periods: values.periods ?? null,
    combos: values.tfPeriodCombos ?? null,
    resume: values.resume ? { kind: 'resume' } : null,
    ...(values.distribute && { distribute: true, workerWaitSec: values.workerWait ?? null }),
  };
}

/** How a run is done: RUN_OPTIONS but those that say where it is reported. */
export function mannerOf(values: OptionValues) {
  return {
    dryRun: values.dryRun ?? false,
    verbose: values.verbose ?? false,
    continueOnError: values.continueOnError ?? false,
    ...(values.numProcesses !== undefined && { numProcesses: values.numProcesses }),
    timeoutSec: values.timeout ?? null,
    strict: values.strict ?? false,
    ...latenessOf(values),
  };
}

/** What counts as late, and whether it matters. */
export function latenessOf(values: OptionValues): Pick<RefreshRequest, 'lateAfter' | 'allowLate'> {
  return {
    ...(values.lateAfter !== undefined && { lateAfter: values.lateAfter }),
    allowLate: values.allowLate ?? false,
  };
}
