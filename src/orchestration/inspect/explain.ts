/** The causal chain behind one asset's state: what is stored, judged. Pure: facts in, explanation out. */

import { type Day, dayOfUs, formatDay } from '../../domain/calendar/day.js';
import type { AssetPlan } from '../../domain/planning/outcome.js';
import type { BarPlan } from '../../domain/planning/plan.js';
import { formatPriceFinding } from '../../domain/plausibility/finding.js';
import type { SplitStanding } from '../../domain/prices/split.js';
import { formatAge } from '../../domain/text/age.js';
import { assessFreshness } from '../../domain/validation/freshness.js';
import type { KeptSpan } from '../../storage/prices/kept-days.js';
import type { StoredExplanation } from '../../storage/reading/explain.js';
import type { SeriesProgress } from '../../storage/series/progress.js';
import { judgeGate } from '../freshness/gate.js';
import { type AssetLateness, formatCalendar, listLevelIds } from '../lateness/read-lateness.js';
import { decidedOutcome } from '../processes/component-result.js';
import type { Explanation, GateOpinion, Progress, Remedy, Standing } from './explanation.js';

/** What the facts are judged by. */
export interface ExplainInput {
  id: number;
  facts: StoredExplanation;
  splits: readonly SplitStanding[];
  kept: readonly KeptSpan[];
  /** What a run would do now. */
  bars: BarPlan;
  emas: AssetPlan;
  /** null: there is nothing to do with indicators in this warehouse. */
  indicators: (AssetPlan & { isBlocked?: boolean }) | null;
  maxStalenessHours: number;
  /** null: the asset is not active, so no day is expected of it. */
  lateness: AssetLateness | null;
  /** --staleness-hours was typed: then an asset is level only when it lacks no expected day. */
  isLimitTyped: boolean;
  /** Prices can be loaded with "barwright ingest". */
  isIngestable: boolean;
  /** Components in which it is quarantined and would be skipped. */
  held: ReadonlySet<string>;
  flags: RemedyFlags;
}

/** Flags that a command to type needs to mean the same database, and the same source where it reads one. */
export interface RemedyFlags {
  database: readonly string[];
  source: readonly string[];
}

/** Judges the facts. */
export function judgeExplanation(input: ExplainInput): Explanation {
  const { id, facts, bars, emas, indicators, maxStalenessHours } = input;
  const { asset, daily, source } = facts;
  const standing = asset === null ? 'unregistered' : asset.isActive ? 'active' : 'retired';
  const lastSrcUs = daily?.lastSrcUs ?? null;
  const fresh = assessFreshness({ id, lastSrcUs }, facts.nowUs, maxStalenessHours);
  const gate = judgeGates(input, standing);
  return {
    version: 1,
    id,
    symbol: asset?.symbol ?? null,
    name: asset?.name ?? null,
    assetClass: asset?.assetClass ?? null,
    standing,
    source: describeSource(source),
    waitingRows: source.waitingRows,
    lagDays: lagOf(lastSrcUs, source.newestUs),
    freshness: {
      reason: fresh.reason,
      lastSrcTs: timeText(lastSrcUs),
      stalenessHours: fresh.stalenessHours,
      limitHours: maxStalenessHours,
    },
    calendar: input.lateness === null ? null : describeCalendar(input.lateness),
    dailyBars:
      daily === null
        ? null
        : {
            firstDay: dayText(daily.firstDay),
            lastDay: dayText(daily.lastDay),
            bars: daily.bars,
            lastRunAt: timeText(daily.lastRunUs),
            provenAt: timeText(daily.provenUs),
          },
    splits: [...input.splits],
    kept: input.kept.map(({ reason, days, fromDay, toDay }) => ({
      ...{ reason, days },
      firstDay: formatDay(fromDay),
      lastDay: formatDay(toDay),
    })),
    bars: progressOf(facts.bars),
    emas: progressOf(facts.emas),
    ...(facts.indicators !== null && { indicators: progressOf(facts.indicators) }),
    ...describeHistory(facts),
    plan: {
      bars: planOf(bars),
      emas: planOf(emas),
      indicators: indicators === null ? null : planOf(indicators),
    },
    gate,
    lease: facts.lease,
    quarantine: facts.quarantine.map(({ component, failures, reason, quarantinedUs }) => ({
      ...{ component, failures, reason },
      since: timeText(quarantinedUs),
    })),
    findings: facts.findings.map(({ day, kind, factor }) => ({
      ...{ day: formatDay(day), kind, factor },
      text: formatPriceFinding({ day, kind, factor }),
    })),
    quoteCurrency: asset?.quoteCurrency ?? null,
    remedy: findRemedy(input, { standing, gate }),
  };
}

