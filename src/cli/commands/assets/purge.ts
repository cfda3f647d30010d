import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Command } from 'commander';
import { parseId } from '../../../domain/text/ids.js';
import { type Purge, planPurge, purgeAsset } from '../../../orchestration/inspect/purge-asset.js';
import { formatHolder } from '../../../orchestration/report/causes-of-report.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright asset purge ID`: shows what would go; with --yes it goes, for good. */
export function purgeCommand(act: Act): Command {
  const command = new Command('purge')
    .description('Delete everything of an asset for good; without --yes only show what that is.')
    .argument('<id>', 'CoinMarketCap id, or symbol');
  return withOptions(command, ['yes', ...DATABASE_OPTIONS, 'source', 'json']).action(
    (id: string, values: OptionValues) => act(runPurge(parseId(id.trim()), values)),
  );
}

async function runPurge(id: number, values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const scope = { id, source: values.source ?? null };
  return withDatabase(values, { talk, isWriting: true }, async (database) => {
    if (!values.yes) {
      show(await planPurge(database, scope), talk);
      talk.say(`[INFO] nothing was deleted: with --yes it is, for good`);
      return 0;
    }
    const command = `asset purge ${id}`;
    const startedAt = new Date().toISOString();
    const info = { run: randomUUID(), command, host: hostname(), pid: process.pid, startedAt };
    const { purge, heldBy } = await purgeAsset(database, { ...scope, info });
    if (purge === null) {
      talk.say(`[FAILED] ${formatHolder(heldBy)}; nothing was deleted`);
      return 4;
    }
    show(purge, talk);
    talk.say(`[OK] asset ${id} is purged`);
    return 0;
  });
}

function show(purge: Purge, talk: Talk): void {
  const { id, isDone, tables, foreign } = purge;
  if (talk.isJson) talk.json({ version: 1, ...purge });
  else {
    const width = Math.max(...tables.map(({ table }) => table.length));
    talk.say(`Rows of asset ${id} that ${isDone ? 'were deleted' : 'a purge would delete'}:`);
    for (const { table, rows } of tables) talk.say(`  ${table.padEnd(width)}  ${String(rows).padStart(9)}`);
    talk.say('[INFO] records of past runs stay: they say what was done, and it was');
  }
  if (foreign === null) return;
  const back =
    foreign.rows === 0
      ? 'it has no rows of the asset'
      : `its ${foreign.rows} rows of the asset bring it back on the next run ("barwright asset retire ${id}" keeps it away and its history here)`;
  talk.say(`[WARNING] ${foreign.relation} is not barwright's and stays untouched: ${back}`);
}
