/** The queue by which workers learn of work: pg-boss, in the same database and a schema of its own. Nothing depends on it but speed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConstructorOptions, PgBoss } from 'pg-boss';
import { describeFailure } from '../failures/failures.js';
import { wordsOf } from '../failures/system-failures.js';
import { readQueueSchema } from '../schema/queue-schema.js';
import { readTimeouts } from '../session/timeouts.js';
import { hidePassword } from '../settings/secrets.js';

/** Where a queue is. */
export interface QueuePlace {
  url: string;
  /** Schema of the warehouse. */
  schema: string;
}

export interface Queue {
  /** Offers these tasks to workers. */
  send(orders: readonly object[]): Promise<void>;
  /** Takes tasks, `count` at a time, until `close`. What throws is offered again, to anybody. */
  work<T extends object>(count: number, handle: (order: T) => Promise<void>): Promise<void>;
  /** Forgets what was not taken; `all`: also what was taken. */
  clear(which: 'waiting' | 'all'): Promise<void>;
  /** Ends its connections, within a bounded time. */
  close(): Promise<void>;
}

const TASKS = 'tasks';
const POLL_SECONDS = 0.5;
const CLOSE_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 60_000;

/** Makes the queue, or brings an older one up to date. `hasSchema`: the schema is there, and the role may not make one. */
export async function writeQueue(place: QueuePlace, { hasSchema }: { hasSchema: boolean }): Promise<void> {
  const boss = await createBoss(place, { migrate: true, createSchema: !hasSchema });
  // What goes wrong with the two calls below is thrown by them too.
  tellErrors(boss, () => {});
  await start(boss, place);
  try {
    // Nothing here watches over workers: the tasks' own leases do, and the run offers again what is free.
    await boss.createQueue(TASKS, {
      expireInSeconds: 86_400 - 1,
      retentionSeconds: 86_400,
      deleteAfterSeconds: 3_600,
      retryLimit: 20,
      retryDelay: 1,
    });
  } finally {
    await stop(boss);
  }
}

/** Opens the queue. Throws, naming the command to type, when it is not there or was made by another version. */
export async function openQueue(
  place: QueuePlace,
  { onError }: { onError: (text: string) => void },
): Promise<Queue> {
  const boss = await createBoss(place, { migrate: false });
  tellErrors(boss, onError);
  await start(boss, place);
  return {
    async send(orders) {
      await boss.insert(
        TASKS,
        orders.map((data) => ({ data })),
      );
    },
    async work<T extends object>(count: number, handle: (order: T) => Promise<void>): Promise<void> {
      await boss.work<T>(
        TASKS,
        { pollingIntervalSeconds: POLL_SECONDS, localConcurrency: count },
        // Whether a job is still ours by the queue's count is not asked: the lease of its task decides.
        async ([job]) => {
          if (job !== undefined) await handle(job.data);
        },
      );
    },
    async clear(which) {
      await (which === 'all' ? boss.deleteAllJobs(TASKS) : boss.deleteQueuedJobs(TASKS));
    },
    close: () => stop(boss),
  };
}

/** Its errors are events, and of any shape; an error event without a listener would end the process with a stack. */
function tellErrors(boss: PgBoss, onError: (text: string) => void): void {
  boss.on('error', (error: unknown) => onError(hidePassword(describeFailure(error))));
}

/** pg-boss waits for its last statements without a bound of its own. What they leave behind is settled by the next run. */
async function stop(boss: PgBoss): Promise<void> {
  const stopped = boss.stop({ graceful: false, timeout: CLOSE_TIMEOUT_MS }).catch(() => {});
  await Promise.race([stopped, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
}

async function createBoss(
  { url, schema }: QueuePlace,
  options: Partial<ConstructorOptions>,
): Promise<PgBoss> {
  const { PgBoss: Boss } = await import('pg-boss');
  const { connectMs } = readTimeouts();
  // pg's own option, which pg-boss hands on without naming it in its types.
  const bounds = { query_timeout: QUERY_TIMEOUT_MS };
  return new Boss({
    ...bounds,
    connectionString: url,
    schema: readQueueSchema(schema),
    max: 2,
    application_name: 'barwright queue',
    connectionTimeoutMillis: connectMs,
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    supervise: false,
    ...options,
  });
}

async function start(boss: PgBoss, { schema }: QueuePlace): Promise<void> {
  try {
    await boss.start();
  } catch (cause) {
    await stop(boss);
    const name = readQueueSchema(schema);
    const option = schema === 'public' ? '' : ` --schema ${schema}`;
    const text = wordsOf(cause);
    if (/not installed/.test(text))
      throw new Error(`there is no queue in schema "${name}": run "barwright init --queue${option}"`, {
        cause,
      });
    if (/requires migrations/.test(text))
      throw new Error(
        `the queue in schema "${name}" is of another version: run "barwright init --queue${option}" with the newest barwright`,
        { cause },
      );
    throw new Error(`the queue in schema "${name}" cannot be opened`, { cause });
  }
}
