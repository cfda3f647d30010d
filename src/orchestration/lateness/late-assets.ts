/** Late assets as a report has them, and the words for people. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { noteCause } from '../report/causes-of-report.js';
import type { LateAsset } from '../report/late-asset.js';
import type { RefreshReport } from '../report/refresh-report.js';
import { type AssetLateness, formatCalendar } from './read-lateness.js';

/** Those that are late, and those that have ceased and were not named before; by how much is missing, the oldest first. */
export function listLateAssets(assets: readonly AssetLateness[]): LateAsset[] {
  return assets
    .filter(({ state, wasCeased }) => state === 'late' || (state === 'ceased' && !wasCeased))
    .map((asset) => ({
      id: asset.id,
      symbol: asset.symbol,
      state: asset.state === 'ceased' ? ('ceased' as const) : ('late' as const),
      calendar: formatCalendar(asset.calendar),
      newestDay: dayText(asset.newestDay),
      firstMissing: dayText(asset.firstMissing),
      missingDays: asset.missingDays,
      refusedDay: dayText(asset.refusedDay),
    }))
    .sort((a, b) => b.missingDays - a.missingDays || a.id - b.id);
}

/** Ids of the late, ascending; those that have ceased are not among them. */
export function listIdsOfLate(late: readonly LateAsset[]): number[] {
  return late
    .filter(({ state }) => state === 'late')
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

function dayText(day: Day | null): string | null {
  return day === null ? null : formatDay(day);
}

/** Notes who is late and who has ceased; `isAllowed`: late sources are expected. */
export function noteLateAssets(
  report: Pick<RefreshReport, 'causes'>,
  late: readonly LateAsset[],
  { isAllowed, today }: { isAllowed: boolean; today: string },
): void {
  const of = (state: LateAsset['state']) => late.filter((each) => each.state === state);
  const [behind, ceased] = [of('late'), of('ceased')];
  const idsOf = (assets: readonly LateAsset[]) => assets.map(({ id }) => id);
  if (behind.length > 0)
    noteCause(report, isAllowed ? 'late_allowed' : 'source_late', {
      ids: idsOf(behind),
      since: sinceOf(behind),
      sentence: `source late: ${describeWorst(behind)}`,
      key: 'run: source late',
      command: `barwright explain ${behind[0]?.id}`,
      alertParts: partsOf(behind),
    });
  if (ceased.length > 0)
    noteCause(report, 'source_ceased', {
      ids: idsOf(ceased),
      since: sinceOf(ceased),
      sentence: `ceased: ${describeWorst(ceased)}, while others of the source arrive; no run names them again`,
      key: `run: ceased: named on ${today}`,
      command: `barwright asset calendar ${formatIds(ceased)} none`,
    });
}

/** The first day that any of them lacks, as a time; null: none is known. */
export function sinceOf(late: readonly LateAsset[]): string | null {
  const days = late.map(({ firstMissing }) => firstMissing ?? '').sort();
  return days[0] === undefined || days[0] === '' ? null : `${days[0]}T00:00:00.000Z`;
}

/** Those that stopped on the same day are one piece of news; one that stops later is another. */
function partsOf(late: readonly LateAsset[]): { key: string; ids: number[] }[] {
  const byDay = Map.groupBy(late, ({ firstMissing }) => firstMissing);
  return [...byDay].map(([day, assets]) => ({
    key: `run: source late since ${day}`,
    ids: assets.map(({ id }) => id).sort((a, b) => a - b),
  }));
}

/** "3 assets, the worst: XRP (52): no price since 2026-11-10, …": with names, where nothing else says them. */
export function formatLate(late: readonly LateAsset[]): string {
  const oldest = late[0];
  if (oldest === undefined) return 'no asset';
  const words = `${nameOf(oldest)}: ${wordsOf(oldest)}`;
  return late.length === 1 ? words : `${late.length} assets, the worst ${words}`;
}

/** The same where a summary names the assets. */
export function describeWorst(late: readonly LateAsset[]): string {
  const oldest = late[0];
  if (oldest === undefined) return 'no asset';
  return late.length === 1 ? wordsOf(oldest) : `the worst ${nameOf(oldest)}: ${wordsOf(oldest)}`;
}

function nameOf({ id, symbol }: LateAsset): string {
  return symbol === null ? `ID ${id}` : `${symbol} (${id})`;
}

function wordsOf({ missingDays, newestDay, refusedDay, calendar }: LateAsset): string {
  const days = `${missingDays} expected ${missingDays === 1 ? 'day' : 'days'} missing`;
  const refused = refusedDay === null ? '' : `, rows up to ${refusedDay} refused`;
  const since = newestDay === null ? 'no price yet' : `no price since ${newestDay}`;
  return `${since}, ${days}${refused}; calendar ${calendar}`;
}

/** Ids for a command to type; of many the word that means all that have ceased. */
function formatIds(ceased: readonly LateAsset[]): string {
  if (ceased.length > 20) return 'ceased';
  const ids = ceased.map(({ id }) => id);
  return ids.sort((a, b) => a - b).join(',');
}
