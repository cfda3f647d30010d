import { formatDay } from '../../domain/calendar/day.js';
import { DEFAULT_GRACE, type Grace, type LatenessState } from '../../domain/calendar/lateness.js';
import { countOf } from '../../domain/causes/format.js';
import { describeProvisional } from '../../domain/planning/plan.js';
import {
  assessFreshness,
  DEFAULT_STALENESS_HOURS,
  type FreshnessReason,
} from '../../domain/validation/freshness.js';
import { readNow } from '../../storage/reading/freshness.js';
import { listGridFaults } from '../../storage/reading/freshness-grid.js';
import { type IndicatorStatus, readStatus, type StoredStatus } from '../../storage/reading/status.js';
import type { Database } from '../../storage/session/database.js';
import { readSource, type Source } from '../../storage/source/source.js';
import { type AssetLateness, formatCalendar, readLateness } from '../lateness/read-lateness.js';
import { readBarPlans } from '../run/stages.js';

/** How one asset stands. Days are 'YYYY-MM-DD', times ISO in UTC. */
export interface AssetStatus {
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
  /** Of the accepted 1D bars. */
  firstDay: string | null;
  lastDay: string | null;
  /** Newest source timestamp read, and the newest that there is (up to now). */
  lastSrcTs: string | null;
  sourceTs: string | null;
  stalenessHours: number | null;
  /** Source days that are waiting: 0 = level with the source. */
  lagDays: number | null;
  freshness: FreshnessReason;
  /** When prices are expected, "learnt (Mon to Fri)", and how it stands against that; null: not active. */
  calendar: string | null;
  lateness: LatenessState | null;
  /** Expected days that are over and missing. */
  missingDays: number;
  /** What the totals count it under. */
  standing: Standing;
  /** Why it failed in the newest run that had it, "bars: …"; null: it did not. */
  failed: string | null;
  /** The two kinds of "old", never mixed: we are behind the source, or the source itself is late. */
  verdict: string;
  /** What of it waits, beside new days: corrections, deletions, late days, its quarantine, lagging series, repairs. */
  pending: string[];
  /** How far the slowest bar series and the slowest EMA family have come. */
  barsWatermark: string | null;
  emasWatermark: string | null;
  /** The same of its indicators; left out: none is active. */
  indicatorsWatermark?: string | null;
  /** Source rows refused and not corrected since. */
  rejects: number;
  repairs: number;
  /** When its source was last compared with its fingerprint and was the same; null: not since it was built. */
  provenAt: string | null;
  /** Days with a 1D bar that stay though the source does not prove them any more. */
  keptDays: number;
}

/** How an asset stands, in one word; what is worst comes first. `late`: level with a source that lacks expected days. */
export const STANDINGS = [
  'failed',
  'quarantined',
  'no prices',
  'behind',
  'waiting',
  'late',
  'ceased',
  'history',
  'fresh',
  'retired',
] as const;
export type Standing = (typeof STANDINGS)[number];

export interface StatusScope {
  /** null = every asset, the retired too. */
  ids: readonly number[] | null;
  source: string | null;
  /** Typed: age in hours is what makes an asset stale, not its calendar. */
  stalenessHours?: number;
  lateAfter?: Grace | undefined;
}

/** Reads the status of assets in one snapshot, ascending by id. */
export async function readAssetStatus(database: Database, scope: StatusScope): Promise<AssetStatus[]> {
  const hours = scope.stalenessHours ?? null;
  const grace = scope.lateAfter ?? DEFAULT_GRACE;
  const facts = await database.read(async (tx) => {
    const source = await readSource(tx, scope.source);
    const nowUs = await readNow(tx);
    return {
      ...{ source, nowUs },
      stored: await readStatus(tx, { ids: scope.ids, source }),
      lateness: await readLateness(tx, { ids: scope.ids, grace, source }),
      faults: (await listGridFaults(tx)).filter(({ isQuarantined }) => !isQuarantined),
    };
  });
  const changes = await readChanges(database, facts);
  const failed = new Map(facts.faults.map(({ id, component, reason }) => [id, `${component}: ${reason}`]));
  const latenesses = new Map(facts.lateness.assets.map((each) => [each.id, each]));
  return facts.stored.map((asset) =>
    judgeStatus(asset, {
      ...{ nowUs: facts.nowUs, hours, lateness: latenesses.get(asset.id) ?? null },
      ...{ change: changes.get(asset.id) ?? null, failed: failed.get(asset.id) ?? null },
    }),
  );
}

/** What a run would repair of days that are read already: corrections, deletions and late days. Found as a run finds it. */
async function readChanges(
  database: Database,
  { stored, source }: { stored: readonly StoredStatus[]; source: Source },
): Promise<Map<number, string>> {
  const ids = stored.filter(({ isActive }) => isActive).map(({ id }) => id);
  const built = new Set(stored.filter(({ lastSrcUs }) => lastSrcUs !== null).map(({ id }) => id));
  const request = { bars: true, emas: false };
  const plans = await readBarPlans({ database, source, request, tfs: null }, ids);
  const changed = plans.filter(
    ({ id, action, isBlocked }) =>
      isBlocked || (built.has(id) && (action === 'repair' || action === 'rebuild')),
  );
  return new Map(
    changed.map(({ id, reason, isBlocked }) => [id, isBlocked ? `would fail: ${reason}` : reason]),
  );
}

