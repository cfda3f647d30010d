/** What will be done for the indicators of one asset, and why: facts in, plan out. Pure. */
import { type Day, formatDay } from '../calendar/day.js';
import { BAR_ALIGNMENTS, type BarAlignment } from '../calendar/timeframe.js';
import type { AssetPlan } from './outcome.js';
import type { PlanOptions } from './plan.js';
import { joinReasons, NO_DAY_ACCEPTED } from './plan-emas.js';

/** What `indicators --only` selects from, in the order of work, with the alignments of each. */
const ALIGNMENTS_OF_FAMILY = {
  multi_tf: ['multi_tf'],
  cal: ['cal_us', 'cal_iso'],
  cal_anchor: ['cal_anchor_us', 'cal_anchor_iso'],
} as const satisfies Record<string, readonly BarAlignment[]>;

export const INDICATOR_FAMILIES = ['multi_tf', 'cal', 'cal_anchor'] as const;
export type IndicatorFamily = (typeof INDICATOR_FAMILIES)[number];

/** Alignments of the families asked for; null means all. */
export function alignmentsOfIndicators(only: readonly IndicatorFamily[] | null): BarAlignment[] {
  const wanted = (only ?? INDICATOR_FAMILIES).flatMap(
    (family): readonly BarAlignment[] => ALIGNMENTS_OF_FAMILY[family],
  );
  return BAR_ALIGNMENTS.filter((alignment) => wanted.includes(alignment));
}

/** What is stored of the indicators of one asset and alignment. */
export interface IndicatorState {
  /** null: the bars were rebuilt without a trace of since when. */
  watermarkDay: Day | null;
  repairFrom: Day | null;
  /** Name and version of each indicator that it was written for. */
  identities: readonly string[];
}

/** What is known of one asset and alignment. */
export interface IndicatorAlignmentFacts {
  alignment: BarAlignment;
  /** null: never built. */
  state: IndicatorState | null;
  /** Newest day that a series of bars has come to; null: there is no series. */
  targetDay: Day | null;
  /** Series asked for that have not come as far as their bars, or are not built. */
  pendingSeries: number;
  /** Series with values whose bars are gone. */
  removedSeries: number;
}

/** An active indicator that cannot be computed now. */
export interface MissingIndicator {
  name: string;
  /** What is wrong with the file that may define it, as a sentence. */
  why: string;
}

/** Everything that decides what happens to the indicators of one asset. */
export interface IndicatorFacts {
  id: number;
  /** The 1D bars; null: never built. */
  daily: { barSeq: number } | null;
  /** Name and version of each active indicator, by their bytes. */
  identities: readonly string[];
  /** Active indicators that are not among these. */
  missing: readonly MissingIndicator[];
  alignments: IndicatorAlignmentFacts[];
}

/** What will be done for one alignment of an asset. */
export interface IndicatorTask {
  alignment: BarAlignment;
  action: AssetPlan['action'];
  reason: string;
  /** Nothing of the alignment is to be left. */
  isRemoved: boolean;
}

export interface IndicatorPlan extends AssetPlan {
  tasks: IndicatorTask[];
  /** The asset must not be touched and counts as failed; the reason says why. */
  isBlocked: boolean;
}

/** Plans the indicators of one asset: its action is the heaviest of its alignments'. */
export function planIndicators(facts: IndicatorFacts, options: PlanOptions): IndicatorPlan {
  const { id, daily } = facts;
  const settle = (action: 'none' | 'skip', reason: string, isBlocked = false): IndicatorPlan => ({
    ...{ id, action, reason, isBlocked, tasks: [] },
  });
  if (daily === null) return settle('skip', 'it has no 1D bars yet');
  if (daily.barSeq === 0) return settle('none', NO_DAY_ACCEPTED);
  const held = findHeld(facts);
  if (held !== null) return settle('skip', reasonOfHeld(held), true);
  const all = facts.alignments.map((alignment) => planAlignment(facts, alignment, options));
  const tasks = all.filter(({ action }) => action !== 'none' && action !== 'skip');
  const spoken = tasks.length > 0 ? all.filter(({ action }) => action !== 'none') : all;
  const action = (['rebuild', 'repair', 'append', 'none', 'skip'] as const).find((each) =>
    all.some((step) => step.action === each),
  );
  const reason = all.length === 0 ? 'no timeframe asked for' : joinReasons(spoken, all.length);
  return { id, action: action ?? 'none', reason, tasks, isBlocked: false };
}

