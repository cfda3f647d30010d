/**
 * The protocol by which runs write, as a small state machine: two runs, a loader and a killer. Each action is one that
 * the server sees as one; whatever lies between two of them belongs to one actor alone. Decisions 058, 062, 064.
 */

import type { Machine, Step as StepOf } from './search.js';

export const RUNS = ['A', 'B'] as const;
export type RunName = (typeof RUNS)[number];

/** A change of the source that the loader makes; the newest one has the highest number. */
const LOADS = 2;

export interface RunState {
  /** `asking` waits for write transactions under the lease that it takes over; `ready` has written, and not committed. */
  at: 'idle' | 'asking' | 'holding' | 'fenced' | 'ready' | 'over';
  /** The token of its lease; 0: it never had one. */
  token: number;
  /** Whether its process was killed. */
  isDead: boolean;
  /** What a killed process has left open in the server; `sent`: a COMMIT was on its way. */
  orphan: null | 'fenced' | 'ready' | 'sent';
  /** The snapshot of its open transaction. */
  sawSource: number;
  sawNotes: readonly number[];
}

export interface State {
  /** null: no row. */
  lease: { owner: RunName; token: number; isLive: boolean } | null;
  /** How often a restore has taken the row of the lease away. */
  restores: number;
  /** The newest change that is committed, and one that is not yet. */
  source: number;
  loading: number | null;
  /** Notes of change that are committed, by the change that filed them. */
  notes: readonly number[];
  /** The newest change that is in the bars. */
  stored: number;
  runs: Readonly<Record<RunName, RunState>>;
  /** What the last action broke. */
  broken: string | null;
}

/** Rules that can be left out, to see that the search finds what they prevent. */
export interface Rules {
  /** The fence compares the owner of the lease beside its token. */
  comparesOwner: boolean;
  /** Notes are read in the snapshot of the source: only those are deleted. */
  readsNotesWithSource: boolean;
  /** A takeover waits for the write transactions under the lease. */
  drains: boolean;
}

export const RULES: Rules = { comparesOwner: true, readsNotesWithSource: true, drains: true };

export interface Action {
  actor: RunName | 'loader' | 'killer';
  type: ActionType;
  /** The run that the killer means. */
  run?: RunName;
}
export type ActionType =
  | 'ask'
  | 'granted'
  | 'beat'
  | 'begin'
  | 'write'
  | 'commit'
  | 'release'
  | 'load'
  | 'commit load'
  | 'kill'
  | 'kill while committing'
  | 'orphan ends'
  | 'orphan commits'
  | 'expire'
  | 'restore';

const START_RUN: RunState = {
  ...{ at: 'idle', token: 0, isDead: false, orphan: null, sawSource: 0, sawNotes: [] },
};

/** Everything is stored, and no run has begun. */
export const START: State = {
  ...{ lease: null, restores: 0, source: 0, loading: null, notes: [], stored: 0, broken: null },
  runs: { A: START_RUN, B: START_RUN },
};

/** "A begin", "killer kill B". */
export function nameOf({ actor, type, run }: Action): string {
  return [actor, type, run].filter((word) => word !== undefined).join(' ');
}

/**
 * The machine by these rules. `isReplayed`: without the orders that a server cannot be made to take, since a run that
 * waits for a lease has it as soon as the wait is over.
 */
export function writingBy(rules: Rules = RULES, { isReplayed = false } = {}): Machine<State, Action> {
  return {
    start: START,
    nameOf,
    listSteps(state) {
      const steps = listSteps(state, rules);
      const granted = steps.filter(({ action }) => action.type === 'granted');
      return isReplayed && granted.length > 0 ? granted : steps;
    },
  };
}

type Step = StepOf<State, Action>;

/** Every action that can come next, with the state after it. */
export function listSteps(state: State, rules: Rules = RULES): Step[] {
  return [
    ...RUNS.flatMap((name) => (state.runs[name].isDead ? [] : stepsOfRun(state, name, rules))),
    ...stepsOfLoader(state),
    ...stepsOfKiller(state, rules),
  ];
}

function withRun(state: State, name: RunName, change: Partial<RunState>): State {
  return { ...state, runs: { ...state.runs, [name]: { ...state.runs[name], ...change } } };
}

const isInTransaction = ({ at, orphan, isDead }: RunState) =>
  isDead ? orphan !== null : at === 'fenced' || at === 'ready';

const otherOf = (name: RunName): RunName => (name === 'A' ? 'B' : 'A');

function stepsOfRun(state: State, name: RunName, rules: Rules): Step[] {
  const run = state.runs[name];
  const step = (type: ActionType, after: State): Step => ({ action: { actor: name, type }, state: after });
  switch (run.at) {
    case 'idle':
      return [step('ask', ask(state, name, rules))];
    case 'asking':
      return isWaiting(state, name, rules) ? [] : [step('granted', take(state, name))];
    case 'holding':
      return [
        ...beats(state, name),
        step('begin', begin(state, name, rules)),
        step('release', release(state, name)),
      ];
    case 'fenced':
      return [...beats(state, name), step('write', withRun(state, name, { at: 'ready' }))];
    case 'ready':
      return [...beats(state, name), step('commit', withRun(commit(state, name, rules), name, CLOSED))];
    default:
      return [];
  }
}

