/** Breadth first over everything that can happen, so that the shortest way to what is broken comes first. */
import { type Action, listSteps, RULES, type Rules, START, type State, type Step } from './machine.js';

export interface Reached {
  state: State;
  /** How one gets there first; null: the start. */
  via: { from: string; action: Action } | null;
  /** What can come next, by the key of the state that it leads to. */
  steps: { action: Action; to: string }[];
}

export interface Found {
  states: ReadonlyMap<string, Reached>;
  /** The shortest trace to a state in which something is broken. */
  broken: { trace: Action[]; what: string } | null;
}

const keyOf = (state: State): string => JSON.stringify(state);
const START_KEY = keyOf(START);

/**
 * Every state that the rules allow, or the first that is broken. `isReplayed`: without the orders that a server cannot
 * be made to take, since a run that waits for a lease has it as soon as the wait is over.
 */
export function search(rules: Rules = RULES, { isReplayed = false } = {}): Found {
  const states = new Map<string, Reached>([[START_KEY, { state: START, via: null, steps: [] }]]);
  // A map is walked in the order in which it was filled, also while it is filled.
  for (const [from, reached] of states) {
    const { broken } = reached.state;
    if (broken !== null) return { states, broken: { trace: traceTo(states, from), what: broken } };
    for (const { action, state } of stepsOf(reached.state, rules, isReplayed)) {
      const to = keyOf(state);
      reached.steps.push({ action, to });
      if (!states.has(to)) states.set(to, { state, via: { from, action }, steps: [] });
    }
  }
  return { states, broken: null };
}

function stepsOf(state: State, rules: Rules, isReplayed: boolean): Step[] {
  const steps = listSteps(state, rules);
  const granted = steps.filter(({ action }) => action.type === 'granted');
  return isReplayed && granted.length > 0 ? granted : steps;
}

/** The actions from the start to a state. */
function traceTo(states: ReadonlyMap<string, Reached>, key: string): Action[] {
  const trace: Action[] = [];
  let at = states.get(key);
  while (at?.via != null) {
    trace.unshift(at.via.action);
    at = states.get(at.via.from);
  }
  return trace;
}

/** Traces from the start that take every step at least once: each continues by steps that none has taken yet while there are some. */
export function coverSteps(states: ReadonlyMap<string, Reached>): Action[][] {
  const taken = new Set<string>();
  const traces: Action[][] = [];
  for (const key of states.keys()) {
    for (;;) {
      const trace = followNew(states, key, taken);
      if (trace.length === 0) break;
      traces.push([...traceTo(states, key), ...trace]);
    }
  }
  return traces;
}

function followNew(states: ReadonlyMap<string, Reached>, start: string, taken: Set<string>): Action[] {
  const trace: Action[] = [];
  let key = start;
  for (;;) {
    const from = key;
    const step = states.get(from)?.steps.find(({ to }) => !taken.has(`${from} ${to}`));
    if (step === undefined) return trace;
    taken.add(`${from} ${step.to}`);
    trace.push(step.action);
    key = step.to;
  }
}
