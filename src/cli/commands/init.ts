import { Command } from 'commander';
import { migrate } from '../../storage/migrate.js';
import type { Act } from '../main.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../options.js';
import { createTalk } from '../talk.js';
import { withDatabase } from '../with-database.js';

/** `barwright init`: makes the tables, views and functions. Repeating it changes nothing. */
export function initCommand(act: Act): Command {
  return schemaCommand('init', 'Make the tables, views and functions in the schema.', act);
}

/** `barwright migrate`: brings an older schema up to this version. */
export function migrateCommand(act: Act): Command {
  return schemaCommand('migrate', "Bring an older schema up to this version's.", act);
}

function schemaCommand(name: string, description: string, act: Act): Command {
  return withOptions(new Command(name).description(description), DATABASE_OPTIONS).action(
    (values: OptionValues) => act(runMigrate(values)),
  );
}

async function runMigrate(values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  const { applied } = await withDatabase(values, { talk, isSchemaChecked: false }, migrate);
  if (applied.length === 0) talk.say(`[OK] schema ${values.schema} is up to date`);
  else talk.say(`[OK] schema ${values.schema}: applied ${applied.join(', ')}`);
  return 0;
}
