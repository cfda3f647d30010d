/** How far a run has come, while it runs. */
import type { ComponentEvent, ComponentName } from './outcome.js';

/** One component of a run in progress. Times are ISO, UTC, by the clock of the machine that runs it. */
export interface StageProgress {
  component: ComponentName;
  startedAt: string;
  finishedAt: string | null;
  /** Assets that need work, and those that are done, whatever came of it. */
  total: number;
  done: number;
  ok: number;
  failed: number;
  skipped: number;
  rowsWritten: number;
}

/** An asset that failed or was skipped. */
export interface UndoneProgress {
  component: ComponentName;
  id: number;
  status: 'failed' | 'skipped';
  reason: string;
}

/** Components that have begun, in the order of work, and who is not done. */
export interface RunProgress {
  /** When it was like this. */
  at: string;
  stages: StageProgress[];
  /** The newest first, a few of them. */
  undone: UndoneProgress[];
  undoneCount: number;
}

/** More of them would make the row that is written every second a long one. */
const MOST_UNDONE = 50;

/** A run that has not begun with any component. */
export function noProgress(at: string): RunProgress {
  return { at, stages: [], undone: [], undoneCount: 0 };
}

/** The progress after an event of a component, which came at `at`; the same value where the event has no news. */
export function advanceProgress(
  progress: RunProgress,
  component: ComponentName,
  { event, at }: { event: ComponentEvent; at: string },
): RunProgress {
  switch (event.type) {
    case 'started':
      return { ...progress, at, stages: [...progress.stages, newStage(component, event.assets, at)] };
    case 'asset_finished':
      return takeOutcome(progress, component, { outcome: event.outcome, at });
    case 'finished':
    case 'failed':
      return withStage({ ...progress, at }, component, (stage) => ({ ...stage, finishedAt: at }));
    default:
      return progress;
  }
}

function newStage(component: ComponentName, total: number, startedAt: string): StageProgress {
  return {
    component,
    startedAt,
    finishedAt: null,
    total,
    done: 0,
    ok: 0,
    failed: 0,
    skipped: 0,
    rowsWritten: 0,
  };
}

function takeOutcome(
  progress: RunProgress,
  component: ComponentName,
  { outcome, at }: { outcome: Extract<ComponentEvent, { type: 'asset_finished' }>['outcome']; at: string },
): RunProgress {
  const { id, status, reason, rowsWritten } = outcome;
  const next = withStage({ ...progress, at }, component, (stage) => ({
    ...stage,
    finishedAt: null,
    done: stage.done + 1,
    [status]: stage[status] + 1,
    rowsWritten: stage.rowsWritten + rowsWritten,
  }));
  if (status === 'ok') return next;
  const undone = [{ component, id, status, reason }, ...progress.undone].slice(0, MOST_UNDONE);
  return { ...next, undone, undoneCount: progress.undoneCount + 1 };
}

function withStage(
  progress: RunProgress,
  component: ComponentName,
  change: (stage: StageProgress) => StageProgress,
): RunProgress {
  return {
    ...progress,
    stages: progress.stages.map((stage) => (stage.component === component ? change(stage) : stage)),
  };
}

/** Assets a second of a stage, and the seconds that it has still to go; null: nothing is done yet. */
export function rateOf(
  stage: StageProgress,
  at: string,
): { ratePerSec: number | null; secondsLeft: number | null } {
  const seconds = (Date.parse(stage.finishedAt ?? at) - Date.parse(stage.startedAt)) / 1000;
  if (stage.finishedAt !== null)
    return { ratePerSec: seconds > 0 ? stage.done / seconds : null, secondsLeft: 0 };
  if (stage.done === 0 || seconds <= 0) return { ratePerSec: null, secondsLeft: null };
  const ratePerSec = stage.done / seconds;
  return { ratePerSec, secondsLeft: Math.max(0, stage.total - stage.done) / ratePerSec };
}
