/** What to alert about: the causes of a report, in the form in which they are remembered. */
import type { Cause } from '../../domain/causes/cause.js';
import { type AlertRule, ruleOf } from '../../domain/causes/kinds.js';
import type { RefreshReport } from '../report/refresh-report.js';

/**
 * - failure, warning: sent again after twelve hours as long as it lasts, and once when it has ended
 * - quarantine: sent once, and once when it has ended
 * - death: a run that died; sent once
 * - finding: an implausible day; sent once
 */
export const ALERT_KINDS = ['failure', 'warning', 'quarantine', 'death', 'finding'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** How alert_log names the rules. */
const KIND_OF_RULE: Readonly<Record<AlertRule, AlertKind>> = {
  repeated: 'failure',
  strict: 'warning',
  once: 'quarantine',
  event: 'finding',
};

export interface AlertCause {
  kind: AlertKind;
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
const SHOWN_IDS = 10;

/** What to alert about in a report; nothing for a good run, a dry run and one that was interrupted. `nowMs`: our clock. */
export function listAlertCauses(report: RefreshReport, nowMs: number): AlertCause[] {
  if (report.isDryRun || report.interruptedBy !== null) return [];
  if (report.heldBy !== null) return causesOfHolder(report.heldBy, nowMs);
  const isEndTold = report.causes.some(({ kind }) => kind === 'run_failed' || kind === 'component_failed');
  return report.causes.flatMap((cause) => {
    const { alert, isAlertPerAsset } = ruleOf(cause.kind);
    if (alert === null || (alert === 'strict' && !report.isStrict)) return [];
    // The failure of the component is one cause, not one for every asset that it did not reach.
    if (cause.kind === 'asset_unfinished' && isEndTold) return [];
    if (cause.alertParts !== undefined)
      return cause.alertParts.map((part) => ({ ...alertOf(cause, alert, part.ids), key: part.key }));
    return isAlertPerAsset ? cause.ids.map((id) => alertOf(cause, alert, [id])) : [alertOf(cause, alert)];
  });
}

function alertOf(cause: Cause, alert: AlertRule, ids: number[] = cause.ids): AlertCause {
  const { component, sentence } = cause;
  const isQuarantine = cause.kind === 'asset_quarantined';
  const key = isQuarantine ? `${component}: quarantined: ID ${ids[0]}` : cause.key;
  const words = cause.isExample ? `for example: ${sentence}` : sentence;
  return { kind: KIND_OF_RULE[alert], key, component, ids, words };
}

/** A run that another one found without an end. */
export function causeOfDeath(dead: {
  run: string;
  command: string;
  host: string;
  pid: number;
  startedAt: string;
}): AlertCause {
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

function causesOfHolder(holder: NonNullable<RefreshReport['heldBy']>, nowMs: number): AlertCause[] {
  const hours = (nowMs - Date.parse(holder.startedAt)) / HOUR_MS;
  if (!(hours >= LONG_HELD_HOURS)) return [];
  const words =
    `nothing was done: another run has held the lease for ${Math.floor(hours)} hours: ` +
    `${holder.command} on ${holder.host}, process ${holder.pid}, since ${holder.startedAt}`;
  return [{ kind: 'failure', key: 'run: lease held', component: null, ids: [], words }];
}

/** "bars, ID 825: reason", "emas, 12 assets (1, 52, …): reason", "run: reason". */
export function formatCause({
  component,
  ids,
  words,
}: Pick<AlertCause, 'component' | 'ids' | 'words'>): string {
  const shown = ids.slice(0, SHOWN_IDS).join(', ');
  const more = ids.length > SHOWN_IDS ? ', …' : '';
  const who =
    ids.length === 0 ? '' : ids.length === 1 ? `, ID ${shown}` : `, ${ids.length} assets (${shown}${more})`;
  return `${component ?? 'run'}${who}: ${words}`;
}
