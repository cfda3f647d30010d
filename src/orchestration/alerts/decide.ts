/** Which causes are sent: the same cause once in twelve hours, and once more when it has ended. */
import { componentsOf } from '../../domain/planning/outcome.js';
import type { StoredAlert } from '../../storage/runs/alerts.js';
import type { RefreshReport, RefreshRequest } from '../report/refresh-report.js';
import type { AlertCause, AlertKind } from './causes.js';

export const REPEAT_MS = 12 * 3_600_000;

/** What is remembered of a cause. Times are epoch milliseconds of our clock. */
export interface AlertEntry extends StoredAlert<AlertKind> {
  /** Host, port, database and schema; NOWHERE when no database was known. */
  warehouse: string;
}

export const NOWHERE = 'no database';

export interface Decision {
  /** Causes to send. */
  due: AlertEntry[];
  /** Sent causes that have ended. */
  ended: AlertEntry[];
  /** Everything to remember, whether it was sent or not. */
  entries: AlertEntry[];
}

export interface Situation {
  warehouse: string;
  causes: readonly AlertCause[];
  /** What is remembered of this warehouse. */
  entries: readonly AlertEntry[];
  /** Whether this run has looked at what an entry is about and found it gone. */
  hasEnded(entry: AlertEntry): boolean;
  nowMs: number;
}

/** Compares the causes of a run with what is remembered. */
export function decideAlerts(situation: Situation): Decision {
  const { causes, entries, nowMs } = situation;
  const known = new Map(entries.map((entry) => [entry.key, entry]));
  const decision: Decision = { due: [], ended: [], entries: [] };
  for (const cause of causes) {
    const entry = remember(situation, cause, known.get(cause.key));
    decision.entries.push(entry);
    if (isDue(entry, known.get(cause.key)?.isOpen ?? false, nowMs)) decision.due.push(entry);
  }
  const present = new Set(causes.map(({ key }) => key));
  for (const entry of entries) {
    if (present.has(entry.key)) continue;
    const isEnding = entry.isOpen && situation.hasEnded(entry);
    if (isEnding && entry.isTold) decision.ended.push(entry);
    decision.entries.push(isEnding ? { ...entry, isOpen: false, lastSeenMs: nowMs } : entry);
  }
  return decision;
}

function remember(
  { warehouse, nowMs }: Situation,
  cause: AlertCause,
  entry: AlertEntry | undefined,
): AlertEntry {
  const wasOpen = entry?.isOpen ?? false;
  return {
    ...cause,
    warehouse: entry?.warehouse ?? warehouse,
    ids: [...new Set([...(wasOpen ? (entry?.ids ?? []) : []), ...cause.ids])].sort((a, b) => a - b),
    isOpen: true,
    isTold: wasOpen && (entry?.isTold ?? false),
    firstSeenMs: wasOpen ? (entry?.firstSeenMs ?? nowMs) : nowMs,
    lastSeenMs: nowMs,
    lastSentMs: entry?.lastSentMs ?? null,
  };
}

/** Quarantine, death and findings are sent once. A cause that ended and came back within twelve hours is not sent. */
function isDue({ kind, lastSentMs, isTold }: AlertEntry, wasOpen: boolean, nowMs: number): boolean {
  if (lastSentMs === null) return true;
  if (isSentOnce(kind) && wasOpen && isTold) return false;
  const ageMs = nowMs - lastSentMs;
  // Sent in the future: the clock was wrong then or is wrong now, and silence could last for ever.
  return ageMs < 0 || ageMs >= REPEAT_MS;
}

function isSentOnce(kind: AlertKind): boolean {
  return kind === 'quarantine' || kind === 'death' || kind === 'finding';
}

/** What to remember once it is known whether the message got through: an end that was not sent is sent again. */
export function settleDecision(decision: Decision, isSent: boolean, nowMs: number): AlertEntry[] {
  const due = new Set(decision.due.map(({ key }) => key));
  const ended = new Map(decision.ended.map((entry) => [entry.key, entry]));
  return decision.entries.map((entry) => {
    if (!isSent) return ended.get(entry.key) ?? entry;
    if (due.has(entry.key)) return { ...entry, isTold: true, lastSentMs: nowMs };
    return ended.has(entry.key) ? { ...entry, isTold: false } : entry;
  });
}

/** One memory out of two (the database's and the file's): of each cause what was seen last. */
export function mergeEntries(...memories: (readonly AlertEntry[])[]): AlertEntry[] {
  const merged = new Map<string, AlertEntry>();
  for (const entry of memories.flat()) {
    const name = `${entry.warehouse} ${entry.key}`;
    const known = merged.get(name);
    if (known === undefined || known.lastSeenMs < entry.lastSeenMs) merged.set(name, entry);
  }
  return [...merged.values()];
}

/**
 * Whether a run that does not have a cause shows that it has ended. A run that was refused, interrupted or cut short
 * shows nothing; a part shows nothing about the rest.
 */
export function hasEnded(entry: AlertEntry, request: RefreshRequest, report: RefreshReport): boolean {
  if (entry.kind === 'death' || entry.kind === 'finding' || report.isDryRun) return false;
  if (report.heldBy !== null || report.interruptedBy !== null || report.error !== null) return false;
  if (entry.kind === 'warning' && !report.isStrict) return false;
  if (entry.component === null) return entry.kind === 'failure' || isWhole(request);
  const result = report.components.find(({ component }) => component === entry.component);
  if (!isOfAllSeries(request)) return false;
  if (result === undefined || result.notRun) return false;
  if (entry.ids.length === 0) return result.errorMessage === undefined;
  const outcomes = new Map(result.outcomes?.map((outcome) => [outcome.id, outcome.status]));
  // In a run of all assets, one that is not there was retired.
  return entry.ids.every((id) => (outcomes.get(id) ?? (isWhole(request) ? 'ok' : null)) === 'ok');
}

/** A retry names neither ids nor components: what it left out, it has not looked at. */
function isWhole(request: RefreshRequest): boolean {
  return componentsOf(request).length > 0 && (request.ids ?? null) === null && isOfAllSeries(request);
}

function isOfAllSeries(request: RefreshRequest): boolean {
  const { tfs, periods, combos, onlyBuilders, onlyFamilies, onlyIndicators } = request;
  return [tfs, periods, combos, onlyBuilders, onlyFamilies, onlyIndicators].every(
    (part) => (part ?? null) === null,
  );
}
