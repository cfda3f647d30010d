/** A module in its thread, asked and waited for as a function is: a step of the kernel cannot wait otherwise. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { MODULE_THREADS } from '../places.js';
import type { Answer, Answers, Question, SupervisorData } from './messages.js';

/** Of computing, for one question. A long history takes a thousandth of it. */
const COMPUTING_MS = 5_000;
/** On the clock: on a machine that has no time for it, or where it waits. */
const WAITING_MS = 60_000;
/** More than the process had when it was asked. */
const MEMORY_MB = 256;

const ENDS = [
  'its thread does not answer',
  `it took more than ${COMPUTING_MS / 1000} seconds of computing`,
  `it took more than ${MEMORY_MB} MB of memory`,
  'it ended its thread',
  `it gave no answer for ${WAITING_MS / 1000} seconds`,
] as const;

/** The module was ended by its limits: it is not asked again in this process. */
export class OverrunError extends Error {}

export interface ModuleThread {
  /** Throws OverrunError, and an Error with the module's own words. */
  ask<Q extends Question>(question: Q): Answers[Q['ask']];
  /** Ends the thread. */
  close(): void;
}

/** Who waits looks up so often, and no longer than this beyond the limit: the supervisor could be gone too. */
const WAKE_MS = 1_000;
const GRACE_MS = 10_000;

/** Starts a thread for the file at `module`. It does not keep the process alive. */
export function startThread(module: string): ModuleThread {
  const { port1, port2 } = new MessageChannel();
  const counter = () => new Int32Array(new SharedArrayBuffer(4));
  const [asked, answered, end] = [counter(), counter(), counter()];
  const data: SupervisorData = {
    ...{ module, port: port2, asked, answered, end, entry: MODULE_THREADS.run },
    ...{ computingMs: COMPUTING_MS, waitingMs: WAITING_MS, memoryMb: MEMORY_MB },
  };
  const supervisor = new Worker(MODULE_THREADS.supervise, {
    ...{ workerData: data, transferList: [port2], execArgv: [], env: {} },
  });
  supervisor.unref();
  port1.unref();
  return {
    ask(question) {
      // Counted before it is sent: the answer may be there at once.
      const before = Atomics.add(asked, 0, 1);
      port1.postMessage(question);
      const untilMs = performance.now() + WAITING_MS + GRACE_MS;
      const isOpen = () => Atomics.load(answered, 0) === before && Atomics.load(end, 0) === 0;
      while (isOpen() && performance.now() < untilMs) Atomics.wait(answered, 0, before, WAKE_MS);
      const received = receiveMessageOnPort(port1) as { message: Answer } | undefined;
      if (received === undefined) throw new OverrunError(ENDS[Atomics.load(end, 0)]);
      if ('fault' in received.message) throw new Error(received.message.fault);
      return received.message.value as never;
    },
    close() {
      port1.close();
      void supervisor.terminate();
    },
  };
}
