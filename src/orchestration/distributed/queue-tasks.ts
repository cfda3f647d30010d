/** `refresh --distribute`: a component's work is done by workers anywhere, and its events are those of a child. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import type { LeaseToken } from '../../storage/lease/lease.js';
import type { Database } from '../../storage/session/database.js';
import { openQueue, type Queue } from '../../storage/workers/queue.js';
import { listTasks, type TaskState, writeTasks, writeTasksClosed } from '../../storage/workers/tasks.js';
import type { ComponentRequest, StartComponent } from '../processes/component-request.js';
import { type ChildEnd, type Deadline, timeoutError } from '../processes/spawn-component.js';
import { describeError } from '../program/describe-error.js';
import { divideWork, type TaskOrder } from './task-order.js';

/** Whose work is handed out, and how long without any worker it is waited. */
export interface HandOutScope {
  database: Database;
  run: string;
  lease: LeaseToken;
  workerWaitSec: number;
}

export const DEFAULT_WORKER_WAIT_SEC = 300;
const LOOK_MS = 500;
/** After so long without a worker barwright prints what to do, and again each time. */
const NOTE_MS = 5_000;
const NOTE_AGAIN_MS = 60_000;
/** Free tasks are offered again and again: what the queue has lost is not lost. */
const OFFER_AGAIN_MS = 10_000;
/** A task that has met so many workers and was never finished is what ends them. */
const MOST_TAKES = 8;

type Emit = (event: ComponentEvent) => void;

/** A run's way of starting a component: by handing it out. */
export function handOut(scope: HandOutScope): StartComponent {
  return async (component, request, onEvent, { signal, deadline = null }) => {
    try {
      const error = await runHandedOut(scope, { component, request, onEvent, signal, deadline });
      return endOf(error);
    } catch (error) {
      return endOf(describeError(error));
    }
  };
}

function endOf(error: string | null): ChildEnd {
  return { returnCode: error === null ? 0 : 1, signal: null, error, killedBy: null };
}

interface Work {
  component: ComponentName;
  request: ComponentRequest;
  onEvent: Emit;
  signal: AbortSignal | undefined;
  deadline: Deadline | null;
}

/** Returns why the component failed as a whole, null when all tasks came to their ends. */
async function runHandedOut(scope: HandOutScope, work: Work): Promise<string | null> {
  const { database, run, lease } = scope;
  const { component, request, onEvent } = work;
  onEvent({ type: 'started', component, assets: request.ids.length });
  const orders = divideWork(component, request, { run, lease });
  const warned = new Set<string>();
  const onError = (text: string) => {
    if (!warned.has(text)) onEvent({ type: 'message', level: 'info', text: `queue: ${text}` });
    warned.add(text);
  };
  const names = orders.map(({ name }) => name);
  const queue = await openQueue({ url: database.url, schema: database.schema }, { onError });
  try {
    await writeTasks(database, { run, lease }, names);
    await queue.clear('all');
    await queue.send(orders);
    return await watchTasks({ ...scope, ...work, orders, queue, onError });
  } finally {
    // Nobody writes after this: who is still at work is fenced out.
    await writeTasksClosed(database, run, names).finally(async () => {
      await queue.clear('all').catch(() => {});
      await queue.close();
    });
  }
}

interface Watch extends HandOutScope, Work {
  orders: readonly TaskOrder[];
  queue: Queue;
  /** Gets errors of the queue; they do not end the run. */
  onError: (text: string) => void;
}

/** What has arrived and been passed on. */
interface Received {
  done: Map<string, string | null>;
  outcomes: Set<number>;
  messages: Map<string, number>;
  workers: Set<string>;
  /** How often each task had been taken when it was offered last. */
  takes: Map<string, number>;
}

