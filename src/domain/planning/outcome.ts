/** What happened to one asset in one component: the value that summary, JSON, run tables and events all show. */
export const COMPONENTS = ['bars', 'emas', 'indicators'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Components that are made of bars, in the order of work. */
export const DERIVED = ['emas', 'indicators'] as const satisfies readonly ComponentName[];
export type DerivedName = (typeof DERIVED)[number];

/** Each component as people read it in a sentence. */
export const COMPONENT_WORDS: Readonly<Record<ComponentName, string>> = {
  bars: 'bars',
  emas: 'EMAs',
  indicators: 'indicators',
};

/** The components that are asked for, in the order of work. */
export function componentsOf(asked: Readonly<Partial<Record<ComponentName, boolean>>>): ComponentName[] {
  return COMPONENTS.filter((component) => asked[component] === true);
}

export const OUTCOME_STATUSES = ['ok', 'failed', 'skipped'] as const;
export type OutcomeStatus = (typeof OUTCOME_STATUSES)[number];

/** What a plan may decide for one asset. */
export const ACTIONS = ['none', 'append', 'repair', 'rebuild', 'skip'] as const;
export type Action = (typeof ACTIONS)[number];

/** Plan for one asset in one component: what will be done, and why, as a phrase for people. */
export interface AssetPlan {
  id: number;
  action: Action;
  /** "append 4 days (2025-10-27 to 2025-10-30)", "rebuild: backfill since 2015-01-01", "up to date", … */
  reason: string;
}

/** What kind of failure an asset met. */
export interface AssetFault {
  /** What it has in common with others that fail by the same. */
  cause: string;
  /** Its own values are the reason. */
  isData: boolean;
  /** It is about this asset's work, and neither passes nor meets everybody: such failures count towards its quarantine. */
  isOwn: boolean;
}

export interface AssetOutcome {
  id: number;
  status: OutcomeStatus;
  action: Action;
  /** For ok: the plan's reason. For skipped and failed: why, one sentence. */
  reason: string;
  /** Rows that had to be written by the plan's own count, and rows that the database says were written. */
  rowsNeeded: number;
  rowsWritten: number;
  rejects: number;
  repairs: number;
  /** Calendar days without a bar among the days of this run. */
  gaps: number;
  backfilled: boolean;
  /** The newest rows that this run refused or repaired, a few of them, as formatReject has them. */
  judged?: readonly string[];
  durationMs: number;
  /** Of an asset that was tried and failed; left out when it was not (blocked, not finished, unknown). */
  fault?: AssetFault;
}

/** Events of a component, from child to parent as one JSON line each on file descriptor 3. */
export type ComponentEvent =
  | { type: 'started'; component: ComponentName; assets: number }
  | { type: 'asset_started'; id: number }
  | { type: 'asset_finished'; outcome: AssetOutcome }
  /** Only with --verbose. */
  | { type: 'series'; id: number; alignment: string; tf: string; rows: number }
  | { type: 'message'; level: 'info' | 'warning'; text: string }
  | { type: 'heartbeat' }
  | { type: 'failed'; error: string }
  | { type: 'finished' };

/** Version of the event stream; a parent refuses a child that speaks another. */
export const EVENT_VERSION = 1;
