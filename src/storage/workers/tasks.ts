/**
 * Shares of a distributed run. Each is a lease of its own, in `refresh_lease`, with its run and what has come of it in
 * `info`. Who takes it becomes its owner, under a claim that is made for this one time, and raises the token: both fence
 * out the worker that had it before, and only who holds it can say what came of it (decision 063).
 */

import type { AssetOutcome } from '../../domain/planning/outcome.js';
import { boundTexts } from '../../domain/text/printable.js';
import { isLockTimeout } from '../failures/failures.js';
import { withOneLockTry } from '../failures/retry.js';
import {
  deleteTaskSessions,
  type Holding,
  holdLease,
  isHolding,
  isLive,
  type LeaseToken,
  paramsOf,
  RUN_LEASE,
} from '../lease/lease.js';
import type { Database, Tx } from '../session/database.js';

/** Which lease of which run the tasks belong to. */
export interface TaskScope {
  run: string;
  lease: LeaseToken;
}

/** What a worker has reported of a task. */
export interface TaskProgress {
  outcomes: AssetOutcome[];
  /** Warnings, in the order in which they were said. */
  messages: string[];
}

/** A task as it stands. */
export interface TaskState extends TaskProgress {
  name: string;
  isDone: boolean;
  /** Somebody works on it, by the last sign of life. */
  isLive: boolean;
  /** How often it was taken. */
  takes: number;
  /** Host and process of the worker that took it last; null: none has. */
  worker: string | null;
  /** Why it failed as a whole; null: it has not. */
  error: string | null;
}

/** How long a worker is taken to be alive after a sign of life. */
const TASK_SECONDS = 20;
const NEW_INFO = `jsonb_build_object('run', $2::text, 'takes', 0, 'isDone', false, 'outcomes', '[]'::jsonb, 'messages', '[]'::jsonb)`;
/** The task is of the run of parameter number `param`. */
const isOfRun = (param: number): string => `info ->> 'run' = $${param}::text`;
/** The run's lease counts; its paramsOf begin at parameter number `first`. */
const isRunLive = (first: number): string =>
  `exists (select from refresh_lease r where ${isHolding('r', first)} and r.expires > clock_timestamp())`;
/** A batch of somebody who works is over by then, mostly; if not it is done again by somebody else. */
const HOLDER_LOCK_TIMEOUT = '3s';
const MOST_TRIES = 5;

/**
 * Changes tokens of these tasks, which waits for the write transactions that are open under them. A session in
 * the way for longer is ended: a process that stops in the middle of a COPY is ended by no timeout of the server.
 */
async function changeTokens<T>(
  database: Database,
  names: readonly string[],
  change: (tx: Tx) => Promise<T>,
): Promise<T> {
  const once = () =>
    database.transaction(async (tx) => {
      await tx.execute(`set local lock_timeout = '${HOLDER_LOCK_TIMEOUT}'`);
      return change(tx);
    });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withOneLockTry(once, database.retry);
    } catch (error) {
      if (!isLockTimeout(error) || attempt === MOST_TRIES) throw error;
      // Where the role may not end them, the server does when they are idle for too long; else the error names them.
      await deleteTaskSessions(database, names).catch(() => {});
    }
  }
}

/** Lays out tasks of these names, free to be taken. A worker that still works under one of the names has lost it by that. */
export async function writeTasks(
  database: Database,
  { run, lease }: TaskScope,
  names: readonly string[],
): Promise<void> {
  await changeTokens(database, names, async (tx) => {
    await holdLease(tx, lease);
    await tx.execute(
      `insert into refresh_lease as l (name, owner, token, acquired, expires, info)
       select name, $2::uuid, 1, clock_timestamp(), '-infinity', ${NEW_INFO} from unnest($1::text[]) name order by name
       on conflict (name) do update set owner = excluded.owner, token = l.token + 1, acquired = excluded.acquired,
         expires = excluded.expires, info = excluded.info`,
      [names, run],
    );
  });
}

/** Who wants a task. */
export interface TaskClaim {
  name: string;
  /** Host and process. */
  worker: string;
  /** A random UUID of this attempt to take it: asking again after an answer that was lost gives what was taken. */
  claim: string;
}

/**
 * Takes a task that is free, or whose worker has sent no heartbeat for too long. null: there is nothing to do here,
 * because a worker has it, or it is done, or its run is over. `progress` is what earlier workers have reported.
 */
