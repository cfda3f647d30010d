/** What will be done for one asset, and why: facts in, plan out (design.md "Continuing"). Pure. */
import { civilOfDay, type Day, dayOfUs, formatDay, isCommonDay } from '../calendar/day.js';
import { BAR_ALIGNMENTS, type BarAlignment } from '../calendar/timeframe.js';
import type { DailyState } from '../prices/daily-state.js';
import { type KeptSums, type LostDays, listKeptReasons, newestOf } from '../prices/kept.js';
import { JUDGING_VERSION } from '../prices/price.js';
import { describeSplitChange, effectiveSplits, formatSplits, type Split } from '../prices/split.js';
import type { NotedChange, SourceExtent } from '../source/extent.js';
import { isSameRows } from '../source/fingerprint.js';
import type { AssetPlan } from './outcome.js';

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

/** Everything that decides what happens to the bars of one asset. */
export interface BarFacts {
  id: number;
  /** null: never built. */
  daily: DailyState | null;
  /** null: not looked at because the 1D builder was not asked for. */
  source: SourceExtent | null;
  /** Why its source cannot be read; null: it can, or was not looked at. */
  unreadable: string | null;
  /** All that are recorded, announced ones too. */
  splits: readonly Split[];
  /** Days with a 1D bar whose source row is gone, among the days that the source still has. */
  vanishedDays: number;
  /** Days with a 1D bar before the first day that the source still has, where they are not kept yet. */
  lost: LostDays | null;
  /** Days that are kept though the source does not prove them; null: there is none. */
  kept: KeptSums | null;
  /** Series asked for that have not taken in every 1D bar. */
  laggingSeries: number;
  /** Series whose timeframe is not in dim_timeframe any more. */
  removedSeries: number;
}

/** A plan for bars. */
export interface BarPlan extends AssetPlan {
  /** The asset must not be touched and counts as failed; the reason says why. */
  isBlocked: boolean;
  /** Blocked because days have vanished: `--accept-deletions` would give them up. */
  isShrunk: boolean;
  /** History older than any seen before has arrived. */
  isBackfill: boolean;
  /** Its newest day waits to be loaded again. */
  isProvisional: boolean;
}

export interface PlanOptions {
  fullRebuild: boolean;
  /** Deletions of suspiciously many days are accepted. */
  acceptDeletions?: boolean;
}

/** Fewer vanished days than this are replayed without a question (decision 023). */
export const SUSPICIOUS_DAYS = 30;
const SUSPICIOUS_SHARE = 0.05;

/** Plans the bars of one asset. */
export function planBars(facts: BarFacts, options: PlanOptions): BarPlan {
  const { id, daily, source } = facts;
  const decide: Decide = (action, reason, flags = {}) => ({
    id,
    action,
    reason,
    isBlocked: false,
    isShrunk: false,
    isBackfill: false,
    isProvisional: source?.provisionalUs != null,
    ...flags,
  });
  if (facts.unreadable !== null) return decide('skip', facts.unreadable, { isBlocked: true });
  if (source === null) return planSeriesOnly(facts, options, decide);
  const block = blockOf(facts) ?? unreadOf(facts);
  if (block !== null) return decide('skip', block, { isBlocked: true });
  const shrunk = options.acceptDeletions === true ? null : shrunkOf(facts);
  if (shrunk !== null) return decide('skip', shrunk, { isBlocked: true, isShrunk: true });
  if (source.minUs === null && (daily === null || daily.srcRows === 0)) {
    const wait = source.provisionalUs === null ? '' : `; ${describeProvisional(source.provisionalUs)}`;
    return decide('skip', `the source has no prices for it up to now${wait}`);
  }
  if (daily === null || daily.lastSrcUs === null) {
    const days = countDays(source.fresh.rows);
    return decide('rebuild', `first build: ${days} (${formatSpan(source.minUs ?? 0, source.maxUs ?? 0)})`);
  }
  // Without a source row there is nothing to build: what is stored is taken away, as a difference.
  if (options.fullRebuild && source.minUs !== null) {
    return decide('rebuild', 'rebuild: full rebuild asked for');
  }
  const restated = restatementOf(daily, facts, { source, isAccepting: options.acceptDeletions === true });
  const resplit = describeSplitChange(
    daily.splits,
    formatSplits(effectiveSplits(facts.splits, newestOf(facts.kept, source.maxUs))),
  );
  if (restated !== null || resplit !== null) {
    const reasons = [
      ...(restated === null ? [] : [restated.reason]),
      ...(restated !== null && source.isOther ? [`it is read from ${source.relation} now`] : []),
      ...(resplit === null
        ? []
        : [`${restated === null ? 'repair: ' : ''}the splits are others (${resplit})`]),
    ];
    return decide('repair', reasons.join('; '), { isBackfill: restated?.isBackfill ?? false });
  }
  return planAppend(facts, decide);
}

