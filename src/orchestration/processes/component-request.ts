/** Work for one component, and how it is started. */
import type { ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import type { ChildContext } from './child-context.js';
import type { ChildEnd, ChildLimits, SpawnOptions } from './spawn-component.js';

/** Starts a component and reads its events to the end: as a process of its own, or by workers anywhere. Never throws. */
export type StartComponent = (
  component: ComponentName,
  request: ComponentRequest,
  onEvent: (event: ComponentEvent) => void,
  options: SpawnOptions,
) => Promise<ChildEnd>;

/** Work for one component: which assets, where, and how. */
export interface ComponentRequest {
  ids: readonly number[];
  context: ChildContext;
  only?: readonly string[] | null;
  verbose?: boolean;
  continueOnError?: boolean;
  fullRebuild?: boolean;
  acceptDeletions?: boolean;
  acceptProvisional?: boolean;
  /** Timeframes; null or absent = all. */
  tfs?: readonly string[] | null;
  numProcesses?: number;
  /** Seconds for all of it, replacements included; null or absent = no limit. */
  timeoutSec?: number | null;
  /** The ids are a worker's share of a component: the process that started the workers counts failures over all of them. */
  isShare?: boolean;
  onEvent?: (event: ComponentEvent) => void;
  /** Awaited before a process takes the place of one that was killed. */
  beforeReplacing?: () => Promise<void>;
  signal?: AbortSignal;
  limits?: ChildLimits;
  /** A worker below a component belongs to the component's process group and ends with it. */
  isWorker?: boolean;
  /** Left out: as a process of its own. */
  start?: StartComponent;
  /** The program to start instead of barwright itself; for tests. */
  program?: readonly string[];
}
