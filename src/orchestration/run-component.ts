import { fileURLToPath } from 'node:url';
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
 * Never throws; an asset that the child did not finish is failed, with the child's end as its reason.
 */
export async function runComponent(
  component: ComponentName,
  request: ComponentRequest,
): Promise<ComponentResult> {
  const startedMs = performance.now();
  const outcomes = new Map<number, AssetOutcome>();
  const end = await spawnComponent(
    commandOf(component, request),
    (event) => {
      if (event.type === 'asset_finished') outcomes.set(event.outcome.id, event.outcome);
      request.onEvent?.(event);
    },
    { ...(request.limits && { limits: request.limits }), ...(request.signal && { signal: request.signal }) },
  );
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