type Decide = (action: AssetPlan['action'], reason: string, flags?: Partial<BarPlan>) => BarPlan;

/** Why the asset must not be touched: its source cannot be what is meant. */
function blockOf({ id, source }: BarFacts): string | null {
  if (source?.minUs != null && !isCommonDay(dayOfUs(source.minUs))) {
    return (
      `its source has a row dated ${describeEarlyDay(dayOfUs(source.minUs))}, where a day of the years 1 to 9999 was ` +
      'expected: correct it there, or read a view that leaves it out'
    );
  }
  if (source === null) return null;
  if (source.fault !== null) return source.fault;
  if (source.rivals.length > 0) {
    const names = source.rivals.map((name) => `"${name}"`).join(' and ');
    return `it is in the sources ${names}: "barwright asset source ${id} ${source.rivals[0]}" says which one counts`;
  }
  return null;
}

/** No days of it are there, and this run does not read where they were: nothing has vanished, so nothing can be given up. */
function unreadOf({ daily, source }: BarFacts): string | null {
  const before = daily?.source ?? null;
  if (daily === null || source === null || source.minUs !== null || daily.srcRows === 0) return null;
  if (before === null || source.relations.includes(before)) return null;
  return (
    `it was last read from the source "${before}", which this run does not read: name that one with --source, ` +
    'or in "sources" of barwright.config.json; its bars are left as they are'
  );
}

/** Why a source that has shrunk is not followed (decision 023). */
function shrunkOf({ daily, source, vanishedDays, lost }: BarFacts): string | null {
  if (daily === null || source === null) return null;
  const remedy = 'its bars are left as they are: bring the rows back, or type --accept-deletions';
  if (source.minUs === null && daily.srcRows > 0)
    return `all ${daily.srcRows} source rows have vanished; ${remedy}`;
  // Another source never had the days before its first one.
  const vanished = vanishedDays + (source.isOther && daily.source !== null ? (lost?.days ?? 0) : 0);
  if (vanished > SUSPICIOUS_DAYS && vanished > SUSPICIOUS_SHARE * daily.barSeq)
    return `${vanished} of ${daily.barSeq} days have vanished from the source; ${remedy}`;
  return null;
}

/** "0044-03-15 BC", as the database shows it. */
function describeEarlyDay(day: Day): string {
  const { year } = civilOfDay(day);
  if (year > 0) return formatDay(day);
  return `${String(1 - year).padStart(4, '0')}${formatDay(day).slice(-6)} BC`;
}

function planSeriesOnly(facts: BarFacts, options: PlanOptions, decide: Decide): BarPlan {
  if (facts.daily === null) return decide('skip', 'it has no 1D bars yet: run the 1d builder first');
  if (options.fullRebuild) return decide('rebuild', 'rebuild: full rebuild asked for');
  return planAppend(facts, decide);
}

function planAppend({ daily, source, laggingSeries, removedSeries }: BarFacts, decide: Decide): BarPlan {
  const parts: string[] = [];
  if (source?.fresh.minUs != null && source.maxUs !== null) {
    parts.push(`append ${countDays(source.fresh.rows)} (${formatSpan(source.fresh.minUs, source.maxUs)})`);
  }
  if (source?.isOther) parts.push(`read ${source.relation} from now on: its rows are the same`);
  if (source?.isFormOld) parts.push('write its fingerprint in the new form: its rows are the same');
  if (laggingSeries > 0 && daily?.lastDay != null) {
    parts.push(`catch up ${laggingSeries} series to ${formatDay(daily.lastDay)}`);
  }
  if (removedSeries > 0) parts.push(`remove ${removedSeries} series that are not in dim_timeframe any more`);
  const waits = source?.provisionalUs == null ? [] : [describeProvisional(source.provisionalUs)];
  if (parts.length > 0) return decide('append', [...parts, ...waits].join('; '));
  const upTo =
    daily?.lastDay == null ? 'up to date (no day accepted)' : `up to date (${formatDay(daily.lastDay)})`;
  return decide('none', [upTo, ...waits].join('; '));
}

