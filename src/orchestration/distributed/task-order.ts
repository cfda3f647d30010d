import type { ComponentName } from '../../domain/planning/outcome.js';
import type { LeaseToken } from '../../storage/lease/lease.js';
import { fingerprintModules } from '../../storage/own-indicators/modules.js';
import type { ComponentRequest } from '../processes/component-request.js';
import { VERSION } from '../program/version.js';

/** What a worker gets to know of a task: everything but the database, which it knows itself. */
export interface TaskOrder {
  /** Of the barwright that hands out. */
  version: string;
  run: string;
  lease: LeaseToken;
  name: string;
  component: ComponentName;
  ids: readonly number[];
  source: string | null;
  asOfUs: number | null;
  batchAssets: number | null;
  /** What the files of the user's own indicators are where the run was started. */
  modules: string;
  options: Pick<
    ComponentRequest,
    'only' | 'verbose' | 'continueOnError' | 'fullRebuild' | 'acceptDeletions' | 'acceptProvisional' | 'tfs'
  >;
}

/** Enough tasks for many workers, and assets enough in each to hide what starting costs; a task is not too much to lose. */
const TASKS = 24;
const FEWEST_ASSETS = 10;
const MOST_ASSETS = 100;

function countTasks(assets: number): number {
  const most = Math.ceil(assets / FEWEST_ASSETS);
  return Math.min(most, Math.max(TASKS, Math.ceil(assets / MOST_ASSETS)));
}

/** Divides a component's assets into tasks, dealt out in turn so that they are alike. */
export function divideWork(
  component: ComponentName,
  request: ComponentRequest,
  { run, lease }: { run: string; lease: LeaseToken },
): TaskOrder[] {
  const { ids, context } = request;
  const count = countTasks(ids.length);
  const modules = fingerprintModules();
  const { only, verbose, continueOnError, fullRebuild, acceptDeletions, acceptProvisional, tfs } = request;
  return Array.from({ length: count }, (_, index) => ({
    version: VERSION,
    run,
    lease,
    name: `task ${component} ${index}`,
    component,
    ids: ids.filter((_id, position) => position % count === index),
    source: context.source,
    asOfUs: context.asOfUs ?? null,
    batchAssets: context.batchAssets ?? null,
    modules,
    options: {
      ...(only !== undefined && { only }),
      ...(verbose !== undefined && { verbose }),
      ...(continueOnError !== undefined && { continueOnError }),
      ...(fullRebuild !== undefined && { fullRebuild }),
      ...(acceptDeletions !== undefined && { acceptDeletions }),
      ...(acceptProvisional !== undefined && { acceptProvisional }),
      ...(tfs !== undefined && { tfs }),
    },
  }));
}
