/**
 * A distributed run with one task, as a small state machine: a run and the next one, two workers, and a killer. Each
 * action is one that the server sees as one.
 */
import type { Machine, Step as StepOf } from '../search.js';
import {
  type Action,
  type ActionType,
  isHolder,
  isLeader,
  isWriter,
  isWriting,
  nameOf,
  RULES,
  RUNS,
  type Rules,
  type RunName,
  type RunState,
  START,
  type State,
  WORKERS,
  type WorkerName,
  type WorkerState,
} from './state.js';

type Step = StepOf<State, Action>;

/** The machine by these rules. */
export function distributedBy(rules: Rules = RULES): Machine<State, Action> {
  return { start: START, nameOf, listSteps: (state) => listSteps(state, rules) };
}

function listSteps(state: State, rules: Rules): Step[] {
  return [
    ...RUNS.flatMap((name) => (state.runs[name].isDead ? [] : stepsOfRun(state, name, rules))),
    ...WORKERS.flatMap((name) => (state.workers[name].isDead ? [] : stepsOfWorker(state, name, rules))),
    ...stepsOfKiller(state),
  ];
}

const withRun = (state: State, name: RunName, change: Partial<RunState>): State => ({
  ...state,
  runs: { ...state.runs, [name]: { ...state.runs[name], ...change } },
});

const withWorker = (state: State, name: WorkerName, change: Partial<WorkerState>): State => ({
  ...state,
  workers: { ...state.workers, [name]: { ...state.workers[name], ...change } },
});

function stepsOfRun(state: State, name: RunName, rules: Rules): Step[] {
  const step = (type: ActionType, after: State): Step => ({ action: { actor: name, type }, state: after });
  const { lease, task, runs } = state;
  switch (runs[name].at) {
    case 'idle':
      return canLead(state, name, rules) ? [step('lead', lead(state, name))] : [];
    case 'leading':
      return lease.owner === name && lease.isLive ? [step('lay out', layOut(state, name, rules))] : [];
    case 'waiting':
      return task.run === name && task.isDone
        ? [step('finish', judgeEnd(end(state, name, rules)))]
        : [step('give up', end(state, name, rules))];
    default:
      return [];
  }
}

/** A lease that counts is not taken; who takes it waits for those who write under it. */
function canLead({ lease, runs, workers }: State, name: RunName, { drains }: Rules): boolean {
  if (lease.owner === name || (lease.isLive && !runs[lease.owner].isDead)) return false;
  return !drains || WORKERS.every((each) => !isWriting(workers[each]) || workers[each].run !== lease.owner);
}

const lead = (state: State, name: RunName): State =>
  withRun({ ...state, lease: { owner: name, isLive: true } }, name, { at: 'leading' });

/** Another token for the task: what is open under the one before is ended. */
function changeToken(state: State, task: Partial<State['task']>, { drains }: Rules): State {
  const after = { ...state, task: { ...state.task, token: state.task.token + 1, ...task } };
  if (!drains) return after;
  return WORKERS.filter((name) => isWriter(state, name)).reduce(
    (so, name) =>
      withWorker(so, name, so.workers[name].isDead ? { orphan: null } : { at: 'holding', sawDone: false }),
    after,
  );
}

function layOut(state: State, name: RunName, rules: Rules): State {
  const task = { run: name, owner: null, isLive: false, isDone: false };
  return withRun(changeToken(state, task, rules), name, { at: 'waiting' });
}

/** What is not done cannot be taken any more; then the lease is given back. */
function end(state: State, name: RunName, rules: Rules): State {
  const { task, lease } = state;
  const closed =
    task.run === name && !task.isDone ? changeToken(state, { isLive: false, isDone: true }, rules) : state;
  const isOurs = lease.owner === name;
  return withRun({ ...closed, lease: isOurs ? { ...lease, isLive: false } : lease }, name, { at: 'over' });
}

function stepsOfWorker(state: State, name: WorkerName, rules: Rules): Step[] {
  const worker = state.workers[name];
  const step = (type: ActionType, after: State): Step => ({ action: { actor: name, type }, state: after });
  switch (worker.at) {
    case 'idle':
      // The queue may give an order late, or of a run that is over: then nothing is taken.
      return RUNS.filter((run) => run === 'A' || state.runs.B.at !== 'idle').map((whose) => ({
        action: { actor: name, type: 'take', whose },
        state: canTake(state, whose, rules) ? take(state, name, rules) : state,
      }));
    case 'holding':
      return [
        ...beats(state, name),
        step('begin', begin(state, name, rules)),
        step('give back', giveBack(state, name)),
      ];
    case 'writing':
      return [...beats(state, name), step('commit', commit(state, name, { at: 'worked', sawDone: false }))];
    case 'worked':
      return [...beats(state, name), step('report', report(state, name, rules))];
    case 'failed':
      return [step('report', report(state, name, rules))];
    default:
      return [];
  }
}

