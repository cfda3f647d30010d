import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { listLateLines } from '../../../orchestration/lateness/late-at-upgrade.js';
import { findPermissionAdvice } from '../../../storage/failures/permissions.js';
import { deleteChangeTracking, writeChangeTracking } from '../../../storage/prices/track-changes.js';
import { writeHeadViews } from '../../../storage/schema/head-views.js';
import { listSchemas, migrate } from '../../../storage/schema/migrate.js';
import { writeSchemaObjects } from '../../../storage/schema/objects.js';
import { readQueueSchema } from '../../../storage/schema/queue-schema.js';
import { writeQueueRights } from '../../../storage/schema/rights.js';
import { readWhyReadOnly } from '../../../storage/schema/server-facts.js';
import type { Database } from '../../../storage/session/database.js';
import { formatDistribution } from '../../../storage/workers/distribution.js';
import { configuredExpectations } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/**
 * `barwright init`: makes the tables, views and functions, and puts note triggers on the source when that is asked for.
 * Repeating it changes nothing.
 */
export function initCommand(act: Act): Command {
  const command = new Command('init').description('Make the tables, views and functions in the schema.');
  return withOptions(command, [
    ...DATABASE_OPTIONS,
    'trackChanges',
    'untrackChanges',
    'headViews',
    'source',
    'citus',
    'queue',
  ]).action((values: OptionValues) => act(runInit(values)));
}

/** `barwright migrate`: brings an older schema up to this version. */
export function migrateCommand(act: Act): Command {
  const command = new Command('migrate').description("Bring an older schema up to this version's.");
  return withOptions(command, DATABASE_OPTIONS).action((values: OptionValues) => act(runInit(values)));
}

async function runInit(values: OptionValues): Promise<number> {
  if (values.trackChanges && values.untrackChanges)
    throw new UsageError('--track-changes and --untrack-changes are opposites: give one of them');
  if (values.citus) {
    if (values.trackChanges || values.untrackChanges || values.queue)
      throw new UsageError('--citus only prints: it goes with --schema, and with nothing that is done');
    process.stdout.write(formatDistribution(values.schema));
    return 0;
  }
  const talk = createTalk(false);
  await withDatabase(values, { talk, isWriting: true, isSchemaChecked: false }, async (database) => {
    // Also where there is nothing to do: what is asked for is that the next command works.
    const whyNot = await database.read(readWhyReadOnly);
    if (whyNot !== null) throw new Error(`nothing can be made or changed in this database: ${whyNot}`);
    const { applied } = await migrate(database);
    if (applied.length === 0) talk.say(`[OK] schema ${values.schema} is up to date`);
    else talk.say(`[OK] schema ${values.schema}: applied ${applied.join(', ')}`);
    await putBack(database, talk);
    if (applied.length > 0) await sayWhoIsLate(database, talk);
    if (values.trackChanges) await trackChanges(database, values, talk);
    if (values.untrackChanges) await untrackChanges(database, values, talk);
    if (values.queue) await makeQueue(database, talk);
    if (values.headViews) await makeHeadViews(database, talk);
  });
  return 0;
}

async function makeHeadViews(database: Database, talk: Talk): Promise<void> {
  const names = await database.transaction(writeHeadViews);
  talk.say(`[OK] views ${names.join(' and ')} are there; "barwright grants" prints the rights on them`);
}

/** What the next run would name, so that old assets can be settled before it. */
async function sayWhoIsLate(database: Database, talk: Talk): Promise<void> {
  for (const line of await database.read((tx) => listLateLines(tx, configuredExpectations()))) talk.say(line);
}

/** What somebody dropped or changed since it was made. A role that may make no schema cannot look. */
async function putBack(database: Database, talk: Talk): Promise<void> {
  try {
    const { missing, changed } = await writeSchemaObjects(database);
    for (const { kind, name } of missing) talk.say(`[OK] ${kind} ${name} was missing, and is there again`);
    for (const { kind, name } of changed) talk.say(`[OK] ${kind} ${name} was changed, and is as it was made`);
  } catch (error) {
    if (findPermissionAdvice(error) === null) throw error;
  }
}

async function makeQueue(database: Database, talk: Talk): Promise<void> {
  const { writeQueue } = await import('../../../storage/workers/queue.js');
  const name = readQueueSchema(database.schema);
  await writeQueue(database, {
    hasSchema: await database.read(async (tx) => (await listSchemas(tx, name)).length > 0),
  });
  await database.transaction((tx) => writeQueueRights(tx, database.schema));
  talk.say(`[OK] the queue is in schema ${name}`);
}

async function trackChanges(database: Database, values: OptionValues, talk: Talk): Promise<void> {
  const { label, isChanged, notes } = await database.transaction((tx) =>
    writeChangeTracking(tx, values.source ?? null),
  );
  if (!isChanged) {
    talk.say(`[OK] changes of ${label} are noted already`);
    return;
  }
  const once = notes === 0 ? '' : `; the next run compares ${notes} known assets with it once`;
  talk.say(`[OK] changes of ${label} are noted by triggers from now on${once}`);
}

async function untrackChanges(database: Database, values: OptionValues, talk: Talk): Promise<void> {
  const { label, isChanged } = await database.transaction((tx) =>
    deleteChangeTracking(tx, values.source ?? null),
  );
  talk.say(
    isChanged
      ? `[OK] changes of ${label} are not noted any more: every run compares fingerprints`
      : `[OK] changes of ${label} were not noted`,
  );
}
