/** What will be done for the EMAs of one asset, and why: facts in, plan out. Pure. */
import { type Day, formatDay } from '../calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../calendar/timeframe.js';
import { type EmaAssetState, KERNEL_VERSION } from '../emas/series.js';
import type { AssetPlan } from './outcome.js';
import { countDays, type PlanOptions } from './plan.js';

/** What `emas --only` selects from, in the order of work, with the alignments of each. */
const ALIGNMENTS_OF_FAMILY = {
  multi_tf: ['multi_tf'],
  cal: ['cal_us', 'cal_iso'],
  cal_anchor: ['cal_anchor_us', 'cal_anchor_iso'],
  v2: ['v2'],
} as const satisfies Record<string, readonly Alignment[]>;

export const EMA_FAMILIES = ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const;
export type EmaFamily = (typeof EMA_FAMILIES)[number];

/** Alignments of the EMA families asked for; null means all. */
export function alignmentsOfFamilies(only: readonly EmaFamily[] | null): Alignment[] {
  const wanted = (only ?? EMA_FAMILIES).flatMap(
    (family): readonly Alignment[] => ALIGNMENTS_OF_FAMILY[family],
  );
  return ALIGNMENTS.filter((alignment) => wanted.includes(alignment));
}

/** What is known of one asset and alignment. */
export interface EmaAlignmentFacts {
  alignment: Alignment;
  /** dim_timeframe has no timeframe of it any more: whatever is stored of it goes. */
  isRemoved: boolean;
  /** null: never built, or given up because the bars were rebuilt. */
  state: EmaAssetState | null;
  /** Bars changed from this day on; null: as far as is known nothing did. */
  repairFrom: Day | null;
  /** Newest day that a series asked for can come to; null: no bars are built. */
  targetDay: Day | null;
  /** The same for all series of the alignment: where a build from the first day comes to. */
  fullTargetDay: Day | null;
  /** Its series have not all come equally far, in bars or in EMAs. */
  isUneven: boolean;
  /** Series asked for that have closed bars to take in, or whose history is still to be built. */
  pendingSeries: number;
  /** Series asked for that have not come as far as the alignment, and could. */
  laggingSeries: number;
  /** Series with EMAs whose timeframe is not in dim_timeframe any more. */
  removedSeries: number;
}

/** Everything that decides what happens to the EMAs of one asset. */
export interface EmaFacts {
  id: number;
  /** The 1D bars; null: never built. */
  daily: { lastDay: Day | null; barSeq: number } | null;
  /** dim_period, ascending. */
  periods: readonly number[];
  alignments: EmaAlignmentFacts[];
}

/** What will be done for one alignment of an asset. */
export interface EmaTask {
  alignment: Alignment;
  action: AssetPlan['action'];
  reason: string;
  /** State to continue from; null: from the first day. */
  before: EmaAssetState | null;
  /** A repair for no other reason than that bars have changed from this day on; else null. */
  repairFrom: Day | null;
  targetDay: Day;
  isUneven: boolean;
  /** Nothing of the alignment is to be left. */
  isRemoved: boolean;
}

export interface EmaPlan extends AssetPlan {
  /** What is to be done, alignment by alignment. */
  tasks: EmaTask[];
}

/** Why there is nothing to be done for an asset of which every source row was rejected. */
export const NO_DAY_ACCEPTED = 'no day was accepted';

/** Plans the EMAs of one asset: its action is the heaviest of its alignments'. */
export function planEmas(facts: EmaFacts, options: PlanOptions): EmaPlan {
  const { id, daily } = facts;
  if (daily === null) return { id, action: 'skip', reason: 'it has no 1D bars yet', tasks: [] };
  if (daily.barSeq === 0) return { id, action: 'none', reason: NO_DAY_ACCEPTED, tasks: [] };
  if (facts.alignments.length === 0)
    return { id, action: 'none', reason: 'no timeframe asked for', tasks: [] };
  const all = facts.alignments.map((alignment) => planAlignment(facts, alignment, options));
  const tasks = all.filter(({ action }) => action !== 'none' && action !== 'skip');
  const spoken = tasks.length > 0 ? all.filter(({ action }) => action !== 'none') : all;
  const action = (['rebuild', 'repair', 'append', 'none', 'skip'] as const).find((each) =>
    all.some((step) => step.action === each),
  );
  return { id, action: action ?? 'none', reason: joinReasons(spoken, all.length), tasks };
}

