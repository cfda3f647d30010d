import { Command } from 'commander';
import { UsageError } from '../../domain/errors.js';
import { parseIdList } from '../../domain/ids.js';
import { formatAge } from '../../orchestration/gate.js';
import { type AssetStatus, readAssetStatus } from '../../orchestration/status.js';
import type { Act } from '../main.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../options.js';
import { createTalk } from '../talk.js';
import { withDatabase } from '../with-database.js';

/** `barwright status`: how fresh every asset is, and whether we or the source are late. */
export function statusCommand(act: Act): Command {
  const command = new Command('status').description('Freshness of every asset against its source.');
  return withOptions(command, ['ids', ...DATABASE_OPTIONS, 'source', 'stalenessHours', 'json']).action(
    (values: OptionValues) => act(runStatus(values)),
  );
}

async function runStatus(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = parseIdList(values.ids);
  const assets = await withDatabase(values, { talk }, (database) =>
    readAssetStatus(database, {
      ids,
      source: values.source ?? null,
      ...(values.stalenessHours !== undefined && { stalenessHours: values.stalenessHours }),
    }),
  );
  const missing = (ids ?? []).filter((id) => !assets.some((asset) => asset.id === id));
  if (missing.length > 0)
    throw new UsageError(`no such asset: ${missing.join(', ')}; "barwright asset list" shows them`);
  if (values.json) talk.json({ version: 1, assets });
  else for (const line of formatStatus(assets)) talk.say(line);
  return 0;
}

const HEAD = ['id', 'symbol', 'first day', 'last day', 'age', 'lag', 'bars', 'emas', 'rejects', 'verdict'];

function formatStatus(assets: readonly AssetStatus[]): string[] {
  const rows = assets.map((asset) => [
    String(asset.id),
    asset.symbol ?? '',
    asset.firstDay ?? '-',
    asset.lastDay ?? '-',
    formatAge(asset.stalenessHours),
    asset.lagDays === null ? '-' : `${asset.lagDays} d`,
    asset.barsWatermark ?? '-',
    asset.emasWatermark ?? '-',
    String(asset.rejects),
    asset.verdict,
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [format(HEAD), ...rows.map(format), `${assets.length} assets`];
}
