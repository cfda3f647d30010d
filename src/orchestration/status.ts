import { formatDay } from '../domain/day.js';
import { assessFreshness, DEFAULT_STALENESS_HOURS, type FreshnessReason } from '../domain/freshness.js';
import type { Database } from '../storage/database.js';
import { readNow } from '../storage/freshness.js';
import { readSource } from '../storage/source.js';
import { readStatus, type StoredStatus } from '../storage/status.js';

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
  /** The two kinds of "old", never mixed: we are behind the source, or the source itself is late. */
  verdict: string;
  /** What of it waits, beside new days: its quarantine, lagging series, EMAs to be repaired. */
  pending: string[];
  /** How far the slowest bar series and the slowest EMA family have come. */
  barsWatermark: string | null;
  emasWatermark: string | null;
  /** Source rows refused and not corrected since. */
  rejects: number;
  repairs: number;
}

export interface StatusScope {
  /** null = every asset, the retired too. */
  ids: readonly number[] | null;
  source: string | null;
  stalenessHours?: number;
}

/** Reads the status of assets in one snapshot, ascending by id. */
export async function readAssetStatus(database: Database, scope: StatusScope): Promise<AssetStatus[]> {
  const maxHours = scope.stalenessHours ?? DEFAULT_STALENESS_HOURS;
  return database.read(async (tx) => {
    const source = await readSource(tx, scope.source);
    const nowUs = await readNow(tx);
    const stored = await readStatus(tx, { ids: scope.ids, source });
    return stored.map((asset) => judgeStatus(asset, nowUs, maxHours));
  });
}

function judgeStatus(asset: StoredStatus, nowUs: number, maxHours: number): AssetStatus {
  const fresh = assessFreshness(asset, nowUs, maxHours);
  const pending = asset.isActive ? pendingOf(asset) : [];
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
    verdict: [verdictOf(asset, fresh.reason), ...pending].join('; '),
    pending,
    barsWatermark: dayText(asset.barsDay),
    emasWatermark: dayText(asset.emasDay),
    rejects: asset.rejects,
    repairs: asset.repairs,
  };
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
