/** Breadth first over everything that can happen, so that the shortest way to what is broken comes first. */
import fc from 'fast-check';

export interface Step<State, Action> {
  action: Action;
  state: State;
}

/** A protocol: what each actor can do next. */
export interface Machine<State extends { broken: string | null }, Action> {
  start: State;
  /** Every action that can come next, with the state after it. */
  listSteps(state: State): Step<State, Action>[];
  nameOf(action: Action): string;
}

export interface Reached<State, Action> {
  state: State;
  /** How one gets there first; null: the start. */
  via: { from: string; action: Action } | null;
  /** What can come next, by the key of the state that it leads to. */
  steps: { action: Action; to: string }[];
}

export type States<State, Action> = ReadonlyMap<string, Reached<State, Action>>;

export interface Found<State, Action> {
  states: States<State, Action>;
  /** The shortest trace to a state in which something is broken. */
  broken: { trace: Action[]; what: string } | null;
}

/** Every state that the machine allows, or the first that is broken. */
export function search<State extends { broken: string | null }, Action>(
  machine: Machine<State, Action>,
): Found<State, Action> {
  const keyOf = (state: State): string => JSON.stringify(state);
  const states = new Map<string, Reached<State, Action>>([
    [keyOf(machine.start), { state: machine.start, via: null, steps: [] }],
  ]);
  // A map is walked in the order in which it was filled, also while it is filled.
  for (const [from, reached] of states) {
    const { broken } = reached.state;
    if (broken !== null) return { states, broken: { trace: traceTo(states, from), what: broken } };
    for (const { action, state } of machine.listSteps(reached.state)) {
      const to = keyOf(state);
      reached.steps.push({ action, to });
      if (!states.has(to)) states.set(to, { state, via: { from, action }, steps: [] });
    }
  }
  return { states, broken: null };
}

/** The actions from the start to a state. */
function traceTo<State, Action>(states: States<State, Action>, key: string): Action[] {
  const trace: Action[] = [];
  let at = states.get(key);
  while (at?.via != null) {
    trace.unshift(at.via.action);
    at = states.get(at.via.from);
  }
  return trace;
}

/** The shortest trace to a state that `isAsked` and from which no way leads to one that `isGood`; null: there is a way from each. */
export function findStuck<State, Action>(
  states: States<State, Action>,
  { isAsked, isGood }: Record<'isAsked' | 'isGood', (state: State) => boolean>,
): Action[] | null {
  const before = new Map<string, string[]>();
  for (const [from, { steps }] of states)
    for (const { to } of steps) before.set(to, [...(before.get(to) ?? []), from]);
  const saved = new Set([...states].filter(([, { state }]) => isGood(state)).map(([key]) => key));
  for (const key of saved) for (const from of before.get(key) ?? []) saved.add(from);
  const stuck = [...states].find(([key, { state }]) => isAsked(state) && !saved.has(key));
  return stuck === undefined ? null : traceTo(states, stuck[0]);
}

/** Traces from the start that take every step at least once: each continues by steps that none has taken yet while there are some. */
export function coverSteps<State extends { broken: string | null }, Action>(
  states: States<State, Action>,
  { nameOf }: Pick<Machine<State, Action>, 'nameOf'>,
): Action[][] {
  const taken = new Set<string>();
  const traces: Action[][] = [];
  const followNew = (start: string): Action[] => {
    const trace: Action[] = [];
    for (let key = start; ; ) {
      const from = key;
      const step = states.get(from)?.steps.find(({ action }) => !taken.has(`${from} ${nameOf(action)}`));
      if (step === undefined) return trace;
      taken.add(`${from} ${nameOf(step.action)}`);
      trace.push(step.action);
      key = step.to;
    }
  };
  for (const key of states.keys()) {
    for (let trace = followNew(key); trace.length > 0; trace = followNew(key))
      traces.push([...traceTo(states, key), ...trace]);
  }
  return traces;
}

/** So many of them, by the seed. */
export function pickTraces<T>(traces: readonly T[], { count, seed }: { count: number; seed: number }): T[] {
  const numbers = fc.sample(
    fc.uniqueArray(fc.nat({ max: traces.length - 1 }), {
      minLength: Math.min(count, traces.length),
      maxLength: count,
    }),
    { seed, numRuns: 1 },
  );
  return (numbers[0] ?? []).flatMap((number) => traces.slice(number, number + 1));
}