export async function writeTaskTaken(
  database: Database,
  { run, lease }: TaskScope,
  { name, worker, claim }: TaskClaim,
): Promise<{ task: Holding; progress: TaskProgress } | null> {
  const rows = await changeTokens(database, [name], (tx) =>
    tx.query<[number, TaskProgress]>(
      `update refresh_lease l set owner = $2::uuid, token = token + 1, acquired = clock_timestamp(),
         expires = clock_timestamp() + make_interval(secs => $3),
         info = info || jsonb_build_object('worker', $4::text, 'takes', (info ->> 'takes')::int + 1)
       where name = $1 and ${isOfRun(5)} and not (info ->> 'isDone')::boolean
         and (not ${isLive('l', TASK_SECONDS)} or owner = $2::uuid) and ${isRunLive(6)}
       returning token, info`,
      [name, claim, TASK_SECONDS, worker, run, ...paramsOf(lease)],
    ),
  );
  const row = rows[0];
  return row === undefined ? null : { task: { name, owner: claim, token: row[0] }, progress: row[1] };
}

/** A sign of life, with what has come of the task so far. false: somebody else has it, or its run is over. */
export async function writeTaskProgress(
  database: Database,
  { lease, task }: { lease: LeaseToken; task: Holding },
  progress: TaskProgress & { isDone?: boolean; error?: string | null },
): Promise<boolean> {
  const { outcomes, messages, isDone = false, error = null } = progress;
  const info = JSON.stringify({ outcomes, messages, isDone, error });
  const rows = await database.repeatable((tx) =>
    tx.query(
      `update refresh_lease l set info = info || $7::jsonb,
         expires = case when $8 then '-infinity' else clock_timestamp() + make_interval(secs => $9) end
       where ${isHolding('l', 1)} and ($8 or not (info ->> 'isDone')::boolean) and ${isRunLive(4)}
       returning 1`,
      [...paramsOf(task), ...paramsOf(lease), info, isDone, TASK_SECONDS],
    ),
  );
  return rows.length === 1;
}

/** Gives a task back: it is free, and what was reported of it is kept. false: another worker has it. */
export async function writeTaskReleased(
  database: Database,
  task: Holding,
  { outcomes, messages }: TaskProgress,
): Promise<boolean> {
  const released = await database.repeatable((tx) =>
    tx.execute(
      `update refresh_lease l set info = info || $4::jsonb, expires = '-infinity' where ${isHolding('l', 1)}`,
      [...paramsOf(task), JSON.stringify({ outcomes, messages })],
    ),
  );
  return released === 1;
}

/** The tasks of these names in a run. A component's tasks stay there when the next component's are laid out. */
export async function listTasks(tx: Tx, run: string, names: readonly string[]): Promise<TaskState[]> {
  const rows = await tx.query<[string, boolean, Omit<TaskState, 'name' | 'isLive'>]>(
    `select name, ${isLive('l', TASK_SECONDS)}, info from refresh_lease l
     where ${isOfRun(1)} and name = any ($2::text[]) order by name`,
    [run, names],
  );
  return rows.map(([name, isLive, info]) => ({
    name,
    isLive,
    isDone: info.isDone,
    takes: info.takes,
    worker: info.worker ?? null,
    error: info.error ?? null,
    outcomes: info.outcomes,
    messages: info.messages,
  }));
}

/**
 * Ends what is not done of a run's tasks: none can be taken any more, and a worker that has one has lost it. Waits for the write
 * transactions that are open under them, and ends those that take too long.
 */
export async function writeTasksClosed(
  database: Database,
  run: string,
  names: readonly string[],
): Promise<void> {
  await changeTokens(database, names, (tx) =>
    tx.execute(
      `update refresh_lease set token = token + 1, expires = '-infinity', info = info || '{"isDone": true}'
       where ${isOfRun(1)} and name = any ($2::text[]) and not (info ->> 'isDone')::boolean`,
      [run, names],
    ),
  );
}

/** The run that is handing out work now, and by which version of barwright; null: there is none. */
export async function findDistributedRun(tx: Tx): Promise<{ run: string; version: string } | null> {
  const rows = await tx.query<[string, string]>(
    `select r.run::text, r.version from refresh_lease l join refresh_run r on r.run = l.owner
     where l.name = '${RUN_LEASE}' and ${isLive('l')} and r.options ->> 'distribute' = 'true'`,
  );
  const row = rows[0];
  return row === undefined ? null : { run: row[0], version: boundTexts(row[1]) };
}
