/** `worker`: takes tasks of distributed runs and does them, as a run of this machine would. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AssetOutcome } from '../../domain/outcome.js';
import type { Database } from '../../storage/database.js';
import { readLeaseDrained } from '../../storage/lease.js';
import { checkSchema } from '../../storage/migrate.js';
import { openQueue } from '../../storage/queue.js';
import {
  findDistributedRun,
  type TaskProgress,
  writeTaskProgress,
  writeTaskReleased,
  writeTaskTaken,
} from '../../storage/tasks.js';
import { describeError } from '../describe-error.js';
import { runComponent } from '../run-component.js';
import { VERSION } from '../version.js';
import type { TaskOrder } from './task-order.js';

export interface WorkerScope {
  database: Database;
  /** Tasks at a time. */
  count: number;
  say: (text: string) => void;
  /** Ends the worker: what is in hand is given back. */
  signal: AbortSignal;
}

const HEARTBEAT_MS = 4_000;

/** Takes tasks until `signal` is aborted. Throws when a run is of another version, or the schema is. */
export async function runWorker({ database, count, say, signal }: WorkerScope): Promise<void> {
  const refused = new AbortController();
  const name = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  await checkSchema(database);
  const present = await database.read(findDistributedRun);
  if (present !== null) checkVersion(present);
  const queue = await openQueue(
    { url: database.url, schema: database.schema },
    { supervises: false, onError: (text) => say(`[WARNING] queue: ${text}`) },
  );
  const ended = AbortSignal.any([signal, refused.signal]);
  const inHand = new Set<Promise<void>>();
  const handle = async (order: TaskOrder, claim: AbortSignal): Promise<void> => {
    // Thrown, so that somebody else gets it.
    ended.throwIfAborted();
    try {
      checkVersion(order);
      await checkSchema(database);
    } catch (error) {
      refused.abort(error);
      throw error;
    }
    const doing = doTask({ database, say, worker: name }, order, AbortSignal.any([ended, claim]));
    inHand.add(doing);
    await doing.finally(() => inHand.delete(doing));
  };
  try {
    await queue.work<TaskOrder>(count, handle);
    say(`[INFO] worker ${name} waits for tasks, ${count} at a time`);
    if (!ended.aborted)
      await new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.allSettled(inHand);
  } finally {
    await queue.close();
  }
  if (refused.signal.aborted) throw refused.signal.reason;
}

function checkVersion({ run, version }: { run: string; version: string }): void {
  if (version === VERSION) return;
  throw new Error(
    `run ${run} is handed out by barwright ${version} and this worker is ${VERSION}: it takes nothing of it; ` +
      'install the same version on all machines',
  );
}

interface TaskScope {
  database: Database;
  say: (text: string) => void;
  worker: string;
}

/** Does one task. Throws what makes the queue offer it again. */
async function doTask(scope: TaskScope, order: TaskOrder, stop: AbortSignal): Promise<void> {
  const { database, say, worker } = scope;
  const { run, lease, name, component } = order;
  const taken = await database.repeatable((tx) => writeTaskTaken(tx, { run, lease }, { name, worker }));
  if (taken === null) return;
  const { task } = taken;
  const progress: TaskProgress = {
    outcomes: [...taken.progress.outcomes],
    messages: [...taken.progress.messages],
  };
  const done = new Set(progress.outcomes.map(({ id }) => id));
  const ids = order.ids.filter((id) => !done.has(id));
  say(`[INFO] ${name} of run ${run.slice(0, 8)}: ${ids.length} assets`);
  const lost = new AbortController();
  const beat = setInterval(() => {
    writeTaskProgress(database, { lease, task }, progress).then(
      (isOurs) => isOurs || lost.abort(`${name} was taken over, or its run has ended`),
      // An unreachable database tells nothing; the fence decides.
      () => {},
    );
  }, HEARTBEAT_MS);
  try {
    const result = await runComponent(component, {
      ...order.options,
      ids,
      context: {
        dbUrl: database.url,
        schema: database.schema,
        source: order.source,
        lease: { ...lease, task },
        asOfUs: order.asOfUs,
        batchAssets: order.batchAssets,
      },
      isShare: true,
      beforeReplacing: () => readLeaseDrained(database, task),
      onEvent: (event) => {
        if (event.type === 'asset_finished') progress.outcomes.push(event.outcome);
        if (event.type === 'message' && event.level === 'warning') progress.messages.push(event.text);
      },
      signal: AbortSignal.any([stop, lost.signal]),
    });
    clearInterval(beat);
    if (lost.signal.aborted) return say(`[WARNING] ${String(lost.signal.reason)}`);
    if (stop.aborted) return await giveBack(scope, { task, progress });
    const end = { outcomes: withRest(progress.outcomes, result.outcomes ?? []), messages: progress.messages };
    const isOurs = await writeTaskProgress(
      database,
      { lease, task },
      { ...end, isDone: true, error: result.errorMessage ?? null },
    );
    say(isOurs ? `[OK] ${name}` : `[WARNING] ${name} was taken over, or its run has ended`);
  } catch (error) {
    say(`[FAILED] ${name}: ${describeError(error)}`);
    throw error;
  } finally {
    clearInterval(beat);
  }
}

async function giveBack(
  { database, say }: TaskScope,
  { task, progress }: { task: { name: string; token: number }; progress: TaskProgress },
): Promise<void> {
  await writeTaskReleased(database, task, progress);
  say(`[INFO] ${task.name} is given back`);
  throw new Error(`${task.name} was given back`);
}

/** Outcomes of assets that no event told of: a component that failed as a whole says it in its result. */
function withRest(told: readonly AssetOutcome[], all: readonly AssetOutcome[]): AssetOutcome[] {
  const ids = new Set(told.map(({ id }) => id));
  return [...told, ...all.filter(({ id }) => !ids.has(id))];
}
