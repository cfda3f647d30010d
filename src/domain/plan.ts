/** What will be done for one asset, and why: facts in, plan out (design.md "Continuing"). Pure. */
import { type Day, dayOfUs, formatDay } from './day.js';
import type { AssetPlan } from './outcome.js';
import { BAR_ALIGNMENTS, type BarAlignment } from './timeframe.js';

/** What `bars --only` selects from, in the order of work. */
export const BAR_BUILDERS = ['1d', ...BAR_ALIGNMENTS] as const;
export type BarBuilder = (typeof BAR_BUILDERS)[number];

/** Bar alignments of the builders asked for; null means all. */
export function alignmentsOfBuilders(only: readonly BarBuilder[] | null): BarAlignment[] {
  return BAR_ALIGNMENTS.filter((alignment) => only === null || only.includes(alignment));
}

/** Whether the builder of 1D bars is among those asked for; null means all. */
export function includesDaily(only: readonly BarBuilder[] | null): boolean {
  return only === null || only.includes('1d');
}

/** The state of an asset's 1D bars as stored. Times are epoch microseconds. */
export interface DailyState {
  /** Newest source timestamp read, rejected or not: the watermark. */
  lastSrcUs: number | null;
  dailyMinSeenUs: number | null;
  firstDay: Day | null;
  lastDay: Day | null;
  /** bar_seq of the newest 1D bar, 0 when every row was rejected. */
  barSeq: number;
  /** Fingerprint of the source rows up to the watermark. */
  srcRows: number;
  srcHash: string;
}

/** An asset's source rows up to the database's now. */
export interface SourceExtent {
  rows: number;
  /** Fingerprint of all of them; 64-bit, as text. */
  hash: string;
  /** Rows up to the stored watermark, and their fingerprint. */
  seenRows: number;
  seenHash: string;
  minUs: number;
  maxUs: number;
  /** Oldest row after the watermark; null when there is none. */
  newMinUs: number | null;
}

/** Everything that decides what happens to the bars of one asset. */
export interface BarFacts {
  id: number;
  /** null: never built. */
  daily: DailyState | null;
  /** null: no rows, or not looked at because the 1D builder was not asked for. */
  source: SourceExtent | null;
  includesDaily: boolean;
  /** Series asked for that have not taken in every 1D bar. */
  laggingSeries: number;
}

/** A plan for bars. */
export interface BarPlan extends AssetPlan {
  /** The asset must not be touched and counts as failed; the reason says why. */
  isBlocked: boolean;
  /** History older than any seen before has arrived. */
  isBackfill: boolean;
}

export interface PlanOptions {
  fullRebuild: boolean;
}

/** Plans the bars of one asset. */
export function planBars(facts: BarFacts, options: PlanOptions): BarPlan {
  const { id } = facts;
  const decide = (action: AssetPlan['action'], reason: string, flags: Partial<BarPlan> = {}): BarPlan => ({
    id,
    action,
    reason,
    isBlocked: false,
    isBackfill: false,
    ...flags,
  });
  if (!facts.includesDaily) return planSeriesOnly(facts, options, decide);
  const { daily, source } = facts;
  if (source === null) {
    if (daily === null || daily.srcRows === 0) return decide('skip', 'the source has no prices for it');
    return decide(
      'skip',
      `all ${daily.srcRows} source rows have vanished; its bars are left as they are (bring the rows back or purge the asset)`,
      { isBlocked: true },
    );
  }
  if (daily === null || daily.lastSrcUs === null) {
    return decide(
      'rebuild',
      `first build: ${countDays(source.rows)} (${formatSpan(source.minUs, source.maxUs)})`,
    );
  }
  if (options.fullRebuild) return decide('rebuild', 'rebuild: full rebuild asked for');
  const restated = restatementOf(daily, source);
  if (restated !== null) {
    return decide('rebuild', `rebuild: ${restated.reason}`, { isBackfill: restated.isBackfill });
  }
  return planAppend(facts, decide);
}

type Decide = (action: AssetPlan['action'], reason: string, flags?: Partial<BarPlan>) => BarPlan;

function planSeriesOnly(facts: BarFacts, options: PlanOptions, decide: Decide): BarPlan {
  if (facts.daily === null) return decide('skip', 'it has no 1D bars yet: run the 1d builder first');
  if (options.fullRebuild) return decide('rebuild', 'rebuild: full rebuild asked for');
  return planAppend(facts, decide);
}

function planAppend({ daily, source, laggingSeries }: BarFacts, decide: Decide): BarPlan {
  const newRows = source === null ? 0 : source.rows - source.seenRows;
  const parts: string[] = [];
  if (source !== null && source.newMinUs !== null) {
    parts.push(`append ${countDays(newRows)} (${formatSpan(source.newMinUs, source.maxUs)})`);
  }
  if (laggingSeries > 0 && daily !== null && daily.lastDay !== null) {
    parts.push(`catch up ${laggingSeries} series to ${formatDay(daily.lastDay)}`);
  }
  if (parts.length > 0) return decide('append', parts.join(', '));
  return decide(
    'none',
    daily?.lastDay == null ? 'up to date (no day accepted)' : `up to date (${formatDay(daily.lastDay)})`,
  );
}

/** Why days at or before the watermark are not what they were; null when they are. */
function restatementOf(
  daily: DailyState,
  source: SourceExtent,
): { reason: string; isBackfill: boolean } | null {
  const watermarkUs = daily.lastSrcUs ?? Number.NEGATIVE_INFINITY;
  const restated = (reason: string, isBackfill = false) => ({ reason, isBackfill });
  if (daily.dailyMinSeenUs !== null && source.minUs < daily.dailyMinSeenUs) {
    return restated(`backfill since ${formatDay(dayOfUs(source.minUs))}`, true);
  }
  const difference = source.seenRows - daily.srcRows;
  const until = formatDay(dayOfUs(watermarkUs));
  if (difference > 0) return restated(`${countDays(difference)} arrived late, up to ${until}`);
  if (difference < 0) return restated(`${countDays(-difference)} vanished from the source, up to ${until}`);
  if (source.seenHash !== daily.srcHash) return restated(`days up to ${until} were restated`);
  if (source.newMinUs !== null && dayOfUs(source.newMinUs) === dayOfUs(watermarkUs)) {
    return restated(`another source row for ${until}, which was judged already`);
  }
  return null;
}

/** "1 day", "4 days". */
export function countDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function formatSpan(fromUs: number, toUs: number): string {
  const from = formatDay(dayOfUs(fromUs));
  const to = formatDay(dayOfUs(toUs));
  return from === to ? from : `${from} to ${to}`;
}
