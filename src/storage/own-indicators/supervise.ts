/**
 * Watches over the thread in which a module runs, from a thread of its own: the one that asks is stopped meanwhile, and
 * could not see that the module takes too long, or more memory than it may.
 */
import { Worker, workerData } from 'node:worker_threads';
import type { SupervisorData } from './messages.js';

const LOOK_MS = 20;
const MB = 1024 * 1024;

const { entry, end, computingMs, waitingMs, memoryMb, ...data } = workerData as SupervisorData;
const { asked, answered, port } = data;

const thread = new Worker(entry, {
  workerData: data,
  transferList: [port],
  // The database's address is none of its business.
  env: {},
  execArgv: [],
  // What it prints would stand between the lines of the run.
  stdout: true,
  stderr: true,
  // At the end of this heap V8 may end the whole process: what looks here has to be there long before.
  resourceLimits: { maxOldGenerationSizeMb: 8 * memoryMb },
});

function finish(why: 1 | 2 | 3 | 4): void {
  clearInterval(look);
  Atomics.compareExchange(end, 0, 0, why);
  Atomics.notify(answered, 0);
  void thread.terminate();
}

/** Of this process: only the module computes while it is waited for. */
function takeReading() {
  const { user, system } = process.cpuUsage();
  // Typed arrays, which lie outside of the heap, count too.
  return { ms: performance.now(), computedMs: (user + system) / 1000, bytes: process.memoryUsage.rss() };
}

/** The question that is being answered, and what was read when it was first seen. */
let open = { question: 0, ...takeReading() };

const look = setInterval(() => {
  const question = Atomics.load(asked, 0);
  if (Atomics.load(answered, 0) === question) return;
  const now = takeReading();
  if (open.question !== question) open = { question, ...now };
  else if (now.computedMs - open.computedMs > computingMs) finish(1);
  else if (now.bytes - open.bytes > memoryMb * MB) finish(2);
  else if (now.ms - open.ms > waitingMs) finish(4);
}, LOOK_MS);

thread.on('error', (error: NodeJS.ErrnoException) =>
  finish(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 2 : 3),
);
thread.on('exit', () => finish(3));
