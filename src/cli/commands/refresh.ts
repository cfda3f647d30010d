import { Command } from 'commander';
import { UsageError } from '../../domain/errors.js';
import { parseIdList } from '../../domain/ids.js';
import type { RefreshRequest } from '../../orchestration/refresh-report.js';
import { refreshDaily } from '../../orchestration/run-daily-refresh.js';
import { formatSummary } from '../../orchestration/summary.js';
import { catchInterrupts } from '../interrupts.js';
import type { Act } from '../main.js';
import { DATABASE_OPTIONS, type OptionName, type OptionValues, withOptions } from '../options.js';
import { createProgress } from '../progress.js';
import { createTalk } from '../talk.js';

const OPTIONS: readonly OptionName[] = [
  'bars',
  'emas',
  'all',
  'ids',
  ...DATABASE_OPTIONS,
  'source',
  'dryRun',
  'verbose',
  'continueOnError',
  'skipStaleCheck',
  'stalenessHours',
  'fullRebuild',
  'tfs',
  'periods',
  'tfPeriodCombos',
  'acceptDeletions',
  'validate',
  'numProcesses',
  'json',
];

/** `barwright refresh`: the daily refresh. */
export function refreshCommand(act: Act): Command {
  const command = new Command('refresh').description('Bring bars and EMAs up to date: the daily refresh.');
  return withOptions(command, OPTIONS).action((values: OptionValues) => {
    if (!values.bars && !values.emas && !values.all) {
      throw new UsageError(`Must specify --bars, --emas, or --all\n${command.helpInformation()}`);
    }
    return act(runRefresh(requestOf(values), values.json ?? false));
  });
}

/** Runs one refresh and tells its story; returns the exit code. */
export async function runRefresh(request: RefreshRequest, isJson: boolean): Promise<number> {
  const talk = createTalk(isJson);
  const interrupts = catchInterrupts();
  const progress = createProgress(talk, request.verbose ?? false);
  try {
    const report = await refreshDaily({ ...request, interrupt: interrupts.signal }, progress);
    progress.close();
    talk.say(formatSummary(report));
    if (isJson) talk.json(report);
    return report.exitCode;
  } finally {
    progress.close();
    interrupts.release();
  }
}

/** The request that flags ask for; undefined flags stay absent. */
export function requestOf(values: OptionValues): RefreshRequest {
  return {
    bars: (values.bars ?? values.all) === true,
    emas: (values.emas ?? values.all) === true,
    ids: parseIdList(values.ids),
    ...databaseOf(values),
    source: values.source ?? null,
    dryRun: values.dryRun ?? false,
    verbose: values.verbose ?? false,
    continueOnError: values.continueOnError ?? false,
    skipStaleCheck: values.skipStaleCheck ?? false,
    stalenessHours: values.stalenessHours ?? null,
    fullRebuild: values.fullRebuild ?? false,
    acceptDeletions: values.acceptDeletions ?? false,
    validate: values.validate ?? false,
    tfs: values.tfs ?? null,
    periods: values.periods ?? null,
    combos: values.tfPeriodCombos ?? null,
    ...(values.numProcesses !== undefined && { numProcesses: values.numProcesses }),
  };
}

/** Where the database is, as far as flags say. */
export function databaseOf(values: OptionValues): {
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  schema: string;
} {
  return {
    ...(values.dbUrl !== undefined && { dbUrl: values.dbUrl }),
    ...(values.embedded !== undefined && { embedded: values.embedded }),
    ...(values.dataDir !== undefined && { dataDir: values.dataDir }),
    schema: values.schema,
  };
}
