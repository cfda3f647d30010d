import { Command } from 'commander';
import { countOf } from '../../../domain/causes/format.js';
import { formatAge } from '../../../domain/text/age.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseIdList } from '../../../domain/text/ids.js';
import {
  type AssetStatus,
  readAssetStatus,
  STANDINGS,
  type Standing,
} from '../../../orchestration/inspect/status.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright status`: how fresh every asset is, and whether we or the source are late. */
export function statusCommand(act: Act): Command {
  const command = new Command('status').description('Freshness of every asset against its source.');
  return withOptions(command, [
    'ids',
    ...(['late', 'stale', 'failed', 'sort'] as const),
    ...DATABASE_OPTIONS,
    ...(['source', 'stalenessHours', 'lateAfter', 'json'] as const),
  ]).action((values: OptionValues) => act(runStatus(values)));
}

async function runStatus(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = parseIdList(values.ids);
  const assets = await withDatabase(values, { talk }, (database) =>
    readAssetStatus(database, {
      ids,
      source: values.source ?? null,
      lateAfter: values.lateAfter,
      ...(values.stalenessHours !== undefined && { stalenessHours: values.stalenessHours }),
    }),
  );
  const missing = (ids ?? []).filter((id) => !assets.some((asset) => asset.id === id));
  if (missing.length > 0)
    throw new UsageError(`no such asset: ${missing.join(', ')}; "barwright asset list" shows them`);
  const shown = sorted(assets.filter(isWanted(values)), values.sort ?? 'id');
  const totals = countStandings(assets);
  if (values.json) talk.json({ version: 1, totals, assets: shown });
  else for (const line of formatStatus(shown, assets.length, totals)) talk.say(line);
  return 0;
}

/** Without a filter all; with several, what passes any of them. */
function isWanted({ late, stale, failed }: OptionValues): (asset: AssetStatus) => boolean {
  if (!late && !stale && !failed) return () => true;
  return ({ standing, verdict, isActive }) =>
    (late === true && standing === 'late') ||
    (stale === true && isActive && /^stale/.test(verdict)) ||
    (failed === true && (standing === 'failed' || standing === 'quarantined'));
}

/** By age the oldest first; what never had a price is older than anything. */
function sorted(assets: readonly AssetStatus[], by: 'id' | 'age'): AssetStatus[] {
  if (by === 'id') return [...assets];
  const ageOf = ({ stalenessHours }: AssetStatus) => stalenessHours ?? Number.POSITIVE_INFINITY;
  return assets.toSorted((a, b) => (ageOf(a) === ageOf(b) ? a.id - b.id : ageOf(b) > ageOf(a) ? 1 : -1));
}

function countStandings(assets: readonly AssetStatus[]): Partial<Record<Standing, number>> {
  const counts = STANDINGS.map((standing) => [
    standing,
    assets.filter((asset) => asset.standing === standing).length,
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** Indicators have a column where one is active. */
function headOf(hasIndicators: boolean): string[] {
  const first = ['id', 'symbol', 'first day', 'last day', 'age', 'lag', 'bars', 'emas'];
  return [...first, ...(hasIndicators ? ['indicators'] : []), 'rejects', 'calendar', 'verdict'];
}

function formatStatus(
  assets: readonly AssetStatus[],
  count: number,
  totals: Partial<Record<Standing, number>>,
): string[] {
  const counts = Object.entries(totals).map(([standing, number]) => `${number} ${standing}`);
  const head = [countOf(count, 'asset'), counts.join(', ')].filter((part) => part !== '').join(': ');
  if (assets.length === 0) return [head];
  const heads = headOf(assets.some(({ indicatorsWatermark }) => indicatorsWatermark !== undefined));
  const rows = assets.map((asset) => [
    String(asset.id),
    asset.symbol ?? '',
    asset.firstDay ?? '-',
    asset.lastDay ?? '-',
    formatAge(asset.stalenessHours),
    asset.lagDays === null ? '-' : `${asset.lagDays} d`,
    asset.barsWatermark ?? '-',
    asset.emasWatermark ?? '-',
    ...(asset.indicatorsWatermark === undefined ? [] : [asset.indicatorsWatermark ?? '-']),
    String(asset.rejects),
    asset.calendar ?? '-',
    asset.verdict,
  ]);
  const widths = heads.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, format(heads), ...rows.map(format), ...formatProofs(assets), ...formatKept(assets)];
}

/** How long ago the sources were proven to be what bars were made of. */
function formatProofs(assets: readonly AssetStatus[]): string[] {
  const read = assets.filter(({ isActive, lastSrcTs }) => isActive && lastSrcTs !== null);
  const proven = read.flatMap(({ id, provenAt }) => (provenAt === null ? [] : [{ id, provenAt }]));
  if (read.length === 0) return [];
  const [oldest] = proven.toSorted((a, b) => (a.provenAt < b.provenAt ? -1 : 1));
  const since =
    oldest === undefined ? '' : `, the longest ago ${oldest.provenAt.slice(0, 10)} (ID ${oldest.id})`;
  const rest = read.length - proven.length;
  const never = rest === 0 ? '' : `; ${rest} not since they were built (a seventh a day)`;
  return [`compared with the source: ${proven.length} of ${read.length}${since}${never}`];
}

/** How many bars the sources do not prove any more. */
function formatKept(assets: readonly AssetStatus[]): string[] {
  const kept = assets.filter(({ keptDays }) => keptDays > 0);
  if (kept.length === 0) return [];
  const days = kept.reduce((sum, { keptDays }) => sum + keptDays, 0);
  const shown = kept.slice(0, MOST_KEPT).map(({ id, keptDays }) => `ID ${id} ${keptDays}`);
  const rest = kept.length > shown.length ? `, and ${kept.length - shown.length} more` : '';
  return [
    `kept beside the source: ${countOf(days, 'day')} of ${countOf(kept.length, 'asset')} (${shown.join(', ')}${rest}); ` +
      '"barwright explain ID" says which',
  ];
}

const MOST_KEPT = 5;
