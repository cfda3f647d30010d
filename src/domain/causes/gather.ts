/** The causes in what happened in a run. */
import type { AssetOutcome, ComponentName } from '../planning/outcome.js';
import { isNotRead } from '../source/fault.js';
import { type Cause, causeKey, mergeCauses, newCause } from './cause.js';

/** The parts of a run's report that say what is wrong. */
export interface RunFacts {
  components: readonly {
    component: string;
    notRun?: boolean;
    errorMessage?: string;
    outcomes?: readonly AssetOutcome[];
  }[];
  /** Why the run as a whole could not continue. */
  error: string | null;
  /** Who holds the lease instead of this run, as a sentence. */
  holder: string | null;
  /** Assets that are skipped for having failed too often; `isNew`: from now on. */
  quarantined: readonly { id: number; component: ComponentName; reason: string; isNew: boolean }[];
  warnings: readonly string[];
  /** Repairs, rejects and gaps that --strict does not let pass, counted: "2 repairs"; `id`: an asset that has them, null: unknown. */
  strictCounts: readonly { sentence: string; id: number | null }[];
  /** Causes that were noted during the run. */
  noted: readonly Cause[];
}

/** How outcomes of assets begin that a component did not come to. */
export const NOT_FINISHED = 'not finished: ';
/** How the planner words an asset that it leaves alone after too many failures. */
const QUARANTINED = /^quarantined\b[^:]*: /i;
/** How the gate words EMAs that wait for bars that are not there. */
const AFTER_BARS = /^bars (?:failed|skipped): /;

/** Everything that is wrong in a run, grouped, what is worst first. A good run has none. */
export function gatherCauses(facts: RunFacts): Cause[] {
  if (facts.holder !== null)
    return [newCause('lease_held', { sentence: facts.holder, key: 'run: lease held' })];
  return mergeCauses([
    ...(facts.error === null ? [] : [newCause('run_failed', withDefault(facts.error, 'barwright doctor'))]),
    ...facts.components.flatMap((each) => causesOfComponent(each, facts)),
    ...facts.quarantined.filter(({ isNew }) => isNew).map(causeOfQuarantine),
    ...facts.noted,
    ...facts.warnings.map((sentence) => newCause('warning', { sentence })),
    ...facts.strictCounts.map(({ sentence, id }) =>
      newCause('warning', {
        sentence,
        command: id === null ? 'barwright status' : `barwright explain ${id}`,
      }),
    ),
  ]);
}

function withDefault(sentence: string, command: string) {
  const cause = newCause('warning', { sentence });
  return { sentence, command: cause.command ?? command };
}

function causesOfComponent(result: RunFacts['components'][number], facts: RunFacts): Cause[] {
  // Why it was not run is a cause of its own already.
  if (result.notRun) return [];
  const { errorMessage, outcomes = [] } = result;
  const component = result.component as ComponentName;
  const whole =
    errorMessage === undefined || errorMessage === facts.error
      ? []
      : [newCause('component_failed', { component, ...withDefault(errorMessage, 'barwright retry') })];
  const isTold = whole.length > 0 || facts.error !== null;
  return [...whole, ...outcomes.flatMap((outcome) => causeOfOutcome(component, outcome, isTold))];
}

/** `isEndTold`: why assets were not come to is a cause of its own already; they are still counted. */
function causeOfOutcome(component: ComponentName, outcome: AssetOutcome, isEndTold: boolean): Cause[] {
  const { id, status, reason } = outcome;
  const about = { component, ids: [id], sentence: reason };
  if (status === 'ok') return [];
  if (status === 'failed') {
    if (isNotRead(reason)) return [newCause('source_fault', about)];
    if (!reason.startsWith(NOT_FINISHED))
      return [newCause('asset_failed', { ...about, command: `barwright explain ${id}` })];
    const sentence = isEndTold ? 'not finished' : reason;
    return [newCause('asset_unfinished', { ...about, sentence, command: 'barwright retry' })];
  }
  if (QUARANTINED.test(reason)) return [causeOfQuarantine({ id, component, reason })];
  // It follows from what the bars are named for.
  if (AFTER_BARS.test(reason)) return [];
  return [
    newCause('asset_skipped', { ...about, sentence: `skipped: ${reason}`, command: skipCommand(reason) }),
  ];
}

function skipCommand(reason: string): string | null {
  return /^(?:stale|no bars)/.test(reason) ? 'barwright refresh --all' : null;
}

function causeOfQuarantine(asset: { id: number; component: ComponentName; reason: string }): Cause {
  const { id, component, reason } = asset;
  return newCause('asset_quarantined', {
    ...{ component, ids: [id], command: `barwright explain ${id}` },
    sentence: QUARANTINED.test(reason) ? reason : `quarantined from now on: ${reason}`,
    // The run that quarantines and those that skip for it speak of one thing.
    key: causeKey(component, `quarantined: ${reason.replace(QUARANTINED, '')}`),
  });
}