/** A missing indicator that has values of the asset: to work without it would delete them. */
function findHeld({ missing, alignments }: IndicatorFacts): MissingIndicator | null {
  const stored = alignments.flatMap(({ state }) => state?.identities ?? []).map(nameOf);
  return missing.find(({ name }) => stored.includes(name)) ?? null;
}

function reasonOfHeld({ name, why }: MissingIndicator): string {
  return (
    `${name} cannot be computed, so the indicators stay as they are: ${why}; ` +
    `repair the file, or type "barwright indicator remove ${name}"`
  );
}

function nameOf(identity: string): string {
  return identity.split(' ')[0] ?? '';
}

function planAlignment(
  { identities }: IndicatorFacts,
  known: IndicatorAlignmentFacts,
  options: PlanOptions,
): IndicatorTask {
  const { alignment, state, targetDay } = known;
  const decide = (action: IndicatorTask['action'], reason: string, isRemoved = false): IndicatorTask => ({
    ...{ alignment, action, reason, isRemoved },
  });
  if (identities.length === 0)
    return state === null
      ? decide('none', 'no indicator is active')
      : decide('append', `remove ${namesOf(state.identities)}`, true);
  if (targetDay === null)
    return state === null
      ? decide('skip', 'its bars are not built yet')
      : decide('append', 'remove all series: their bars are gone', true);
  if (state === null) return decide('rebuild', `first build: up to ${formatDay(targetDay)}`);
  if (options.fullRebuild) return decide('rebuild', 'rebuild: full rebuild asked for');
  const difference = differenceOf(state.identities, identities);
  if (difference !== null) return decide('repair', `rebuild: ${difference}`);
  if (state.watermarkDay === null) return decide('repair', 'repair: its bars were rebuilt');
  if (state.repairFrom !== null) return decide('repair', `repair from ${formatDay(state.repairFrom)}`);
  const parts: string[] = [];
  if (targetDay > state.watermarkDay)
    parts.push(`append the days after ${formatDay(state.watermarkDay)} up to ${formatDay(targetDay)}`);
  else if (known.pendingSeries > 0) parts.push(`catch up ${known.pendingSeries} series`);
  if (known.removedSeries > 0) parts.push(`remove ${known.removedSeries} series`);
  const hasWork = known.pendingSeries > 0 || known.removedSeries > 0;
  return hasWork
    ? decide('append', parts.join(', '))
    : decide('none', `up to date (${formatDay(targetDay)})`);
}

function namesOf(identities: readonly string[]): string {
  return identities.map(nameOf).join(', ');
}

/** "indicators changed: rsi_21 added, obv removed", or null when they are the same. */
function differenceOf(before: readonly string[], now: readonly string[]): string | null {
  const added = now.filter((identity) => !before.includes(identity));
  const removed = before.filter((identity) => !now.includes(identity));
  if (added.length === 0 && removed.length === 0) return null;
  const names = (identities: readonly string[], others: readonly string[], isShared: boolean) =>
    identities.map(nameOf).filter((name) => others.map(nameOf).includes(name) === isShared);
  const parts = [
    ['added', names(added, removed, false)] as const,
    ['removed', names(removed, added, false)] as const,
    ['has another version', names(added, removed, true)] as const,
  ];
  return `indicators changed: ${parts
    .filter(([, list]) => list.length > 0)
    .map(([word, list]) => `${list.join(' ')} ${word}`)
    .join(', ')}`;
}