async function watchTasks(watch: Watch): Promise<string | null> {
  const { database, run, orders, signal, deadline, workerWaitSec, onEvent } = watch;
  const received: Received = {
    ...{ done: new Map(), outcomes: new Set(), messages: new Map() },
    ...{ workers: new Set(), takes: new Map() },
  };
  let lastLiveMs = performance.now();
  let notedMs = lastLiveMs + NOTE_MS - NOTE_AGAIN_MS;
  let offeredMs = lastLiveMs;
  while (received.done.size < orders.length) {
    if (signal?.aborted) return `ended by ${String(signal.reason)}`;
    const nowMs = performance.now();
    if (deadline !== null && nowMs >= deadline.atMs) return timeoutError(deadline);
    const names = orders.map(({ name }) => name).filter((name) => !received.done.has(name));
    const tasks = await database.read((tx) => listTasks(tx, run, names));
    for (const task of tasks) receive(task, received, watch);
    const open = orders.length - received.done.size;
    if (tasks.some(({ isLive, isDone }) => isLive || isDone)) lastLiveMs = nowMs;
    const idleMs = nowMs - lastLiveMs;
    if (idleMs >= workerWaitSec * 1000 && open > 0) return noWorkerError(open, watch);
    if (idleMs >= NOTE_MS && nowMs - notedMs >= NOTE_AGAIN_MS) {
      notedMs = nowMs;
      onEvent({ type: 'message', level: 'info', text: noWorkerNote(open, watch) });
    }
    const free = tasks.filter(({ isLive, isDone }) => !isLive && !isDone);
    const hasLost = free.some(({ name, takes }) => takes > (received.takes.get(name) ?? 0));
    if (hasLost || nowMs - offeredMs >= OFFER_AGAIN_MS) {
      offeredMs = nowMs;
      for (const { name, takes } of free) received.takes.set(name, takes);
      await offer(free, watch);
    }
    await sleep(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
  const errors = [...received.done.values()].filter((error) => error !== null);
  if (errors.length === 0) return null;
  return `${errors.length} of ${orders.length} tasks failed: ${[...new Set(errors)].join('; ')}`;
}

/** Offers what is free: never taken, given back, or of a worker whose heartbeats have stopped. */
async function offer(free: readonly TaskState[], { orders, queue, onError }: Watch): Promise<void> {
  const names = new Set(free.map(({ name }) => name));
  try {
    await queue.clear('waiting');
    await queue.send(orders.filter(({ name }) => names.has(name)));
  } catch (error) {
    onError(describeError(error));
  }
}

function receive(task: TaskState, received: Received, { onEvent }: Watch): void {
  if (task.worker !== null && !received.workers.has(task.worker)) {
    received.workers.add(task.worker);
    onEvent({ type: 'message', level: 'info', text: `worker ${task.worker} has begun` });
  }
  const said = received.messages.get(task.name) ?? 0;
  for (const text of task.messages.slice(said)) onEvent({ type: 'message', level: 'warning', text });
  received.messages.set(task.name, Math.max(said, task.messages.length));
  for (const outcome of task.outcomes) {
    if (received.outcomes.has(outcome.id)) continue;
    received.outcomes.add(outcome.id);
    onEvent({ type: 'asset_finished', outcome });
  }
  if (task.isDone) received.done.set(task.name, task.error);
  else if (!task.isLive && task.takes >= MOST_TAKES)
    received.done.set(
      task.name,
      `${task.name} was given to ${task.takes} workers, none of which finished it`,
    );
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function startWorker({ database }: Watch): string {
  const option = database.schema === 'public' ? '' : ` --schema ${database.schema}`;
  return `start "barwright worker${option}" on any machine, with this database`;
}

function noWorkerNote(open: number, watch: Watch): string {
  const { workerWaitSec } = watch;
  return `no worker is there for ${plural(open, 'task')}, waiting up to ${workerWaitSec} s: ${startWorker(watch)}`;
}

function noWorkerError(open: number, watch: Watch): string {
  return `no worker took any of ${plural(open, 'task')} within ${watch.workerWaitSec} s: ${startWorker(watch)}`;
}
