import { fileURLToPath } from 'node:url';
import { startBreaker, type Tripped } from '../domain/breaker.js';
import { formatIds } from '../domain/ids.js';
import type { AssetOutcome, ComponentEvent, ComponentName } from '../domain/outcome.js';
import { type ChildContext, childEnvironment } from './child-context.js';
import { type ComponentResult, decidedOutcome, resultOf } from './component-result.js';
import { type ChildCommand, type ChildEnd, type ChildLimits, spawnComponent } from './spawn-component.js';

/** Work for one component: which assets, where, and how. */
export interface ComponentRequest {
  ids: readonly number[];
  context: ChildContext;
  only?: readonly string[] | null;
  verbose?: boolean;
  continueOnError?: boolean;
  fullRebuild?: boolean;
  acceptDeletions?: boolean;
  /** Timeframes; null or absent = all. */
  tfs?: readonly string[] | null;
  numProcesses?: number;
  /** The ids are a worker's share of a component: whoever started the workers counts failures over all of them. */
  isShare?: boolean;
  onEvent?: (event: ComponentEvent) => void;
  signal?: AbortSignal;
  limits?: ChildLimits;
  /** The program to start in place of barwright itself; for tests. */
  program?: readonly string[];
}

/** Longer id lists go by stdin: an argument list has a limit, and 100 kB is far below it everywhere. */
const MAX_ARGUMENT_BYTES = 100_000;
/** Stands for "the ids come on stdin". */
export const IDS_FROM_STDIN = '-';

const BARWRIGHT = fileURLToPath(new URL('../cli/bin.js', import.meta.url));

/** Runs the bar builders as a process of their own. */
export function runBarBuilders(request: ComponentRequest): Promise<ComponentResult> {
  return runComponent('bars', request);
}

/** Runs the EMA refreshers as a process of their own. */
export function runEmaRefreshers(request: ComponentRequest): Promise<ComponentResult> {
  return runComponent('emas', request);
}

/**
 * Runs one component over `request.ids` in a child process and gathers its outcomes.
 * Never throws; an asset that the child did not finish is failed, with the child's end as its reason. When one cause
 * that is not in the data meets too many assets the child is ended early, unless errors are to be continued on.
 */
export async function runComponent(
  component: ComponentName,
  request: ComponentRequest,
): Promise<ComponentResult> {
  const startedMs = performance.now();
  const outcomes = new Map<number, AssetOutcome>();
  const fuse = startFuse(request);
  const end = await spawnComponent(
    commandOf(component, request),
    (event) => {
      if (event.type === 'asset_finished') {
        outcomes.set(event.outcome.id, event.outcome);
        fuse.take(event.outcome);
      }
      request.onEvent?.(event);
    },
    { ...(request.limits && { limits: request.limits }), signal: fuse.signal },
  );
  const tripped = fuse.tripped();
  if (tripped !== null) return resultOfTripped(tripped, { component, request, startedMs, outcomes, end });
  const error = end.error === null ? missingError(request.ids, outcomes) : `${component}: ${end.error}`;
  for (const id of request.ids) {
    if (!outcomes.has(id))
      outcomes.set(id, decidedOutcome(id, 'failed', { reason: unfinishedReason(end, error) }));
  }
  return resultOf({
    component,
    durationMs: performance.now() - startedMs,
    returnCode: end.returnCode,
    error,
    outcomes: [...outcomes.values()],
  });
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
  ended: {
    component: ComponentName;
    request: ComponentRequest;
    startedMs: number;
    outcomes: ReadonlyMap<number, AssetOutcome>;
    end: ChildEnd;
  },
): ComponentResult {
  const { component, request, startedMs, outcomes, end } = ended;
  const why = `stopped early, the same cause met ${assets} of ${request.ids.length} assets: ${cause}`;
  return resultOf({
    component,
    durationMs: performance.now() - startedMs,
    returnCode: end.returnCode,
    error: `${component}: ${why}; mend it and run again, or go on all the same with --continue-on-error`,
    outcomes: request.ids.map((id) => {
      const outcome = outcomes.get(id);
      if (outcome === undefined || (outcome.status === 'failed' && outcome.fault === undefined))
        return decidedOutcome(id, 'failed', { reason: `not finished: ${why}` });
      if (outcome.fault?.cause !== cause) return outcome;
      return { ...outcome, fault: { ...outcome.fault, isOwn: false } };
    }),
  });
}

function missingError(ids: readonly number[], outcomes: ReadonlyMap<number, AssetOutcome>): string | null {
  const missing = ids.filter((id) => !outcomes.has(id)).length;
  return missing === 0 ? null : `said that it had finished, but gave no outcome for ${missing} assets`;
}

function unfinishedReason(end: ChildEnd, error: string | null): string {
  return `not finished: ${end.error ?? error ?? 'no outcome'}`;
}

function commandOf(component: ComponentName, request: ComponentRequest): ChildCommand {
  const ids = formatIds(request.ids);
  const isLong = ids.length > MAX_ARGUMENT_BYTES;
  const args = [component, '--ids', isLong ? IDS_FROM_STDIN : ids];
  if (request.only) args.push('--only', request.only.join(','));
  if (request.verbose) args.push('--verbose');
  if (request.continueOnError) args.push('--continue-on-error');
  if (request.fullRebuild) args.push('--full-rebuild');
  if (request.acceptDeletions) args.push('--accept-deletions');
  if (request.tfs) args.push('--tfs', request.tfs.join(','));
  if (request.numProcesses !== undefined) args.push('--num-processes', String(request.numProcesses));
  const [file, ...before] = request.program ?? [process.execPath, BARWRIGHT];
  if (file === undefined) throw new Error('a program to start was expected, got an empty list');
  return {
    file,
    args: [...before, ...args],
    env: childEnvironment(request.context),
    ...(isLong && { stdin: ids }),
  };
}
