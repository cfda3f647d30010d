/** Why somebody is to be told: the causes in a report, each with a key that is the same the next night. */
import type { AssetOutcome } from '../../domain/outcome.js';
import type { ComponentResult } from '../component-result.js';
import type { RefreshReport } from '../refresh-report.js';
import { listStrictReasons } from '../strict.js';

/**
 * - failure, warning: told again after twelve hours as long as it lasts, and when it has ended
 * - quarantine: told once, and when it has ended
 * - death: a run that came to no end; told once
 */
export const CAUSE_KINDS = ['failure', 'warning', 'quarantine', 'death'] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

export interface Cause {
  kind: CauseKind;
  /** Component and reason without what differs from night to night. */
  key: string;
  /** null: the run as a whole. */
  component: string | null;
  /** Assets that have it; [] when it is not about single assets. */
  ids: number[];
  /** One sentence for people. */
  words: string;
}

/** A lease that is held this long is no overlap any more: the run that has it may hang. */
const LONG_HELD_HOURS = 6;
const HOUR_MS = 3_600_000;
const MAX_KEY = 200;
const SHOWN_IDS = 10;
/** How the planner words an asset that it leaves alone after too many failures. */
const QUARANTINED = /^quarantined\b/i;

/** The causes in a report; none for a good run, a dry run and one that was interrupted. `nowMs`: our clock. */
export function listCauses(report: RefreshReport, nowMs: number): Cause[] {
  if (report.isDryRun || report.interruptedBy !== null) return [];
  if (report.heldBy !== null) return causesOfHolder(report.heldBy, nowMs);
  const causes = [
    ...(report.error === null ? [] : [runCause('failure', report.error)]),
    ...report.components.flatMap(causesOfComponent),
    ...causesOfQuarantine(report),
    ...(report.isStrict ? causesOfStrictness(report) : []),
  ];
  return mergeCauses(causes);
}

/** A run that another one found without an end. */
export function causeOfDeath(dead: {
  run: string;
  command: string;
  host: string;
  pid: number;
  startedAt: string;
}): Cause {
  const { run, command, host, pid, startedAt } = dead;
  return {
    kind: 'death',
    // Its own id: every such run is an event of its own.
    key: `run: died: ${run}`,
    component: null,
    ids: [],
    words: `an earlier run came to no end: ${command} on ${host}, process ${pid}, started ${startedAt} (run ${run})`,
  };
}

function causesOfHolder(holder: NonNullable<RefreshReport['heldBy']>, nowMs: number): Cause[] {
  const hours = (nowMs - Date.parse(holder.startedAt)) / HOUR_MS;
  if (!(hours >= LONG_HELD_HOURS)) return [];
  const words =
    `nothing was done: another run has held the lease for ${Math.floor(hours)} hours: ` +
    `${holder.command} on ${holder.host}, process ${holder.pid}, since ${holder.startedAt}`;
  return [{ kind: 'failure', key: 'run: lease held', component: null, ids: [], words }];
}

function runCause(kind: CauseKind, reason: string): Cause {
  return { kind, key: causeKey('run', reason), component: null, ids: [], words: reason };
}

function causesOfComponent(result: ComponentResult): Cause[] {
  // Why it was not run is a cause of its own already.
  if (result.notRun) return [];
  const { component, errorMessage, outcomes = [] } = result;
  const whole = errorMessage === undefined ? [] : [componentCause(component, errorMessage)];
  return [...whole, ...outcomes.flatMap((outcome) => causeOfOutcome(component, outcome, errorMessage))];
}

function componentCause(component: string, reason: string): Cause {
  return { kind: 'failure', key: causeKey(component, reason), component, ids: [], words: reason };
}

function causeOfOutcome(
  component: string,
  outcome: AssetOutcome,
  componentError: string | undefined,
): Cause[] {
  const { id, status, reason } = outcome;
  const cause = { component, ids: [id], words: reason };
  if (status !== 'failed') return [];
  // The component's own end is told once, not for every asset that it did not come to.
  if (componentError !== undefined && reason.startsWith('not finished: ')) return [];
  return [{ ...cause, kind: 'failure', key: causeKey(component, reason) }];
}

/** Assets that were skipped as quarantined, and those that will be from now on. */
function causesOfQuarantine(report: RefreshReport): Cause[] {
  const skipped = report.components.flatMap(({ component, outcomes = [] }) =>
    outcomes
      .filter(({ status, reason }) => status === 'skipped' && QUARANTINED.test(reason))
      .map(({ id, reason }) => ({ id, component, reason })),
  );
  return [...skipped, ...report.quarantined].map(({ id, component, reason }) => ({
    kind: 'quarantine',
    key: `${component}: quarantined: ID ${id}`,
    component,
    ids: [id],
    words: QUARANTINED.test(reason) ? reason : `quarantined from now on: ${reason}`,
  }));
}

/** With --strict: what turned a good run into a bad one, and whom it left out. */
function causesOfStrictness(report: RefreshReport): Cause[] {
  const skipped = report.components.flatMap(({ component, outcomes = [] }) =>
    outcomes
      .filter(({ status, reason }) => status === 'skipped' && !QUARANTINED.test(reason))
      .map(({ id, reason }): Cause => {
        const words = `skipped: ${reason}`;
        return { kind: 'warning', key: causeKey(component, words), component, ids: [id], words };
      }),
  );
  return [...skipped, ...listStrictReasons(report).map((reason) => runCause('warning', reason))];
}

/** One cause a key: assets that have the same one stand together. */
function mergeCauses(causes: readonly Cause[]): Cause[] {
  const merged = new Map<string, Cause>();
  for (const cause of causes) {
    const known = merged.get(cause.key);
    if (known === undefined) merged.set(cause.key, { ...cause, ids: [...cause.ids] });
    else known.ids = [...new Set([...known.ids, ...cause.ids])].sort((a, b) => a - b);
  }
  return [...merged.values()];
}

/**
 * Component and reason, without numbers, ids, times, values in lists: "ID 825: day 33 is poisoned" of tonight is "ID 52:
 * day 34 is poisoned" of tomorrow.
 */
export function causeKey(component: string, reason: string): string {
  const plain = reason
    .toLowerCase()
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#')
    .replaceAll(/\d{4}-\d{2}-\d{2}(?:t[\d:.]+z?)?/g, '#')
    .replaceAll(/[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g, '#')
    .replaceAll(/#(?:\s*[,;/]\s*(?:…\s*)?#(?:\s+more)?)+/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${component}: ${plain}`.slice(0, MAX_KEY);
}

/** "bars, ID 825: reason", "emas, 12 assets (1, 52, …): reason", "run: reason". */
export function formatCause({ component, ids, words }: Pick<Cause, 'component' | 'ids' | 'words'>): string {
  const shown = ids.slice(0, SHOWN_IDS).join(', ');
  const more = ids.length > SHOWN_IDS ? ', …' : '';
  const who =
    ids.length === 0 ? '' : ids.length === 1 ? `, ID ${shown}` : `, ${ids.length} assets (${shown}${more})`;
  return `${component ?? 'run'}${who}: ${words}`;
}