/** How long after its end a day may wait to be loaded again. */
export const PROVISIONAL_DAYS = 3;

/** What a provisional day waits for: "2026-11-28 waits: …". */
export function describeProvisional(stampUs: number): string {
  const day = dayOfUs(stampUs);
  const until = formatDay(day + 1 + PROVISIONAL_DAYS);
  return `${formatDay(day)} waits: loaded before it was over, it counts when it is loaded again, or from ${until} on`;
}

/** Why days at or before the watermark are not what they were; null when they are. */
function restatementOf(
  daily: DailyState,
  facts: BarFacts,
  { source, isAccepting }: { source: SourceExtent; isAccepting: boolean },
): { reason: string; isBackfill: boolean } | null {
  const change = changeOf(daily, facts, source);
  if (change === null && !(isAccepting && facts.kept !== null)) return null;
  const reasons = [...(change === null ? [] : [change.reason]), ...listKeptReasons(facts, isAccepting)];
  return {
    reason: `${change === null ? 'repair: ' : ''}${reasons.join('; ')}`,
    isBackfill: change?.isBackfill ?? false,
  };
}

/** How the source differs from what bars were made of; null: it does not, as far as is known. */
function changeOf(
  daily: DailyState,
  { vanishedDays, lost }: BarFacts,
  source: SourceExtent,
): { reason: string; isBackfill: boolean } | null {
  const watermarkUs = daily.lastSrcUs ?? Number.NEGATIVE_INFINITY;
  const restated = (reason: string, isBackfill = false) => ({ reason, isBackfill });
  if (daily.dailyMinSeenUs !== null && source.minUs !== null && source.minUs < daily.dailyMinSeenUs) {
    return restated(`rebuild: backfill since ${formatDay(dayOfUs(source.minUs))}`, true);
  }
  if (daily.rules !== JUDGING_VERSION) {
    return restated('repair: its days are judged by the rules of this version');
  }
  if (source.noted !== null) return restated(formatNoted(source.noted));
  const until = formatDay(dayOfUs(watermarkUs));
  if (source.seen !== null) {
    const gone = vanishedDays + (lost?.days ?? 0);
    const late = source.seen.rows - (daily.srcRows - gone);
    const parts = [
      ...(gone > 0 ? [`${countDays(gone)} vanished`] : []),
      ...(late > 0 ? [`${countDays(late)} arrived late`] : []),
    ];
    if (parts.length > 0) return restated(`repair: ${parts.join(', ')} (up to ${until})`);
    if (!isSameRows({ rows: daily.srcRows, hash: daily.srcHash }, source.seen)) {
      return restated(`repair: days up to ${until} were corrected`);
    }
  }
  if (source.fresh.minUs !== null && dayOfUs(source.fresh.minUs) === dayOfUs(watermarkUs)) {
    return restated(`repair from ${until} (another source row for this day)`);
  }
  return null;
}

function formatNoted({ fromDay, inserted, updated, deleted, isTruncated }: NotedChange): string {
  const parts = [
    ...(updated > 0 ? [`${countDays(updated)} corrected`] : []),
    ...(inserted > 0 ? [`${countDays(inserted)} added`] : []),
    ...(deleted > 0 ? [`${countDays(deleted)} deleted`] : []),
    ...(isTruncated ? ['the source was emptied'] : []),
  ];
  const from = Number.isFinite(fromDay) ? ` from ${formatDay(fromDay)}` : '';
  // Changes are followed since a moment ago: what happened before is looked for once.
  if (parts.length === 0) return `repair${from} (compared with the source once)`;
  return `repair${from} (${parts.join(', ')})`;
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
