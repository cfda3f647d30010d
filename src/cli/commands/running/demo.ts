import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { SAMPLE_LAST_DAY, writeSampleData } from '../../../components/ingest/load/sample-data.js';
import { DAY_US } from '../../../domain/calendar/day.js';
import { INDICATOR_SETS } from '../../../domain/indicators/sets.js';
import { writeIndicators } from '../../../storage/indicators/dimension.js';
import { CHECKOUT_STARTER } from '../../../storage/places.js';
import { readNow } from '../../../storage/reading/freshness.js';
import { migrate } from '../../../storage/schema/migrate.js';
import { databaseOf } from '../../options/database.js';
import { type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';
import { runRefresh } from './refresh.js';

/** Samples are kept apart from market prices. */
const SCHEMA = 'sample';

function formatNext({ dataDir, schema }: OptionValues): string {
  const program = existsSync(CHECKOUT_STARTER) ? './barwright' : 'barwright';
  const folder = dataDir === undefined ? '' : ` --data-dir '${dataDir}'`;
  const sample = `--embedded${folder} --schema ${schema}`;
  return `
What to try next:
  ${program} serve ${sample}
  ${program} status ${sample}
  ${program} explain SAMPLE-A ${sample}
  ${program} verify ${sample}
  psql "$(${program} db url${folder})" -c "select * from ${schema}.ema_series(900001, '7D', 21, '2025-12-01', '2025-12-31')"
  ${program} indicator list ${sample}
Your own prices, in schema public:
  ${program} init --embedded${folder}
  ${program} ingest YOUR.csv --id 1 --embedded${folder}
  ${program} refresh --all --embedded${folder}
  ${program} db stop${folder}`;
}

/** `barwright demo`: everything on synthetic data in the embedded database. Repeating it writes nothing. */
export function demoCommand(act: Act): Command {
  const command = new Command('demo').description(
    'Run everything on synthetic sample data in the embedded database.',
  );
  return withOptions(command, ['dataDir', 'schema']).action((values: OptionValues) =>
    act(
      runDemo({
        ...values,
        embedded: true,
        schema: command.getOptionValueSource('schema') === 'default' ? SCHEMA : values.schema,
      }),
    ),
  );
}

async function runDemo(values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  await withDatabase(values, { talk, isWriting: true, isSchemaChecked: false }, async (database) => {
    const { applied } = await migrate(database);
    talk.say(
      applied.length === 0
        ? `[OK] schema ${values.schema} is up to date`
        : `[OK] schema ${values.schema} made (${applied.length} migrations)`,
    );
    const yesterday = Math.floor((await database.read(readNow)) / DAY_US) - 1;
    const sample = await writeSampleData(database, Math.max(SAMPLE_LAST_DAY, yesterday));
    talk.say(
      `[OK] sample data (synthetic, not market prices): ${sample.assets} assets, ${sample.days} days, ${sample.changed} written`,
    );
    await database.transaction((tx) => writeIndicators(tx, INDICATOR_SETS.common));
  });
  const exitCode = await runRefresh(
    { bars: true, emas: true, ids: null, allowLate: true, ...databaseOf(values) },
    { logFile: null },
  );
  talk.say(formatNext(values));
  return exitCode;
}