function describeSource(source: StoredExplanation['source']): Explanation['source'] {
  const { label, isTracked, rows, firstUs, newestUs, futureRows, futureUs } = source;
  return {
    relation: label,
    isTracked,
    rows,
    firstTs: timeText(firstUs),
    newestTs: timeText(newestUs),
    future: futureUs === null ? null : { rows: futureRows, newestTs: timeText(futureUs) },
  };
}

function describeCalendar({ calendar, ...lateness }: AssetLateness): Explanation['calendar'] {
  const { state, missingDays, firstMissing } = lateness;
  return { name: formatCalendar(calendar), state, missingDays, firstMissing: dayText(firstMissing) };
}

function lagOf(lastSrcUs: number | null, newestUs: number | null): number | null {
  if (lastSrcUs === null || newestUs === null) return null;
  return Math.max(0, dayOfUs(newestUs) - dayOfUs(lastSrcUs));
}

function progressOf({ alignments, lagging }: SeriesProgress): Progress {
  const days = alignments.map(({ day }) => day);
  const built = days.filter((day) => day !== null);
  return {
    watermark: built.length === 0 || built.length < days.length ? null : formatDay(Math.min(...built)),
    alignments: alignments.map(({ day, repairFrom, ...rest }) => ({
      ...rest,
      day: dayText(day),
      repairFrom: dayText(repairFrom),
    })),
    laggingSeries: lagging.count,
    lagging: lagging.newest.map(({ day, ...series }) => ({ ...series, day: dayText(day) })),
  };
}

function describeHistory(
  facts: StoredExplanation,
): Pick<Explanation, 'lastRun' | 'lastWork' | 'rejects' | 'gaps' | 'notes'> {
  const { lastRun, work, rejectCounts, rejects, gaps, notes } = facts;
  const startOf = <T extends { startedUs: number }>({ startedUs, ...rest }: T) => ({
    ...rest,
    startedAt: timeText(startedUs),
  });
  return {
    lastRun: lastRun === null ? null : startOf(lastRun),
    lastWork: work.map(startOf),
    rejects: {
      counts: rejectCounts,
      newest: rejects.map(({ timestampUs, ...rest }) => ({ ...rest, ts: timeText(timestampUs) })),
    },
    gaps: {
      count: gaps.count,
      days: gaps.days,
      newest: gaps.newest.map(({ firstDay, lastDay, refused, isShared }) => ({
        firstDay: formatDay(firstDay),
        lastDay: formatDay(lastDay),
        refusedRows: refused,
        isShared,
      })),
    },
    notes: {
      count: notes.count,
      newest: notes.newest.map(({ op, fromDay, toDay, rows, filedUs }) => ({
        op,
        from: openDayText(fromDay),
        to: openDayText(toDay),
        rows,
        filedAt: timeText(filedUs),
      })),
    },
  };
}

function planOf({ action, reason }: AssetPlan): { action: string; reason: string } {
  return { action, reason };
}

