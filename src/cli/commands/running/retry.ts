import { Command } from 'commander';
import { databaseOf } from '../../options/database.js';
import { RUN_OPTIONS } from '../../options/option-sets.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import type { Act } from '../../running/action.js';
import { mannerOf, reportingOf, runRefresh } from './refresh.js';

/** `barwright retry [RUN]`: what a run left failed or unfinished, once more, with its options and as of its time. */
export function retryCommand(act: Act): Command {
  const command = new Command('retry')
    .description('Do the failed and unfinished assets of a run again, as of its time.')
    .argument('[run]', 'Id of a run, its beginning, or "last" (default: the last run that has any)');
  return withOptions(command, [...DATABASE_OPTIONS, ...RUN_OPTIONS]).action(
    (run: string | undefined, values: OptionValues) =>
      act(
        runRefresh(
          {
            // What the run was asked for decides: see pinRequest.
            bars: false,
            emas: false,
            ...databaseOf(values),
            ...mannerOf(values),
            resume: { kind: 'retry', run: run ?? null },
          },
          reportingOf(values),
        ),
      ),
  );
}
