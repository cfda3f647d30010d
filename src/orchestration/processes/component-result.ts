import { NO_WORK } from '../../domain/planning/no-work.js';
import type { AssetOutcome, ComponentName } from '../../domain/planning/outcome.js';

/** How one component of a run went. The first ten fields are the contract; the rest is what the summary shows. */
export interface ComponentResult {
  component: string;
  /** No asset failed and the component itself ran to its end. */
  success: boolean;
  durationSec: number;
  /** Exit code of the process; 0 when there was nothing to start; null when it was not run or ended by a signal. */
  returnCode: number | null;
  errorMessage?: string;
  ok: number;
  failed: number;
  skipped: number;
  rowsNeeded: number;
  rowsWritten: number;
  rejects?: number;
  repairs?: number;
  gaps?: number;
  backfills?: number;
  /** The component was asked for but never started. */
  notRun?: boolean;
  outcomes?: readonly AssetOutcome[];
}

export interface ComponentEnd {
  component: ComponentName;
  durationMs: number;
  returnCode: number | null;
  error: string | null;
  outcomes: readonly AssetOutcome[];
}

/** Counts outcomes into a result. `error` says why the component as a whole failed, null when it ran to its end. */
export function resultOf(end: ComponentEnd): ComponentResult {
  const { outcomes } = end;
  const count = (status: AssetOutcome['status']) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const total = (amount: (outcome: AssetOutcome) => number) =>
    outcomes.reduce((sum, each) => sum + amount(each), 0);
  const failed = count('failed');
  return {
    component: end.component,
    success: end.error === null && failed === 0,
    durationSec: end.durationMs / 1000,
    returnCode: end.returnCode,
    ...(end.error === null ? {} : { errorMessage: end.error }),
    ok: count('ok'),
    failed,
    skipped: count('skipped'),
    rowsNeeded: total((outcome) => outcome.rowsNeeded),
    rowsWritten: total((outcome) => outcome.rowsWritten),
    rejects: total((outcome) => outcome.rejects),
    repairs: total((outcome) => outcome.repairs),
    gaps: total((outcome) => outcome.gaps),
    backfills: outcomes.filter((outcome) => outcome.backfilled).length,
    outcomes,
  };
}

/** A component that was asked for and could not be started. */
export function notRun(component: ComponentName, why: string): ComponentResult {
  const result = resultOf({ component, durationMs: 0, returnCode: null, error: why, outcomes: [] });
  return { ...result, notRun: true };
}

/** An outcome without any work, for assets that are decided about before a component sees them. */
export function decidedOutcome(
  id: number,
  status: AssetOutcome['status'],
  decision: { action?: AssetOutcome['action']; reason: string },
): AssetOutcome {
  return {
    id,
    status,
    action: decision.action ?? (status === 'skipped' ? 'skip' : 'none'),
    reason: decision.reason,
    ...NO_WORK,
    durationMs: 0,
  };
}
