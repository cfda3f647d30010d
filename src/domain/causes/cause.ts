/** One thing that is wrong in a run, for summary, alerts, run record, dashboard and --json. */
import type { ComponentName } from '../planning/outcome.js';
import { type CauseKind, rankOf, ruleOf, type Severity } from './kinds.js';

export interface Cause {
  kind: CauseKind;
  severity: Severity;
  /** The same from night to night: component and sentence without numbers, ids, times. */
  key: string;
  /** null: the run as a whole, or not about one component. */
  component: ComponentName | null;
  /** How many assets; where it is not about assets, how many times it was met. */
  count: number;
  /** All assets that have it, ascending; [] where it is not about assets. */
  ids: number[];
  /** Symbols of those ids that have one. */
  symbols: Record<number, string>;
  /** Since when: the oldest of its assets. ISO time in UTC; null: first seen in this run. */
  since: string | null;
  /** One sentence: what is wrong. */
  sentence: string;
  /** The sentence is the first asset's; those of the others differ in numbers. */
  isExample: boolean;
  /** What to type; null: nothing to be done. */
  command: string | null;
  /** Assets that joined at different times are news each, and alerts keep them apart. Left out: they are one. */
  alertParts?: readonly { key: string; ids: number[] }[];
}

/** What makes a cause; the rest follows from it. */
export interface CauseFacts {
  component?: ComponentName | null;
  ids?: readonly number[];
  since?: string | null;
  sentence: string;
  /** Left out: the command that the sentence names in quotes, if any. */
  command?: string | null;
  /** Left out: made of component and sentence. */
  key?: string;
  alertParts?: Cause['alertParts'];
}

/** A cause of this kind. */
export function newCause(kind: CauseKind, facts: CauseFacts): Cause {
  const { component = null, ids = [], since = null, sentence } = facts;
  return {
    kind,
    severity: ruleOf(kind).severity,
    key: facts.key ?? causeKey(component ?? 'run', sentence),
    component,
    count: Math.max(1, ids.length),
    ids: distinct(ids),
    symbols: {},
    since,
    sentence,
    isExample: false,
    command: facts.command === undefined ? commandIn(sentence) : facts.command,
    ...(facts.alertParts !== undefined && { alertParts: facts.alertParts }),
  };
}

/** The first command of ours that a sentence names in double quotes. */
export function commandIn(sentence: string): string | null {
  return /"(barwright [^"]{1,150})"/.exec(sentence)?.[1] ?? null;
}

/** One cause a key, what is worst first: assets that have the same one stand together. */
export function mergeCauses(causes: readonly Cause[]): Cause[] {
  const merged = new Map<string, Cause>();
  for (const cause of causes) {
    const known = merged.get(cause.key);
    merged.set(cause.key, known === undefined ? cause : joinCauses(known, cause));
  }
  // Array.sort keeps the order of equals: causes of one kind stand as they were met.
  return [...merged.values()].sort((a, b) => rankOf(a.kind) - rankOf(b.kind));
}

function joinCauses(one: Cause, other: Cause): Cause {
  const ids = distinct([...one.ids, ...other.ids]);
  return {
    ...one,
    ids,
    count: ids.length > 0 ? ids.length : one.count + other.count,
    symbols: { ...one.symbols, ...other.symbols },
    since: oldest(one.since, other.since),
    isExample: one.isExample || other.isExample || one.sentence !== other.sentence,
  };
}

function oldest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) <= Date.parse(b) ? a : b;
}

function distinct(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

const MAX_KEY = 200;

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
    .replaceAll(/#(?: ?[,;/] ?(?:… ?)?#(?: more)?)+/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${component}: ${plain}`.slice(0, MAX_KEY);
}
