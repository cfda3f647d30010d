import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { runWorker } from '../../../orchestration/distributed/worker.js';
import { findChildContext } from '../../../orchestration/processes/child-context.js';
import type { InterruptSignal } from '../../../orchestration/processes/signals.js';
import { SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { formatRetry, RETRY_POLICY, type RetryNotice } from '../../../storage/failures/retry.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright worker`: does work of runs that were started with --distribute. */
export function workerCommand(act: Act): Command {
  const command = new Command('worker').description(
    'Take work of runs with --distribute, on any machine, until it is stopped.',
  );
  return withOptions(command, [...DATABASE_OPTIONS, 'numProcesses']).action((values: OptionValues) =>
    act(work(values)),
  );
}

/** SIGTERM is the usual end: exit 0 after unfinished tasks were given back. */
async function work(values: OptionValues): Promise<number> {
  if (findChildContext() !== null) throw new UsageError('a worker is started by people, not by a run');
  const talk = createTalk(false);
  const interrupts = catchInterrupts();
  try {
    const retry = {
      policy: RETRY_POLICY,
      signal: interrupts.signal,
      onRetry: (notice: RetryNotice) => talk.say(`[WARNING] ${formatRetry(notice)}`),
    };
    await withDatabase(values, { talk, isWriting: true, retry }, (database) =>
      runWorker({ database, count: values.numProcesses ?? 1, say: talk.say, signal: interrupts.signal }),
    );
    const reason = interrupts.signal.reason as InterruptSignal;
    return reason === 'SIGTERM' ? 0 : SIGNAL_EXIT_CODES[reason];
  } finally {
    interrupts.release();
  }
}
