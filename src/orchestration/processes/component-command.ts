import type { ComponentName } from '../../domain/planning/outcome.js';
import { formatIds } from '../../domain/text/ids.js';
import { PROGRAM } from '../../storage/places.js';
import { childEnvironment } from './child-context.js';
import type { ComponentRequest } from './component-request.js';
import type { ChildCommand } from './spawn-component.js';

/** Longer id lists go by stdin: an argument list has a limit, and 100 kB is far below it everywhere. */
const MAX_ARGUMENT_BYTES = 100_000;
/** Stands for "the ids come on stdin". */
export const IDS_FROM_STDIN = '-';

/**
 * Rows are made, written and forgotten: with a young generation of this many MB a component takes half of the memory
 * that it takes with Node's usual one, in the same time.
 */
const YOUNG_GENERATION_MB = 4;

/** How a component is started: this same program, its flags, and what no argument may carry in the environment. */
export function commandOf(component: ComponentName, request: ComponentRequest): ChildCommand {
  const ids = formatIds(request.ids);
  const isLong = ids.length > MAX_ARGUMENT_BYTES;
  const args = [component, '--ids', isLong ? IDS_FROM_STDIN : ids];
  if (request.only) args.push('--only', request.only.join(','));
  if (request.verbose) args.push('--verbose');
  if (request.continueOnError) args.push('--continue-on-error');
  if (request.fullRebuild) args.push('--full-rebuild');
  if (request.acceptDeletions) args.push('--accept-deletions');
  if (request.acceptProvisional) args.push('--accept-provisional');
  if (request.tfs) args.push('--tfs', request.tfs.join(','));
  if (request.numProcesses !== undefined) args.push('--num-processes', String(request.numProcesses));
  const [file, ...before] = request.program ?? [
    process.execPath,
    `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
    PROGRAM,
  ];
  if (file === undefined) throw new Error('a program to start was expected, got an empty list');
  return {
    file,
    args: [...before, ...args],
    env: childEnvironment(request.context),
    ...(isLong && { stdin: ids }),
  };
}
