/** The queue by which workers hear of work: pg-boss, in the same database and a schema of its own. Nothing depends on it but speed. */
import type { ConstructorOptions, PgBoss } from 'pg-boss';
import { describeFailure } from './failures.js';
import { readQueueSchema } from './queue-schema.js';
import { hidePassword } from './secrets.js';
import { readTimeouts } from './timeouts.js';

/** Where a queue is. */
export interface QueuePlace {
  url: string;
  /** Schema of the warehouse. */
  schema: string;
}

export interface Queue {
  /** Offers these tasks to whoever works. */
  send(orders: readonly object[]): Promise<void>;
  /** Takes tasks, `count` at a time, until `close`. What throws is offered again, to anybody. */
  work<T extends object>(
    count: number,
    handle: (order: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Forgets what nobody has taken. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const TASKS = 'tasks';
/** A task whose worker has given no sign of life for so long is offered to others. */
const HEARTBEAT_SECONDS = 15;
const CHECK_SECONDS = 5;
const HEARTBEATS_EVERY_SECONDS = 4;
const CLOSE_TIMEOUT_MS = 5_000;

/** Makes the queue, or brings an older one up to date. `hasSchema`: the schema is there, and the role may not make one. */
export async function writeQueue(place: QueuePlace, { hasSchema }: { hasSchema: boolean }): Promise<void> {
  const boss = await createBoss(place, { migrate: true, createSchema: !hasSchema });
  await start(boss, place);
  try {
    await boss.createQueue(TASKS, {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: 86_400 - 1,
      retentionSeconds: 86_400,
      deleteAfterSeconds: 3_600,
      retryLimit: 20,
      retryDelay: 1,
    });
  } finally {
    await boss.stop({ graceful: false, timeout: CLOSE_TIMEOUT_MS });
  }
}

/**
 * Opens the queue. `supervises`: finds out about workers that are gone. Throws, naming the command to type, when it is
 * not there or was made by another version.
 */
export async function openQueue(
  place: QueuePlace,
  { supervises, onError }: { supervises: boolean; onError: (text: string) => void },
): Promise<Queue> {
  const boss = await createBoss(place, { migrate: false, supervise: supervises });
  boss.on('error', (error) => onError(hidePassword(describeFailure(error))));
  await start(boss, place);
  return {
    async send(orders) {
      await boss.insert(
        TASKS,
        orders.map((data) => ({ data })),
      );
    },
    async work<T extends object>(
      count: number,
      handle: (order: T, signal: AbortSignal) => Promise<void>,
    ): Promise<void> {
      const options = {
        pollingIntervalSeconds: 1,
        localConcurrency: count,
        heartbeatRefreshSeconds: HEARTBEATS_EVERY_SECONDS,
      };
      await boss.work<T>(TASKS, options, async ([job]) => {
        if (job !== undefined) await handle(job.data, job.signal);
      });
    },
    async clear() {
      await boss.deleteQueuedJobs(TASKS);
    },
    close: () => boss.stop({ graceful: false, timeout: CLOSE_TIMEOUT_MS }),
  };
}

async function createBoss(
  { url, schema }: QueuePlace,
  options: Partial<ConstructorOptions>,
): Promise<PgBoss> {
  const { PgBoss: Boss } = await import('pg-boss');
  const { connectMs } = readTimeouts();
  // pg's own option, which pg-boss hands on without naming it in its types.
  const bounds = { query_timeout: 60_000 };
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
    superviseIntervalSeconds: CHECK_SECONDS,
    monitorIntervalSeconds: CHECK_SECONDS,
    ...options,
  });
}

async function start(boss: PgBoss, { schema }: QueuePlace): Promise<void> {
  try {
    await boss.start();
  } catch (cause) {
    await boss.stop({ graceful: false, timeout: CLOSE_TIMEOUT_MS }).catch(() => {});
    const name = readQueueSchema(schema);
    const option = schema === 'public' ? '' : ` --schema ${schema}`;
    const text = cause instanceof Error ? cause.message : String(cause);
    if (/not installed/.test(text))
      throw new Error(`there is no queue in schema "${name}": run "barwright init --queue${option}"`, {
        cause,
      });
    if (/requires migrations/.test(text))
      throw new Error(
        `the queue in schema "${name}" is of another version: run "barwright init --queue${option}" with the newest barwright`,
        { cause },
      );
    throw cause;
  }
}
