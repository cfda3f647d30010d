/** One task, run by a worker: taken, kept by heartbeats, reported under its token. */
import { randomUUID } from 'node:crypto';
import { countOf } from '../../domain/causes/format.js';
import type { AssetOutcome, ComponentEvent } from '../../domain/planning/outcome.js';
import { type Holding, readLeaseDrained } from '../../storage/lease/lease.js';
import { fingerprintModules } from '../../storage/own-indicators/modules.js';
import type { Database } from '../../storage/session/database.js';
import {
  type TaskProgress,
  writeTaskProgress,
  writeTaskReleased,
  writeTaskTaken,
} from '../../storage/workers/tasks.js';
import type { ComponentResult } from '../processes/component-result.js';
import { runComponent } from '../processes/run-component.js';
import { describeError } from '../program/describe-error.js';
import type { TaskOrder } from './task-order.js';

export interface TaskScope {
  database: Database;
  say: (text: string) => void;
  /** Host and process. */
  worker: string;
  /** Ends the work: unfinished work is given back. */
  stop: AbortSignal;
}

const HEARTBEAT_MS = 4_000;
/** The work of a task that is lost or given back is rolled back, so it is not worth a longer wait. */
const LIMITS = { silenceMs: 120_000, graceMs: 10_000 };

/** A task that this worker holds. */
interface Held {
  order: TaskOrder;
  task: Holding;
  progress: TaskProgress;
}

/**
 * Runs one task if it is free. Never throws: an error is printed, and the task is free again when its lease has run out.
 * What is printed at its end follows only from what the database says of its token.
 */
export async function runTask(scope: TaskScope, order: TaskOrder): Promise<void> {
  const { database, say, worker } = scope;
  const { name } = order;
  try {
    const claim = { name, worker, claim: randomUUID() };
    const taken = await writeTaskTaken(database, order, claim);
    if (taken === null) return;
    const { task, progress } = taken;
    const { outcomes, messages } = progress;
    say(await workOn(scope, { order, task, progress: { outcomes, messages } }));
  } catch (error) {
    say(`[FAILED] ${name}: ${describeError(error)}`);
  }
}

/** Works on a task until it is done, lost or given back; returns the line to print. */
async function workOn(scope: TaskScope, held: Held): Promise<string> {
  const { database, say, stop } = scope;
  const { order, task, progress } = held;
  const done = new Set(progress.outcomes.map(({ id }) => id));
  const ids = order.ids.filter((id) => !done.has(id));
  say(`[INFO] ${task.name} of run ${order.run.slice(0, 8)}: ${countOf(ids.length, 'asset')}`);
  const { lost, end } = startBeat(database, held);
  const share = { ids, signal: AbortSignal.any([stop, lost]) };
  // The worker that had it before may have finished the work and died before it said so.
  const fault = ids.length === 0 ? null : findFault(order);
  const result = ids.length === 0 || fault !== null ? null : await runShare(scope, held, share);
  await end();
  // The worker that has it now reports it.
  if (lost.aborted) return lostNote(task.name);
  const error = fault ?? result?.errorMessage ?? null;
  const isGivenBack = stop.aborted && error !== null;
  const isOurs = isGivenBack
    ? await writeTaskReleased(database, task, progress)
    : await writeTaskProgress(
        database,
        { lease: order.lease, task },
        {
          outcomes: withRest(progress.outcomes, result?.outcomes ?? []),
          messages: progress.messages,
          isDone: true,
          error,
        },
      );
  if (!isOurs) return lostNote(task.name);
  return isGivenBack ? `[INFO] ${task.name} is given back` : `[OK] ${task.name}`;
}

/** Why this worker would compute other numbers than the run expects; null: it would not. */
function findFault({ component, modules }: TaskOrder): string | null {
  if (component !== 'indicators' || modules === fingerprintModules()) return null;
  return 'the files of "indicators" in barwright.config.json are not the same here as where the run was started: copy them, and type "barwright retry"';
}

function lostNote(name: string): string {
  return `[WARNING] ${name} was taken over, or its run has ended: nothing more of it is written here`;
}

interface Beat {
  /** Aborted when another worker has the task, or its run is over. */
  lost: AbortSignal;
  /** Resolves when no heartbeat is in progress: one that came after the task's end would take the task again. */
  end(): Promise<void>;
}

/** Sends heartbeats with the task's progress. */
function startBeat(database: Database, { order, task, progress }: Held): Beat {
  const lost = new AbortController();
  let asking: Promise<void> | null = null;
  const ask = async (): Promise<void> => {
    try {
      const isOurs = await writeTaskProgress(database, { lease: order.lease, task }, progress);
      if (!isOurs) lost.abort('the task was lost');
    } catch {
      // An unreachable database says nothing about the token; the fence decides.
    }
    asking = null;
  };
  const beat = setInterval(() => {
    asking ??= ask();
  }, HEARTBEAT_MS);
  return {
    lost: lost.signal,
    async end() {
      clearInterval(beat);
      await asking;
    },
  };
}

/** Runs the component on what is left of a task, as a process of its own; its events go to `progress`. */
function runShare(
  { database }: TaskScope,
  { order, task, progress }: Held,
  { ids, signal }: { ids: readonly number[]; signal: AbortSignal },
): Promise<ComponentResult> {
  return runComponent(order.component, {
    ...order.options,
    ids,
    context: {
      dbUrl: database.url,
      schema: database.schema,
      source: order.source,
      lease: { ...order.lease, task },
      asOfUs: order.asOfUs,
      batchAssets: order.batchAssets,
    },
    isShare: true,
    limits: LIMITS,
    beforeReplacing: () => readLeaseDrained(database, task),
    onEvent: (event) => note(event, progress),
    signal,
  });
}

function note(event: ComponentEvent, { outcomes, messages }: TaskProgress): void {
  if (event.type === 'asset_finished') outcomes.push(event.outcome);
  if (event.type === 'message' && event.level === 'warning') messages.push(event.text);
}

/** Adds outcomes of assets that had no event: a component that failed as a whole has them in its result. */
function withRest(sent: readonly AssetOutcome[], all: readonly AssetOutcome[]): AssetOutcome[] {
  const ids = new Set(sent.map(({ id }) => id));
  return [...sent, ...all.filter(({ id }) => !ids.has(id))];
}
