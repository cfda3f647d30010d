import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { writeSampleData } from '../../components/ingest/sample-data.js';
import { CHECKOUT_STARTER } from '../../orchestration/places.js';
import { migrate } from '../../storage/migrate.js';
import type { Act } from '../main.js';
import { type OptionValues, withOptions } from '../options.js';
import { createTalk } from '../talk.js';
import { withDatabase } from '../with-database.js';
import { databaseOf, runRefresh } from './refresh.js';

function formatNext({ dataDir }: OptionValues): string {
  const program = existsSync(CHECKOUT_STARTER) ? 'npm run -s barwright --' : 'barwright';
  const folder = dataDir === undefined ? '' : ` --data-dir '${dataDir}'`;
  return `
What to try next:
  ${program} status --embedded${folder}
  ${program} refresh --all --dry-run --embedded${folder}
  ${program} ingest YOUR.csv --id 1 --embedded${folder}
  ${program} refresh --all --embedded${folder}
  psql "$(${program} db url${folder})" -c "select * from ema_series(900001, '7D', 21, '2025-12-01', '2025-12-31')"
  ${program} db stop${folder}`;
}

/** `barwright demo`: everything on synthetic data in the embedded database. Repeating it writes nothing. */
export function demoCommand(act: Act): Command {
  const command = new Command('demo').description(
    'Run everything on synthetic sample data in the embedded database.',
  );
  return withOptions(command, ['dataDir', 'schema']).action((values: OptionValues) =>
    act(runDemo({ ...values, embedded: true })),
  );
}

async function runDemo(values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  await withDatabase(values, { talk, isSchemaChecked: false }, async (database) => {
    const { applied } = await migrate(database);
    talk.say(
      applied.length === 0 ? '[OK] schema is up to date' : `[OK] schema made (${applied.length} migrations)`,
    );
    const sample = await writeSampleData(database);
    talk.say(
      `[OK] sample data (synthetic, not market prices): ${sample.assets} assets, ${sample.days} days, ${sample.changed} written`,
    );
  });
  const exitCode = await runRefresh(
    { bars: true, emas: true, ids: null, allowLate: true, ...databaseOf(values) },
    { logFile: null },
  );
  talk.say(formatNext(values));
  return exitCode;
}
