import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { ensureEmbedded, findEmbedded, stopEmbedded } from '../../../storage/embedded/embedded.js';
import { type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { backupCommands } from './backup.js';

/** `barwright db start | stop | url`: the life of the embedded PostgreSQL; `backup | restore`: of any database. */
export function dbCommand(act: Act): Command {
  const db = new Command('db').description(
    "Start, stop or find barwright's own PostgreSQL; back up and restore any database.",
  );
  const verbs = [
    ['start', 'Start it (made on the first start); it runs on until it is stopped.', start],
    ['stop', 'Stop it.', stop],
    ['url', 'Print its URL, password included, for psql and other programs.', printUrl],
  ] as const;
  for (const [name, description, run] of verbs) {
    const command = new Command(name).description(description);
    db.addCommand(
      withOptions(command, ['dataDir']).action((values: OptionValues) => act(run(dataDirOf(values)))),
    );
  }
  for (const command of backupCommands(act)) db.addCommand(command);
  return db;
}

function dataDirOf(values: OptionValues): string | null {
  return values.dataDir ?? process.env.BARWRIGHT_DATA_DIR ?? null;
}

async function start(dataDir: string | null): Promise<number> {
  const { started, created } = await ensureEmbedded({ dataDir });
  const what = created ? 'made and started' : started ? 'started' : 'was running already';
  createTalk(false).say(`[OK] embedded PostgreSQL ${what}; "barwright db url" prints its address`);
  return 0;
}

async function stop(dataDir: string | null): Promise<number> {
  const wasRunning = await stopEmbedded({ dataDir });
  createTalk(false).say(
    wasRunning ? '[OK] embedded PostgreSQL stopped' : '[OK] embedded PostgreSQL was not running',
  );
  return 0;
}

async function printUrl(dataDir: string | null): Promise<number> {
  const found = await findEmbedded({ dataDir });
  if (found === null || !found.running) {
    throw new UsageError('the embedded PostgreSQL is not running: start it with "barwright db start"');
  }
  process.stdout.write(`${found.url}\n`);
  return 0;
}
