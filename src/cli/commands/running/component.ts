import { text as readStream } from 'node:stream/consumers';
import { Command } from 'commander';
import { refreshBars } from '../../../components/bars/refresh-bars.js';
import { refreshEmas } from '../../../components/emas/refresh-emas.js';
import { refreshIndicators } from '../../../components/indicators/refresh-indicators.js';
import type { ComponentEvent, ComponentName } from '../../../domain/planning/outcome.js';
import { BAR_BUILDERS } from '../../../domain/planning/plan.js';
import { EMA_FAMILIES } from '../../../domain/planning/plan-emas.js';
import { INDICATOR_FAMILIES } from '../../../domain/planning/plan-indicators.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { type ChildContext, findChildContext } from '../../../orchestration/processes/child-context.js';
import { IDS_FROM_STDIN } from '../../../orchestration/processes/component-command.js';
import { runWorkers } from '../../../orchestration/processes/run-workers.js';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { describeError } from '../../../orchestration/program/describe-error.js';
import { formatRetry, RETRY_POLICY } from '../../../storage/failures/retry.js';
import { readLeaseDrained } from '../../../storage/lease/lease.js';
import { type Database, openDatabase } from '../../../storage/session/database.js';
import { hidePassword } from '../../../storage/settings/secrets.js';
import { PLAN_OPTIONS, RUN_OPTIONS } from '../../options/option-sets.js';
import { type OptionName, type OptionValues, withOptions } from '../../options/options.js';
import { openEventStream } from '../../output/event-stream.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { selectNames } from '../../running/select-names.js';
import { reportingOf, requestOf, runRefresh } from './refresh.js';

const OPTIONS: readonly OptionName[] = [...PLAN_OPTIONS, 'only', 'validate', ...RUN_OPTIONS];

const TASK_IDLE_MS = 30_000;

/** `barwright bars` (run-all-bar-builders): 1D bars and the bars of every timeframe. */
export function barsCommand(act: Act): Command {
  const description = `Run the bar builders: ${BAR_BUILDERS.join(', ')}.`;
  return componentCommand('bars', description, act);
}

/** `barwright emas` (run-all-ema-refreshes): the EMAs of every timeframe. */
export function emasCommand(act: Act): Command {
  const description = `Run the EMA refreshers: ${EMA_FAMILIES.join(', ')}.`;
  return componentCommand('emas', description, act);
}

/** `barwright indicators`: the indicators of every timeframe. */
export function indicatorsCommand(act: Act): Command {
  const description = `Run the indicators: ${INDICATOR_FAMILIES.join(', ')}.`;
  return componentCommand('indicators', description, act);
}

function componentCommand(component: ComponentName, description: string, act: Act): Command {
  return withOptions(new Command(component).description(description), OPTIONS).action(
    (values: OptionValues) => {
      const context = findChildContext();
      return act(context === null ? runAlone(component, values) : runAsChild(component, values, context));
    },
  );
}

/** What `--only` names, by component. */
const ONLY = {
  bars: (only?: string[]) => ({ onlyBuilders: selectNames(only, BAR_BUILDERS) }),
  emas: (only?: string[]) => ({ onlyFamilies: selectNames(only, EMA_FAMILIES) }),
  indicators: (only?: string[]) => ({ onlyIndicators: selectNames(only, INDICATOR_FAMILIES) }),
} as const;

/** By hand a component is a refresh of itself: with the lease, the run tables and the summary. Nobody gates it. */
async function runAlone(component: ComponentName, values: OptionValues): Promise<number> {
  const request = {
    ...requestOf(values),
    bars: component === 'bars',
    emas: component === 'emas',
    ...(component === 'indicators' && { indicators: true }),
    skipStaleCheck: true,
    ...ONLY[component](values.only),
  };
  return runRefresh(request, reportingOf(values));
}

async function runAsChild(
  component: ComponentName,
  values: OptionValues,
  context: ChildContext,
): Promise<number> {
  process.title = ['barwright', component, context.lease?.owner.slice(0, 8)].join(' ').trimEnd();
  const events = openEventStream();
  const interrupts = catchInterrupts({ isChild: true });
  const database = openDatabase(context.dbUrl, {
    schema: context.schema,
    // The worker that takes the task of one that has stopped waits for its open transaction: the server ends it soon.
    ...(context.lease?.task !== undefined && { idleTimeoutMs: TASK_IDLE_MS }),
    retry: {
      policy: RETRY_POLICY,
      signal: interrupts.signal,
      onRetry: (notice) => events.emit({ type: 'message', level: 'warning', text: formatRetry(notice) }),
      // A worker that holds a lease has been there: the database is away, not misspelt.
      ...(context.lease !== null && { hasAnswered: () => true }),
    },
  });
  try {
    const ids =
      parseIdList(values.ids === IDS_FROM_STDIN ? await readStream(process.stdin) : values.ids) ?? [];
    const work = { component, values, context, ids, database, signal: interrupts.signal };
    await (values.numProcesses !== undefined && values.numProcesses > 1
      ? runShares(work, events.emit)
      : runHere(work, events.emit));
    events.emit({ type: 'finished' });
    return 0;
  } catch (error) {
    events.emit({ type: 'failed', error: hidePassword(describeError(error)) });
    const { aborted, reason } = interrupts.signal;
    return aborted ? SIGNAL_EXIT_CODES[reason as InterruptSignal] : 1;
  } finally {
    await database.close();
    interrupts.release();
    await events.close();
  }
}

interface Work {
  component: ComponentName;
  values: OptionValues;
  context: ChildContext;
  ids: readonly number[];
  database: Database;
  signal: AbortSignal;
}

async function runHere(work: Work, emit: (event: ComponentEvent) => void): Promise<void> {
  const { component, values, context, ids, database, signal } = work;
  const options = {
    ids,
    fullRebuild: values.fullRebuild ?? false,
    tfs: values.tfs ?? null,
    lease: context.lease,
    ...(typeof context.batchAssets === 'number' && { batchAssets: context.batchAssets }),
    verbose: values.verbose ?? false,
    continueOnError: values.continueOnError ?? false,
    signal,
  };
  if (component === 'bars') {
    const only = selectNames(values.only, BAR_BUILDERS);
    await refreshBars(
      database,
      {
        ...options,
        only,
        source: context.source,
        asOfUs: context.asOfUs ?? null,
        acceptDeletions: values.acceptDeletions ?? false,
        acceptProvisional: values.acceptProvisional ?? false,
      },
      emit,
    );
  } else if (component === 'emas') {
    await refreshEmas(database, { ...options, only: selectNames(values.only, EMA_FAMILIES) }, emit);
  } else {
    const only = selectNames(values.only, INDICATOR_FAMILIES);
    await refreshIndicators(database, { ...options, only }, emit);
  }
}

/** -n: the same component again in several processes, each on its share of the assets. */
async function runShares(work: Work, emit: (event: ComponentEvent) => void): Promise<void> {
  const { component, values, context, ids, database, signal } = work;
  await runWorkers(component, values.numProcesses ?? 1, {
    ids,
    context,
    only: values.only ?? null,
    verbose: values.verbose ?? false,
    continueOnError: values.continueOnError ?? false,
    fullRebuild: values.fullRebuild ?? false,
    acceptDeletions: values.acceptDeletions ?? false,
    acceptProvisional: values.acceptProvisional ?? false,
    tfs: values.tfs ?? null,
    beforeReplacing: () => readLeaseDrained(database, context.lease),
    onEvent: emit,
    signal,
  });
}
