/** `worker`: takes tasks of distributed runs and does them, as a run of this machine would. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isConnectionLost } from '../../storage/failures/failures.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import type { Database } from '../../storage/session/database.js';
import { openQueue } from '../../storage/workers/queue.js';
import { findDistributedRun } from '../../storage/workers/tasks.js';
import { VERSION } from '../program/version.js';
import { runTask } from './run-task.js';
import type { TaskOrder } from './task-order.js';

export interface WorkerScope {
  database: Database;
  /** Tasks at a time. */
  count: number;
  say: (text: string) => void;
  /** Ends the worker: unfinished work is given back. */
  signal: AbortSignal;
}

/** Takes tasks until `signal` is aborted. Throws when a run is of another version, or the schema is. */
export async function runWorker({ database, count, say, signal }: WorkerScope): Promise<void> {
  const refused = new AbortController();
  const worker = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  await checkSchema(database);
  const present = await database.read(findDistributedRun);
  if (present !== null) checkVersion(present);
  const queue = await openQueue(
    { url: database.url, schema: database.schema },
    { onError: sayOnce((text) => say(`[WARNING] queue: ${text}`)) },
  );
  const ended = AbortSignal.any([signal, refused.signal]);
  const inHand = new Set<Promise<void>>();
  const handle = async (order: TaskOrder): Promise<void> => {
    // Thrown, so that somebody else gets it.
    ended.throwIfAborted();
    try {
      checkVersion(order);
      await checkSchema(database);
    } catch (error) {
      // A database that is away for a while refuses nothing.
      if (!isConnectionLost(error)) refused.abort(error);
      throw error;
    }
    const doing = runTask({ database, say, worker, stop: ended }, order);
    inHand.add(doing);
    await doing.finally(() => inHand.delete(doing));
  };
  try {
    await queue.work<TaskOrder>(count, handle);
    say(`[INFO] worker ${worker} waits for tasks, ${count} at a time`);
    if (!ended.aborted)
      await new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.allSettled(inHand);
  } finally {
    await queue.close();
  }
  if (refused.signal.aborted) throw refused.signal.reason;
}

/** The queue is asked again and again: what is wrong with it is said when it is something else than before. */
function sayOnce(say: (text: string) => void): (text: string) => void {
  let last = '';
  return (text) => {
    if (text !== last) say(text);
    last = text;
  };
}

function checkVersion({ run, version }: { run: string; version: string }): void {
  if (version === VERSION) return;
  throw new Error(
    `run ${run} is handed out by barwright ${version} and this worker is ${VERSION}: it takes nothing of it; ` +
      'install the same version on all machines',
  );
}