function canTake(state: State, run: RunName, { frees }: Rules): boolean {
  const { task } = state;
  const isFree = frees ? !task.isLive : task.owner === null;
  return task.run === run && !task.isDone && isFree && isLeader(state, run);
}

function take(state: State, name: WorkerName, rules: Rules): State {
  const after = changeToken(state, { owner: name, isLive: true }, rules);
  const { run, token } = after.task;
  return withWorker(after, name, { at: 'holding', run, token });
}

/** Only where it changes something: a task whose time was over is the worker's again unless it was taken over. */
function beats(state: State, name: WorkerName): Step[] {
  const { task, workers } = state;
  if (task.isLive || task.isDone || !isHolder(state, name) || !isLeader(state, workers[name].run)) return [];
  return [{ action: { actor: name, type: 'beat' }, state: { ...state, task: { ...task, isLive: true } } }];
}

function begin(state: State, name: WorkerName, { fencesTask, fencesRun, seesDone }: Rules): State {
  const isFenced =
    (fencesTask && !isHolder(state, name)) || (fencesRun && !isLeader(state, state.workers[name].run));
  return withWorker(
    state,
    name,
    isFenced ? { at: 'failed' } : { at: 'writing', sawDone: seesDone && state.writes > 0 },
  );
}

function giveBack(state: State, name: WorkerName): State {
  const { task } = state;
  const after = withWorker(state, name, { at: 'over' });
  return isHolder(state, name) ? { ...after, task: { ...task, isLive: false } } : after;
}

/** What came of the task, which is its end: also that the work has failed. */
function report(state: State, name: WorkerName, { reportsAsHolder }: Rules): State {
  const { task, workers } = state;
  const isTaken = isHolder(state, name) && isLeader(state, workers[name].run);
  const after = withWorker(state, name, { at: 'over' });
  return isTaken || !reportsAsHolder ? { ...after, task: { ...task, isLive: false, isDone: true } } : after;
}

function commit(state: State, name: WorkerName, change: Partial<WorkerState>): State {
  const { workers, writes, lease } = state;
  const { sawDone, run } = workers[name];
  const after = { ...withWorker(state, name, change), writes: sawDone ? writes : writes + 1 };
  const broken =
    (isHolder(state, name) && lease.owner === run ? null : 'only the holder of a task writes') ??
    (after.writes > 1 ? 'the work of a task is done once' : null);
  return { ...after, broken };
}

/** A run that says that it is done. */
function judgeEnd(after: State): State {
  return { ...after, broken: after.writes === 0 ? 'a finished run leaves no asset' : null };
}

function stepsOfKiller(state: State): Step[] {
  const { lease, task, runs, workers } = state;
  const steps: Step[] = [];
  const add = (type: ActionType, after: State, whose?: RunName | WorkerName) =>
    steps.push({ action: { actor: 'killer', type, ...(whose && { whose }) }, state: after });
  for (const name of WORKERS) {
    const { at, isDead, orphan } = workers[name];
    const die = (left: WorkerState['orphan']) =>
      withWorker(state, name, { isDead: true, orphan: left, at: 'over' });
    if (!isDead && (at === 'holding' || at === 'worked')) add('kill', die(null), name);
    if (!isDead && at === 'writing') add('kill', die('writing'), name);
    if (!isDead && at === 'writing') add('kill while committing', die('sent'), name);
    if (orphan === 'writing') add('orphan ends', withWorker(state, name, { orphan: null }), name);
    if (orphan === 'sent') add('orphan commits', commit(state, name, { orphan: null }), name);
  }
  if (runs.A.at === 'waiting' && !runs.A.isDead) add('kill', withRun(state, 'A', { isDead: true }), 'A');
  if (task.isLive) add('expire task', { ...state, task: { ...task, isLive: false } });
  if (lease.isLive && lease.owner === 'A')
    add('expire lease', { ...state, lease: { ...lease, isLive: false } });
  return steps;
}
