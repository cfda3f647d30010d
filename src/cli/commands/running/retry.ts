import { Command } from 'commander';
import { databaseOf } from '../../options/database.js';
import {
  DATABASE_OPTIONS,
  type OptionName,
  type OptionValues,
  TELLING_OPTIONS,
  withOptions,
} from '../../options/options.js';
import type { Act } from '../../running/action.js';
import { latenessOf, reportingOf, runRefresh } from './refresh.js';

const OPTIONS: readonly OptionName[] = [
  ...DATABASE_OPTIONS,
  'dryRun',
  'verbose',
  'continueOnError',
  'numProcesses',
  'timeout',
  ...TELLING_OPTIONS,
  'json',
];

/** `barwright retry [RUN]`: what a run left failed or unfinished, once more, with its options and as of its time. */
export function retryCommand(act: Act): Command {
  const command = new Command('retry')
    .description('Do the failed and unfinished assets of a run again, as of its time.')
    .argument('[run]', 'Id of a run, its beginning, or "last" (default: the last run that has any)');
  return withOptions(command, OPTIONS).action((run: string | undefined, values: OptionValues) =>
    act(
      runRefresh(
        {
          // What the run was asked for decides: see pinRequest.
          bars: false,
          emas: false,
          ...databaseOf(values),
          dryRun: values.dryRun ?? false,
          verbose: values.verbose ?? false,
          continueOnError: values.continueOnError ?? false,
          ...(values.numProcesses !== undefined && { numProcesses: values.numProcesses }),
          timeoutSec: values.timeout ?? null,
          resume: { kind: 'retry', run: run ?? null },
          strict: values.strict ?? false,
          ...latenessOf(values),
        },
        reportingOf(values),
      ),
    ),
  );
}
