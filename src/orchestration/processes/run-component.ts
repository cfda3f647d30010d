import { countOf } from '../../domain/causes/format.js';
import { NOT_FINISHED } from '../../domain/causes/gather.js';
import { startBreaker, type Tripped } from '../../domain/planning/breaker.js';
import type { AssetOutcome, ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import { commandOf } from './component-command.js';
import type { ComponentRequest, StartComponent } from './component-request.js';
import { type ComponentResult, decidedOutcome, resultOf } from './component-result.js';
import { type ChildEnd, type Deadline, spawnComponent, timeoutError } from './spawn-component.js';

/** Runs the bar builders as a process of their own. */
export function runBarBuilders(request: ComponentRequest): Promise<ComponentResult> {
  return runComponent('bars', request);
}

/** Runs the EMA refreshers as a process of their own. */
export function runEmaRefreshers(request: ComponentRequest): Promise<ComponentResult> {
  return runComponent('emas', request);
}

/** Runs the indicators as a process of their own. */
export function runIndicators(request: ComponentRequest): Promise<ComponentResult> {
  return runComponent('indicators', request);
}

/** Processes that may take the place of killed ones: enough for two assets that kill their process. */
const MOST_REPLACEMENTS = 5;

/** What is left to do, and what has come of the rest. */
interface Work {
  /** Not begun yet. */
  rest: readonly number[];
  /** In progress when a process was killed: once more, one in each transaction, after all others. */
  suspects: readonly number[];
  outcomes: Map<number, AssetOutcome>;
}

/**
 * Runs one component over `request.ids` in a child process and gathers its outcomes.
 * Never throws. An asset that the child did not finish is failed, with the child's end as its reason; but a child that
 * somebody killed is replaced: the rest continues in a new one, and its unfinished work is tried once more, alone, since a
 * killed process has committed nothing. Only an asset with which a process is killed a second time is failed. When one
 * cause that is not in the data meets too many assets the child is ended early, unless errors are to be continued on.
 */
export async function runComponent(
  component: ComponentName,
  request: ComponentRequest,
): Promise<ComponentResult> {
  const startedMs = performance.now();
  const work: Work = { rest: request.ids, suspects: [], outcomes: new Map() };
  const deadline = deadlineOf(request, startedMs);
  const listen = listenOnce(request);
  const fuse = startFuse(request);
  let end: ChildEnd;
  let replacements = 0;
  do {
    const started = new Set<number>();
    end = await (request.start ?? startProcess)(
      component,
      nextRequest(request, work),
      (sent) => {
        const event = nameTimeout(sent, deadline);
        if (event.type === 'asset_started') started.add(event.id);
        if (event.type === 'asset_finished') {
          work.outcomes.set(event.outcome.id, event.outcome);
          fuse.take(event.outcome);
        }
        listen(event);
      },
      { limits: request.limits, signal: fuse.signal, deadline, isLeader: request.isWorker !== true },
    );
    if (end.error === null) closePhase(work);
    else if (end.killedBy === null || replacements === MOST_REPLACEMENTS) break;
    else {
      replacements += 1;
      for (const outcome of sortOut(work, started, end)) listen({ type: 'asset_finished', outcome });
      if (isOpen(work)) await announceReplacement(request, { work, end, listen });
    }
  } while (isOpen(work) && !fuse.signal.aborted);
  const durationMs = performance.now() - startedMs;
  const tripped = fuse.tripped();
  if (tripped !== null) return resultOfTripped(tripped, { component, request, work, end, durationMs });
  return resultOfWork(component, request, { work, end, durationMs });
}

const startProcess: StartComponent = (component, request, onEvent, options) =>
  spawnComponent(commandOf(component, request), onEvent, options);

function isOpen({ rest, suspects }: Work): boolean {
  return rest.length + suspects.length > 0;
}

/** A process came to its end by itself: after the rest come the suspects. */
function closePhase(work: Work): void {
  if (work.rest.length > 0) work.rest = [];
  else work.suspects = [];
}

async function announceReplacement(
  request: ComponentRequest,
  { work, end, listen }: { work: Work; end: ChildEnd; listen: (event: ComponentEvent) => void },
): Promise<void> {
  listen(replacementNote(end, work));
  await request.beforeReplacing?.().catch(() => {
    // What the killed process had begun is then met by the fence and by the keys of the tables.
  });
}

function deadlineOf({ timeoutSec }: ComponentRequest, startedMs: number): Deadline | null {
  return typeof timeoutSec === 'number' ? { atMs: startedMs + timeoutSec * 1000, seconds: timeoutSec } : null;
}

/** When time is over, a component says of its workers what it sees: the signal that ends them. The reason is the time. */
function nameTimeout(event: ComponentEvent, deadline: Deadline | null): ComponentEvent {
  if (deadline === null || performance.now() < deadline.atMs || event.type !== 'asset_finished') return event;
  const { outcome } = event;
  if (outcome.status !== 'failed' || !outcome.reason.startsWith(NOT_FINISHED)) return event;
  return { ...event, outcome: { ...outcome, reason: `${NOT_FINISHED}${timeoutError(deadline)}` } };
}

/** A replacement starts as the first process did; that is not reported again. */
function listenOnce({ onEvent, ids }: ComponentRequest): (event: ComponentEvent) => void {
  let hasStarted = false;
  return (event) => {
    if (event.type === 'started') {
      if (!hasStarted) onEvent?.({ ...event, assets: ids.length });
      hasStarted = true;
    } else {
      onEvent?.(event);
    }
  };
}

/** The rest first: what may kill a process comes last, and alone. */
function nextRequest(request: ComponentRequest, { rest, suspects }: Work): ComponentRequest {
  if (rest.length > 0 || suspects.length === 0) return { ...request, ids: rest };
  const { numProcesses: _, ...alone } = request;
  return { ...alone, ids: suspects, context: { ...request.context, batchAssets: 1 } };
}

/** After a killed process: who is suspected now, and who is failed because it was worked on a second time. */
function sortOut(work: Work, started: ReadonlySet<number>, { error }: ChildEnd): AssetOutcome[] {
  const { outcomes } = work;
  const isUndecided = (id: number) => !outcomes.has(id);
  const isInHand = (id: number) => isUndecided(id) && started.has(id);
  if (work.rest.length > 0) {
    work.suspects = [...work.suspects, ...work.rest.filter(isInHand)];
    work.rest = work.rest.filter((id) => isUndecided(id) && !started.has(id));
    return [];
  }
  const reason = `${NOT_FINISHED}its process ${error}, twice while it worked on this asset`;
  const failed = work.suspects.filter(isInHand).map((id) => decidedOutcome(id, 'failed', { reason }));
  for (const outcome of failed) outcomes.set(outcome.id, outcome);
  work.suspects = work.suspects.filter(isUndecided);
  return failed;
}

function replacementNote({ killedBy }: ChildEnd, { rest, suspects }: Work): ComponentEvent {
  const next = rest.length > 0 ? rest.length : suspects.length;
  return {
    type: 'message',
    level: 'warning',
    text: `a process was ended by signal ${killedBy}; another one continues with ${next} asset${next === 1 ? '' : 's'}`,
  };
}

interface Ended {
  work: Work;
  end: ChildEnd;
  durationMs: number;
}

function resultOfWork(
  component: ComponentName,
  { ids, signal }: ComponentRequest,
  { work, end, durationMs }: Ended,
): ComponentResult {
  const { outcomes } = work;
  const isAllDecided = ids.every((id) => outcomes.has(id));
  // A process that was killed after its last asset, or with the only one left, leaves nothing undone.
  const isSettled = end.error === null || (end.killedBy !== null && isAllDecided);
  // Asked to stop between two processes: suspects are left, and no process has failed.
  const stopped = signal?.aborted && isOpen(work) ? String(signal.reason) : null;
  const error = isSettled ? (stopped ?? missingError(ids, outcomes)) : `${component}: ${end.error}`;
  for (const id of ids) {
    if (!outcomes.has(id))
      outcomes.set(
        id,
        decidedOutcome(id, 'failed', { reason: `${NOT_FINISHED}${end.error ?? error ?? 'no outcome'}` }),
      );
  }
  const returnCode = isSettled ? 0 : end.returnCode;
  return resultOf({ component, durationMs, returnCode, error, outcomes: [...outcomes.values()] });
}

/** The circuit breaker, and the signal by which it or the caller ends the child. */
function startFuse({ ids, continueOnError, isShare, signal }: ComponentRequest) {
  const breaker = continueOnError || isShare ? null : startBreaker(ids.length);
  const stop = new AbortController();
  let tripped: Tripped | null = null;
  return {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    tripped: () => tripped,
    take(outcome: AssetOutcome) {
      const now = breaker?.(outcome) ?? null;
      if (now === null) return;
      tripped = now;
      stop.abort('stopped early');
    },
  };
}

/** One error that names the cause. The assets that it met are not at fault, the rest was not finished because of it. */
function resultOfTripped(
  { cause, assets }: Tripped,
  ended: Ended & { component: ComponentName; request: ComponentRequest },
): ComponentResult {
  const { component, request, work, end, durationMs } = ended;
  const why = `stopped early, the same cause met ${assets} of ${countOf(request.ids.length, 'asset')}: ${cause}`;
  return resultOf({
    component,
    durationMs,
    returnCode: end.returnCode,
    error: `${component}: ${why}; repair it and run again, or continue all the same with --continue-on-error`,
    outcomes: request.ids.map((id) => {
      const outcome = work.outcomes.get(id);
      if (outcome === undefined || (outcome.status === 'failed' && outcome.fault === undefined))
        return decidedOutcome(id, 'failed', { reason: `${NOT_FINISHED}${why}` });
      if (outcome.fault?.cause !== cause) return outcome;
      return { ...outcome, fault: { ...outcome.fault, isOwn: false } };
    }),
  });
}

function missingError(ids: readonly number[], outcomes: ReadonlyMap<number, AssetOutcome>): string | null {
  const missing = ids.filter((id) => !outcomes.has(id)).length;
  return missing === 0
    ? null
    : `said that it had finished, but gave no outcome for ${countOf(missing, 'asset')}`;
}