interface Judging {
  nowUs: number;
  /** null: not typed, so the calendar says what is stale. */
  hours: number | null;
  /** null: not active. */
  lateness: AssetLateness | null;
  change: string | null;
  failed: string | null;
}

function judgeStatus(asset: StoredStatus, judging: Judging): AssetStatus {
  const { nowUs, hours, lateness, change, failed } = judging;
  const fresh = assessFreshness(asset, nowUs, hours ?? DEFAULT_STALENESS_HOURS);
  const reason = hours === null ? reasonOf(asset, lateness) : fresh.reason;
  const pending = asset.isActive ? [...(change === null ? [] : [change]), ...pendingOf(asset)] : [];
  const why = asset.isActive && failed !== null ? [`failed in ${failed}`] : [];
  return {
    id: asset.id,
    symbol: asset.symbol,
    name: asset.name,
    isActive: asset.isActive,
    firstDay: dayText(asset.firstDay),
    lastDay: dayText(asset.lastDay),
    lastSrcTs: timeText(asset.lastSrcUs),
    sourceTs: timeText(asset.sourceUs),
    stalenessHours: fresh.stalenessHours,
    lagDays: asset.waitingRows,
    freshness: fresh.reason,
    calendar: lateness === null ? null : formatCalendar(lateness.calendar),
    lateness: lateness?.state ?? null,
    missingDays: lateness?.missingDays ?? 0,
    standing: standingOf(asset, {
      ...{ reason, lateness },
      isWaiting: pending.length > 0,
      isFailed: why.length > 0,
    }),
    failed: asset.isActive ? failed : null,
    verdict: [verdictOf(asset, reason, lateness), ...why, ...pending].join('; '),
    pending,
    barsWatermark: dayText(asset.barsDay),
    emasWatermark: dayText(asset.emasDay),
    ...(asset.indicators !== null && { indicatorsWatermark: dayText(asset.indicators.day) }),
    rejects: asset.rejects,
    repairs: asset.repairs,
    provenAt: timeText(asset.provenUs),
    keptDays: asset.keptDays,
  };
}

/** The calendar is what says whether an asset is stale, unless a limit in hours was typed. */
function reasonOf({ lastSrcUs }: StoredStatus, lateness: AssetLateness | null): FreshnessReason {
  if (lastSrcUs === null) return 'no_state';
  return lateness?.barsState === 'late' || lateness?.barsState === 'ceased' ? 'stale' : 'fresh';
}

interface Reasons {
  reason: FreshnessReason;
  lateness: AssetLateness | null;
  isWaiting: boolean;
  isFailed: boolean;
}

function standingOf(asset: StoredStatus, { reason, lateness, isWaiting, isFailed }: Reasons): Standing {
  if (!asset.isActive) return 'retired';
  if (isFailed) return 'failed';
  if (asset.quarantined !== null) return 'quarantined';
  if (asset.sourceUs === null) return 'no prices';
  if (asset.waitingRows > 0) return 'behind';
  if (isWaiting) return 'waiting';
  if (lateness?.state === 'ceased') return 'ceased';
  if (reason !== 'fresh') return 'late';
  return lateness?.state === 'none' ? 'history' : 'fresh';
}

function verdictOf(asset: StoredStatus, reason: FreshnessReason, lateness: AssetLateness | null): string {
  if (!asset.isActive) return 'retired';
  if (asset.sourceUs === null)
    return asset.lastSrcUs === null
      ? 'no_state: the source has no prices'
      : `${reason}: the source has lost its prices`;
  if (asset.waitingRows > 0) return `${reason}: we are behind by ${countOf(asset.waitingRows, 'day')}`;
  if (lateness?.state === 'ceased') return `ceased: no price for ${lateness.missingDays} expected days`;
  if (lateness?.state === 'none' && reason === 'fresh') return 'history: no new day is expected';
  return reason === 'stale' ? 'stale: the source is late' : reason;
}

function pendingOf({
  repairFrom,
  provisionalUs,
  laggingBars,
  laggingEmas,
  quarantined,
  indicators,
}: StoredStatus): string[] {
  return [
    ...(quarantined === null ? [] : [`quarantined: ${quarantined}`]),
    ...(provisionalUs === null ? [] : [describeProvisional(provisionalUs)]),
    ...(laggingBars > 0 ? [`${laggingBars} bar series lag`] : []),
    ...(repairFrom === null ? [] : [`EMAs wait for repair from ${formatDay(repairFrom)}`]),
    ...(laggingEmas > 0 ? [`${laggingEmas} EMA series lag`] : []),
    ...(indicators === null ? [] : pendingIndicators(indicators)),
  ];
}

function pendingIndicators({ repairFrom, lagging }: IndicatorStatus): string[] {
  return [
    ...(repairFrom === null ? [] : [`indicators wait for repair from ${formatDay(repairFrom)}`]),
    ...(lagging > 0 ? [`${lagging} indicator series lag`] : []),
  ];
}

function dayText(day: number | null): string | null {
  return day === null ? null : formatDay(day);
}

function timeText(us: number | null): string | null {
  return us === null ? null : new Date(Math.floor(us / 1000)).toISOString();
}
