/** A distributed run with one task: who takes part in it, and how it stands. Decisions 062 to 066. */

export const RUNS = ['A', 'B'] as const;
export type RunName = (typeof RUNS)[number];
export const WORKERS = ['V', 'W'] as const;
export type WorkerName = (typeof WORKERS)[number];

export interface RunState {
  /** `leading` has the lease, `waiting` has laid out the task. A run that is over takes part in nothing. */
  at: 'idle' | 'leading' | 'waiting' | 'over';
  isDead: boolean;
}

export interface WorkerState {
  /** `writing` has written, and not committed; `worked` has not reported it yet; `failed` has met the fence. */
  at: 'idle' | 'holding' | 'writing' | 'worked' | 'failed' | 'over';
  /** The run whose task it took, and the token of that. */
  run: RunName | null;
  token: number;
  /** What its open transaction has seen of the work: nothing is done twice by one who sees that it is done. */
  sawDone: boolean;
  isDead: boolean;
  /** What a killed process has left open in the server; `sent`: a COMMIT was on its way. */
  orphan: null | 'writing' | 'sent';
}

export interface State {
  /** The lease of the runs. */
  lease: { owner: RunName; isLive: boolean };
  task: { run: RunName; owner: WorkerName | null; token: number; isLive: boolean; isDone: boolean };
  /** How often the work was written. */
  writes: number;
  runs: Readonly<Record<RunName, RunState>>;
  workers: Readonly<Record<WorkerName, WorkerState>>;
  /** What the last action broke. */
  broken: string | null;
}

/** Rules that can be left out, to see that the search finds what they prevent. */
export interface Rules {
  /** The fence of a worker asks for its task beside the lease of its run. */
  fencesTask: boolean;
  /** The fence of a worker asks for the lease of its run beside its task. */
  fencesRun: boolean;
  /** Who changes a token waits for the write transactions under it, and ends those that stay. */
  drains: boolean;
  /** Only the holder of a task says what came of it. */
  reportsAsHolder: boolean;
  /** A task is free when its worker has given no sign of life for a while. */
  frees: boolean;
  /** A worker sees in its transaction what is done already. */
  seesDone: boolean;
}

export const RULES: Rules = {
  ...{ fencesTask: true, fencesRun: true, drains: true, reportsAsHolder: true, frees: true, seesDone: true },
};

export interface Action {
  actor: RunName | WorkerName | 'killer';
  type: ActionType;
  /** Whose task a worker asks for, or whom the killer means. */
  whose?: RunName | WorkerName;
}
export type ActionType =
  | 'lead'
  | 'lay out'
  | 'finish'
  | 'give up'
  | 'take'
  | 'beat'
  | 'begin'
  | 'commit'
  | 'report'
  | 'give back'
  | 'kill'
  | 'kill while committing'
  | 'orphan ends'
  | 'orphan commits'
  | 'expire task'
  | 'expire lease';

const IDLE: WorkerState = {
  ...{ at: 'idle', run: null, token: 0, sawDone: false, isDead: false, orphan: null },
};

/** A run has laid out its task, and nobody has begun. */
export const START: State = {
  lease: { owner: 'A', isLive: true },
  task: { run: 'A', owner: null, token: 1, isLive: false, isDone: false },
  writes: 0,
  runs: { A: { at: 'waiting', isDead: false }, B: { at: 'idle', isDead: false } },
  workers: { V: IDLE, W: IDLE },
  broken: null,
};

/** "V take A", "killer kill V". */
export function nameOf({ actor, type, whose }: Action): string {
  return [actor, type, whose].filter((word) => word !== undefined).join(' ');
}

export const isWriting = ({ at, orphan, isDead }: WorkerState): boolean =>
  isDead ? orphan !== null : at === 'writing';

export const isLeader = ({ lease }: State, run: RunName | null): boolean =>
  lease.isLive && lease.owner === run;
export const isHolder = ({ task, workers }: State, name: WorkerName): boolean =>
  task.owner === name && task.token === workers[name].token;

/** Its transaction is open under the task as it stands. */
export function isWriter({ task, workers }: State, name: WorkerName): boolean {
  return isWriting(workers[name]) && task.owner === name && task.token === workers[name].token;
}

/** A run waits for its task, and a worker is there that has nothing to do: the work must be possible. */
export function isAwaited(state: State): boolean {
  const { runs, workers, task } = state;
  const { at, isDead } = runs[task.run];
  return (
    at === 'waiting' &&
    !isDead &&
    isLeader(state, task.run) &&
    WORKERS.some((name) => workers[name].at === 'idle')
  );
}

/** The task that a run waits for is done. */
export function isServed({ runs, task, writes }: State): boolean {
  return runs[task.run].at === 'waiting' && task.isDone && writes > 0;
}