function planAlignment(facts: EmaFacts, known: EmaAlignmentFacts, options: PlanOptions): EmaTask {
  const { alignment, state, targetDay } = known;
  const decide = (action: EmaTask['action'], reason: string, repairFrom: Day | null = null): EmaTask => ({
    alignment,
    action,
    reason,
    repairFrom,
    before: action === 'append' ? state : null,
    targetDay: (action === 'append' ? targetDay : known.fullTargetDay) ?? Number.NEGATIVE_INFINITY,
    isUneven: known.isUneven,
    isRemoved: known.isRemoved,
  });
  if (known.isRemoved) {
    if (state === null && known.removedSeries === 0) return decide('none', 'it has no timeframe');
    return decide('append', `remove ${known.removedSeries} series, the last of their alignment`);
  }
  if (targetDay === null) return decide('skip', 'its bars are not built yet');
  const until = formatDay(targetDay);
  if (state === null) return decide('rebuild', `first build: up to ${until}`);
  if (options.fullRebuild) return decide('rebuild', 'rebuild: full rebuild asked for');
  if (state.kernelVersion !== KERNEL_VERSION) {
    return decide('repair', `rebuild: kernel version ${state.kernelVersion} is now ${KERNEL_VERSION}`);
  }
  const periods = periodDifference(state.periods, facts.periods);
  if (periods !== null) return decide('repair', `rebuild: ${periods}`);
  if (known.repairFrom !== null)
    return decide('repair', `repair from ${formatDay(known.repairFrom)}`, known.repairFrom);
  const parts: string[] = [];
  if (targetDay > state.watermarkDay) parts.push(appendReason(facts, known, state));
  else if (known.pendingSeries > 0) parts.push(`${known.pendingSeries} series with closed bars`);
  if (known.laggingSeries > 0) parts.push(`catch up ${known.laggingSeries} series`);
  if (known.removedSeries > 0) parts.push(`remove ${known.removedSeries} series`);
  return parts.length > 0 ? decide('append', parts.join(', ')) : decide('none', `up to date (${until})`);
}

function appendReason(facts: EmaFacts, known: EmaAlignmentFacts, state: EmaAssetState): string {
  const from = formatDay(state.watermarkDay);
  const to = formatDay(known.targetDay ?? state.watermarkDay);
  if (known.targetDay !== facts.daily?.lastDay) return `append the days after ${from} up to ${to}`;
  return `append ${countDays((facts.daily?.barSeq ?? 0) - state.rowCount)} (after ${from} up to ${to})`;
}

/** "periods changed: 33 added, 6 removed", or null when they are the same. */
function periodDifference(before: readonly number[], now: readonly number[]): string | null {
  const added = now.filter((period) => !before.includes(period));
  const removed = before.filter((period) => !now.includes(period));
  if (added.length === 0 && removed.length === 0) return null;
  const parts = [
    ...(added.length > 0 ? [`${added.join(' ')} added`] : []),
    ...(removed.length > 0 ? [`${removed.join(' ')} removed`] : []),
  ];
  return `periods changed: ${parts.join(', ')}`;
}

/** One phrase when all alignments say the same, else each phrase with its alignments. */
export function joinReasons(
  steps: readonly { reason: string; alignment: Alignment }[],
  alignments: number,
): string {
  const byReason = new Map<string, Alignment[]>();
  for (const { reason, alignment } of steps)
    byReason.set(reason, [...(byReason.get(reason) ?? []), alignment]);
  const phrases = [...byReason].map(([reason, names]) =>
    names.length === alignments ? reason : `${names.join(', ')}: ${reason}`,
  );
  return phrases.join('; ');
}
