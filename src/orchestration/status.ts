import { formatDay } from '../domain/day.js';
import { assessFreshness, DEFAULT_STALENESS_HOURS, type FreshnessReason } from '../domain/freshness.js';
import type { Database } from '../storage/database.js';
import { readNow } from '../storage/freshness.js';
import { listGridFaults } from '../storage/freshness-grid.js';
import { readSource, type Source } from '../storage/source.js';
import { readStatus, type StoredStatus } from '../storage/status.js';
import { readBarPlans } from './stages.js';

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
  /** What the totals count it under. */
  standing: Standing;
  /** Why it failed in the newest run that had it, "bars: …"; null: it did not. */
  failed: string | null;
  /** The two kinds of "old", never mixed: we are behind the source, or the source itself is late. */
  verdict: string;
  /** What of it waits, beside new days: corrections, deletions, late days, its quarantine, lagging series, EMAs to be repaired. */
  pending: string[];
  /** How far the slowest bar series and the slowest EMA family have come. */
  barsWatermark: string | null;
  emasWatermark: string | null;
  /** Source rows refused and not corrected since. */
  rejects: number;
  repairs: number;
  /** When its source was last compared with its fingerprint and was the same; null: not since it was built. */
  provenAt: string | null;
}

/** How an asset stands, in one word; what is worst comes first. `late`: level with a source that has nothing newer. */
export const STANDINGS = [
  'failed',
  'quarantined',
  'no prices',
  'behind',
  'waiting',
  'late',
  'fresh',
  'retired',
] as const;
export type Standing = (typeof STANDINGS)[number];

export interface StatusScope {
  /** null = every asset, the retired too. */
  ids: readonly number[] | null;
  source: string | null;
  stalenessHours?: number;
}

/** Reads the status of assets in one snapshot, ascending by id. */
export async function readAssetStatus(database: Database, scope: StatusScope): Promise<AssetStatus[]> {
  const maxHours = scope.stalenessHours ?? DEFAULT_STALENESS_HOURS;
  const facts = await database.read(async (tx) => {
    const source = await readSource(tx, scope.source);
    const nowUs = await readNow(tx);
    return {
      ...{ source, nowUs },
      stored: await readStatus(tx, { ids: scope.ids, source }),
      faults: (await listGridFaults(tx)).filter(({ isQuarantined }) => !isQuarantined),
    };
  });
  const changes = await readChanges(database, facts);
  const failed = new Map(facts.faults.map(({ id, component, reason }) => [id, `${component}: ${reason}`]));
  return facts.stored.map((asset) =>
    judgeStatus(asset, {
      ...{ nowUs: facts.nowUs, maxHours },
      ...{ change: changes.get(asset.id) ?? null, failed: failed.get(asset.id) ?? null },
    }),
  );
}

/** What a run would repair of days that are read already: corrections, deletions and late days. Found as a run finds it. */
async function readChanges(
  database: Database,
  { stored, source }: { stored: readonly StoredStatus[]; source: Source },
): Promise<Map<number, string>> {
  const ids = stored.filter(({ isActive, lastSrcUs }) => isActive && lastSrcUs !== null).map(({ id }) => id);
  const request = { bars: true, emas: false };
  const plans = await readBarPlans({ database, source, request, tfs: null }, ids);
  const changed = plans.filter(
    ({ action, isBlocked }) => isBlocked || action === 'repair' || action === 'rebuild',
  );
  return new Map(
    changed.map(({ id, reason, isBlocked }) => [id, isBlocked ? `would fail: ${reason}` : reason]),
  );
}

interface Judging {
  nowUs: number;
  maxHours: number;
  change: string | null;
  failed: string | null;
}

function judgeStatus(asset: StoredStatus, { nowUs, maxHours, change, failed }: Judging): AssetStatus {
  const fresh = assessFreshness(asset, nowUs, maxHours);
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
    standing: standingOf(asset, {
      reason: fresh.reason,
      isWaiting: pending.length > 0,
      isFailed: why.length > 0,
    }),
    failed: asset.isActive ? failed : null,
    verdict: [verdictOf(asset, fresh.reason), ...why, ...pending].join('; '),
    pending,
    barsWatermark: dayText(asset.barsDay),
    emasWatermark: dayText(asset.emasDay),
    rejects: asset.rejects,
    repairs: asset.repairs,
    provenAt: timeText(asset.provenUs),
  };
}

function standingOf(
  asset: StoredStatus,
  { reason, isWaiting, isFailed }: { reason: FreshnessReason; isWaiting: boolean; isFailed: boolean },
): Standing {
  if (!asset.isActive) return 'retired';
  if (isFailed) return 'failed';
  if (asset.quarantined !== null) return 'quarantined';
  if (asset.sourceUs === null) return 'no prices';
  if (asset.waitingRows > 0) return 'behind';
  if (isWaiting) return 'waiting';
  return reason === 'fresh' ? 'fresh' : 'late';
}

function verdictOf(asset: StoredStatus, reason: FreshnessReason): string {
  if (!asset.isActive) return 'retired';
  if (asset.sourceUs === null)
    return asset.lastSrcUs === null
      ? 'no_state: the source has no prices'
      : `${reason}: the source has lost its prices`;
  if (asset.waitingRows > 0) return `${reason}: we are behind by ${asset.waitingRows} days`;
  return reason === 'stale' ? 'stale: the source is late' : reason;
}

function pendingOf({ repairFrom, laggingBars, laggingEmas, quarantined }: StoredStatus): string[] {
  return [
    ...(quarantined === null ? [] : [`quarantined: ${quarantined}`]),
    ...(laggingBars > 0 ? [`${laggingBars} bar series lag`] : []),
    ...(repairFrom === null ? [] : [`EMAs wait for repair from ${formatDay(repairFrom)}`]),
    ...(laggingEmas > 0 ? [`${laggingEmas} EMA series lag`] : []),
  ];
}

function dayText(day: number | null): string | null {
  return day === null ? null : formatDay(day);
}

function timeText(us: number | null): string | null {
  return us === null ? null : new Date(Math.floor(us / 1000)).toISOString();
}