/** The verdict of the gate on the asset's EMAs: in a run of EMAs alone, and in one of bars and EMAs. */
function judgeGates(input: ExplainInput, standing: Standing): Explanation['gate'] {
  const { id, facts, bars, lateness, isLimitTyped, maxStalenessHours } = input;
  if (standing === 'retired') {
    const no = { passes: false, reason: 'retired: it is in no "all", and refused when it is asked for' };
    return { alone: no, all: no };
  }
  const lastSrcUs = facts.daily?.lastSrcUs ?? null;
  const reachedUs = bars.isBlocked ? lastSrcUs : maxOf(lastSrcUs, facts.source.newestUs);
  const status = bars.isBlocked ? 'failed' : bars.action === 'skip' ? 'skipped' : 'ok';
  const opinion = (us: number | null, outcome: typeof status | null): GateOpinion => {
    const fresh = assessFreshness({ id, lastSrcUs: us }, facts.nowUs, maxStalenessHours);
    const verdict = judgeGate({
      ids: [id],
      barOutcomes:
        outcome === null ? null : new Map([[id, decidedOutcome(id, outcome, { reason: bars.reason })]]),
      freshness: [fresh],
      levelIds:
        lateness === null || (isLimitTyped && lateness.missingDays > 0)
          ? new Set()
          : listLevelIds([lateness]),
    });
    const refused = verdict.skipped[0]?.reason;
    if (refused !== undefined) return { passes: false, reason: refused };
    const age = formatAge(fresh.stalenessHours);
    // An asset that is not registered yet has no calendar: then its age is what there is.
    const isLate = lateness === null ? fresh.reason === 'stale' : ['late', 'ceased'].includes(lateness.state);
    return {
      passes: true,
      reason: isLate ? `the source is late (${age}), the bars are level with it` : `fresh (${age})`,
    };
  };
  return { alone: opinion(lastSrcUs, null), all: opinion(reachedUs, status) };
}

function maxOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

interface Verdicts {
  standing: Standing;
  gate: Explanation['gate'];
}

/** The one command that repairs what is wrong; none when the asset is level with its source. */
function findRemedy(input: ExplainInput, { standing, gate }: Verdicts): Remedy {
  const { id, facts, bars, emas, indicators, isIngestable, flags } = input;
  const command = (...words: string[]) => ['barwright', ...words, ...flags.database].join(' ');
  const refresh = (...words: string[]) => command('refresh', ...words, '--ids', String(id), ...flags.source);
  const load = (text: string): Remedy =>
    isIngestable
      ? { text, command: command('ingest', 'FILE', '--id', String(id)) }
      : { text: `${text}, into ${facts.source.label}`, command: null };
  if (standing === 'retired')
    return { text: 'retired; to bring it back', command: command('asset', 'restore', String(id)) };
  if (input.held.size > 0) {
    const text = `quarantined (${[...input.held].join(', ')}); when its cause is repaired`;
    return { text, command: command('asset', 'release', String(id)) };
  }
  if (bars.isShrunk) {
    const text = 'bring the vanished rows back, or, if they are gone for good';
    return { text, command: refresh('--all', '--accept-deletions') };
  }
  if (bars.isBlocked) return { text: bars.reason, command: null };
  if (isWork(bars)) return { text: 'bars are behind', command: refresh('--all') };
  if (isWork(emas))
    return { text: 'EMAs are behind', command: refresh(gate.alone.passes ? '--emas' : '--all') };
  if (indicators?.isBlocked) return { text: indicators.reason, command: null };
  if (indicators !== null && isWork(indicators))
    return {
      text: 'indicators are behind',
      command: refresh(gate.alone.passes ? '--indicators' : '--all'),
    };
  if (bars.action === 'skip') return load('load prices of it');
  const { state } = input.lateness ?? {};
  if (state === 'late' || state === 'ceased')
    return load('nothing to do: level with its source, which is late; load newer prices');
  return { text: 'nothing to do: level with its source', command: null };
}

function isWork({ action }: AssetPlan): boolean {
  return action !== 'none' && action !== 'skip';
}

function dayText(day: Day | null): string | null {
  return day === null ? null : formatDay(day);
}

/** A note of a TRUNCATE may reach from the beginning to the end. */
function openDayText(day: Day): string {
  return Number.isFinite(day) ? formatDay(day) : day < 0 ? 'the first day' : 'the last day';
}

function timeText(us: number): string;
function timeText(us: number | null): string | null;
function timeText(us: number | null): string | null {
  return us === null ? null : new Date(Math.floor(us / 1000)).toISOString();
}