const CLOSED = { at: 'holding', sawSource: 0, sawNotes: [] } as const;
const OVER = { at: 'over', sawSource: 0, sawNotes: [] } as const;

/** A lease of a living holder is refused; one that has run out, or whose holder is known to be dead, is taken. */
function ask(state: State, name: RunName, rules: Rules): State {
  if (isHeldByOther(state, name)) return withRun(state, name, OVER);
  return isWaiting(state, name, rules) ? withRun(state, name, { at: 'asking' }) : take(state, name);
}

function isHeldByOther({ lease, runs }: State, name: RunName): boolean {
  return lease?.isLive === true && lease.owner !== name && !runs[lease.owner].isDead;
}

function isWaiting(state: State, name: RunName, { drains }: Rules): boolean {
  const other = otherOf(name);
  return drains && state.lease?.owner === other && isInTransaction(state.runs[other]);
}

/** Asked once more when the wait is over: the holder may have come back to life. */
function take(state: State, name: RunName): State {
  if (isHeldByOther(state, name)) return withRun(state, name, OVER);
  const token = (state.lease?.token ?? 0) + 1;
  const lease = { owner: name, token, isLive: true };
  return withRun({ ...state, lease }, name, { at: 'holding', token });
}

function isOwn({ lease, runs }: State, name: RunName, { comparesOwner }: Rules): boolean {
  return lease?.token === runs[name].token && (!comparesOwner || lease.owner === name);
}

/** Only where it changes something: a lease that had run out lives again unless it was taken over. */
function beats(state: State, name: RunName): Step[] {
  const { lease } = state;
  if (lease === null || lease.isLive || !isOwn(state, name, RULES)) return [];
  const after = { ...state, lease: { ...lease, isLive: true } };
  return [{ action: { actor: name, type: 'beat' }, state: after }];
}

/** The fence, and with it the snapshot. */
function begin(state: State, name: RunName, rules: Rules): State {
  if (state.lease?.isLive !== true || !isOwn(state, name, rules)) return withRun(state, name, OVER);
  return withRun(state, name, { at: 'fenced', sawSource: state.source, sawNotes: state.notes });
}

function release(state: State, name: RunName): State {
  const { lease } = state;
  const after = withRun(state, name, OVER);
  return lease !== null && isOwn(state, name, RULES)
    ? { ...after, lease: { ...lease, isLive: false } }
    : after;
}

function commit(state: State, name: RunName, { readsNotesWithSource }: Rules): State {
  const { sawSource, sawNotes } = state.runs[name];
  const consumed = readsNotesWithSource ? sawNotes : state.notes;
  // Without a note there is nothing to do, whatever the source has become.
  const stored = consumed.length === 0 ? state.stored : sawSource;
  const notes = state.notes.filter((note) => !consumed.includes(note));
  return judge({ ...state, stored, notes }, state, name);
}

function stepsOfLoader(state: State): Step[] {
  const step = (type: ActionType, after: State): Step[] => [
    { action: { actor: 'loader', type }, state: after },
  ];
  const { loading, source, notes } = state;
  if (loading !== null)
    return step('commit load', { ...state, source: loading, loading: null, notes: [...notes, loading] });
  return source < LOADS ? step('load', { ...state, loading: source + 1 }) : [];
}

function stepsOfKiller(state: State, rules: Rules): Step[] {
  const steps: Step[] = [];
  const add = (type: ActionType, after: State, run?: RunName) =>
    steps.push({ action: { actor: 'killer', type, ...(run && { run }) }, state: after });
  for (const name of RUNS) {
    const { at, isDead, orphan } = state.runs[name];
    const left = at === 'fenced' || at === 'ready' ? at : null;
    if (!isDead && (left !== null || at === 'holding')) add('kill', die(state, name, left), name);
    if (!isDead && at === 'ready') add('kill while committing', die(state, name, 'sent'), name);
    if (orphan === 'sent') add('orphan commits', withRun(commit(state, name, rules), name, BURIED), name);
    else if (orphan !== null) add('orphan ends', withRun(state, name, BURIED), name);
  }
  const { lease, restores } = state;
  if (lease?.isLive) add('expire', { ...state, lease: { ...lease, isLive: false } });
  // A restore ends every session, so none is inside a transaction then.
  const isQuiet = RUNS.every(
    (name) => !isInTransaction(state.runs[name]) && state.runs[name].at !== 'asking',
  );
  if (lease !== null && restores === 0 && isQuiet) add('restore', { ...state, lease: null, restores: 1 });
  return steps;
}

const BURIED = { ...OVER, orphan: null };

function die(state: State, name: RunName, orphan: RunState['orphan']): State {
  return withRun(state, name, { isDead: true, orphan, at: 'over' });
}

/** What must be true of every commit, and of the state after it. */
function judge(after: State, before: State, name: RunName): State {
  const { lease } = before;
  const isHolder = lease?.owner === name && lease.token === before.runs[name].token;
  const missing = after.source > after.stored && !after.notes.some((note) => note > after.stored);
  const broken =
    (isHolder ? null : 'only the holder of the lease commits') ??
    (after.stored < before.stored ? 'what is stored never goes back' : null) ??
    (missing ? 'what is not stored yet has a note' : null);
  return { ...after, broken };
}
