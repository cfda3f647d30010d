/** A backup put into an empty schema: in one transaction, every file and every row checked before and after. */
import { resolve } from 'node:path';
import { listApplied, migrate } from '../schema/migrate.js';
import { listMigrations } from '../schema/migrations.js';
import type { Database, Tx } from '../session/database.js';
import { DEFAULT_SOURCE } from '../source/source.js';
import { checkTableFiles, hashChunks, readTableFile } from './files.js';
import { type BackupManifest, type BackupTable, backupError, readManifest } from './manifest.js';
import {
  deleteRows,
  listTableNames,
  readBackupPlan,
  readIsPricesOurs,
  readRowCount,
  readTableCsv,
  type TableForm,
  writeTableCsv,
  writeWriteLock,
} from './tables.js';

export interface RestoreOptions {
  directory: string;
  /** Aborted when it is to be given up: nothing is restored then. */
  signal: AbortSignal;
  /** Called for each table once its rows are in, and are the same when read back. */
  onTable?: (table: BackupTable) => void;
}

/** What a restore came to. */
export interface Restored {
  manifest: BackupManifest;
  /** Migrations that the backup did not have yet. */
  migrated: readonly string[];
}

/** Filled by their migration: what the backup has takes the place of it. */
const SEEDED = ['dim_timeframe', 'dim_period', 'series_epoch'];
/** Filling the price table files notes; those of the backup take their place. */
const NOTES = 'price_change';

/**
 * Restores a backup into a schema without contents, which is made when it is not there. Throws, changing nothing, when
 * the backup is damaged or not for this barwright, or the schema has contents.
 */
export async function writeFromBackup(database: Database, options: RestoreOptions): Promise<Restored> {
  const directory = resolve(options.directory);
  const manifest = await readManifest(directory);
  checkMigrations(directory, manifest);
  await checkTableFiles(directory, manifest, options.signal);
  const migrated = await database.transaction(async (tx) => {
    const inside: Database = { ...database, transaction: (work) => work(tx) };
    await makeSchema(tx, inside, { directory, manifest });
    await checkPrices(tx, directory, manifest);
    const forms = await checkEmpty(tx, database.schema, { directory, manifest });
    for (const table of manifest.tables) {
      await restoreTable(tx, { table, form: forms.get(table.table) }, { ...options, directory });
      options.onTable?.(table);
    }
    options.signal.throwIfAborted();
    return (await migrate(inside)).applied;
  });
  return { manifest, migrated };
}

/** The backup's migrations must be the first ones of ours, text for text. */
function checkMigrations(directory: string, { migrations, barwright }: BackupManifest): void {
  const ours = listMigrations();
  const unknown = migrations.filter(({ number }, at) => ours[at]?.number !== number);
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name).join(', ');
    throw backupError(
      directory,
      `it was made by a newer barwright (${barwright}) with ${names}: update barwright first`,
    );
  }
  const changed = migrations.filter(({ checksum }, at) => ours[at]?.checksum !== checksum);
  if (changed.length > 0) {
    const names = changed.map(({ name }) => name).join(', ');
    throw backupError(
      directory,
      `it was made with another text of ${names}: restore it with that barwright (${barwright})`,
    );
  }
}

interface Scope {
  directory: string;
  manifest: BackupManifest;
}

/** A missing schema is made as it was when the backup was; one that is there must be of the same version. */
async function makeSchema(tx: Tx, inside: Database, { directory, manifest }: Scope): Promise<void> {
  const { schema } = inside;
  const last = manifest.migrations.at(-1)?.number ?? 0;
  const applied = await listApplied(tx, schema);
  if (applied === null) {
    if (!manifest.isPricesOurs) await checkSourceIsThere(tx, directory, schema);
    await migrate(inside, { through: last });
    return;
  }
  const found = applied.at(-1)?.number ?? 0;
  if (found === last && applied.length === manifest.migrations.length) return;
  const remedy =
    found < last
      ? 'run "barwright migrate" first'
      : 'give --schema a name that is not there yet: it is made as it was and brought up to date afterwards';
  throw backupError(
    directory,
    `it is of schema version ${last}, schema "${schema}" has version ${found}; ${remedy}`,
  );
}

async function checkSourceIsThere(tx: Tx, directory: string, schema: string): Promise<void> {
  const rows = await tx.query<[string | null]>('select to_regclass($1)::text', [DEFAULT_SOURCE]);
  if (rows[0]?.[0] !== null && rows[0]?.[0] !== undefined) return;
  throw backupError(
    directory,
    `it was made beside a price table ${DEFAULT_SOURCE} of your own, which is not in it: bring that table into ` +
      `schema "${schema}" first`,
  );
}

async function checkPrices(tx: Tx, directory: string, { isPricesOurs }: BackupManifest): Promise<void> {
  const isOursHere = await readIsPricesOurs(tx);
  if (isPricesOurs === isOursHere) return;
  throw backupError(
    directory,
    isPricesOurs
      ? `it has the prices of barwright's own table, and ${DEFAULT_SOURCE} here is not barwright's, or may not be ` +
          'written: give another schema with --schema'
      : `it was made beside a price table ${DEFAULT_SOURCE} of your own, which is not in it; here that table is ` +
          "barwright's: give --schema the name of a schema with your table",
  );
}

/** Locks the tables and gives their forms. Throws when one has rows, or is not what the backup was made from. */
async function checkEmpty(
  tx: Tx,
  schema: string,
  { directory, manifest }: Scope,
): Promise<Map<string, TableForm>> {
  const numbers = new Set(manifest.migrations.map(({ number }) => number));
  const migrations = listMigrations().filter(({ number }) => numbers.has(number));
  const names = await listTableNames(tx, migrations, manifest.isPricesOurs);
  await writeWriteLock(
    tx,
    names.map((table) => ({ table })),
  );
  const { tables } = await readBackupPlan(tx, schema);
  checkForms(directory, tables, manifest.tables);
  for (const table of names.filter((name) => !SEEDED.includes(name))) {
    if ((await readRowCount(tx, table)) > 0)
      throw new Error(
        `schema "${schema}" is not empty (${table} has rows), nothing was changed: a backup is restored into an ` +
          'empty schema only, give another one with --schema',
      );
  }
  return new Map(tables.map((form) => [form.table, form]));
}

function checkForms(directory: string, here: readonly TableForm[], there: readonly BackupTable[]): void {
  const shape = ({ table, columns }: Pick<TableForm, 'table' | 'columns'>) =>
    `${table} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`;
  const ours = new Set(here.map(shape));
  const other = there.find((table) => !ours.has(shape(table)));
  const missing = here.find(({ table }) => there.every((each) => each.table !== table));
  if (other !== undefined)
    throw backupError(directory, `it has the table ${shape(other)}, which this schema has not in this form`);
  if (missing !== undefined) throw backupError(directory, `it has no table ${missing.table}`);
}

async function restoreTable(
  tx: Tx,
  { table, form }: { table: BackupTable; form: TableForm | undefined },
  { directory, signal }: RestoreOptions,
): Promise<void> {
  if (form === undefined) throw new Error(`no table ${table.table} here`);
  signal.throwIfAborted();
  if (SEEDED.includes(table.table) || table.table === NOTES) await deleteRows(tx, table.table);
  const taken = await writeTableCsv(tx, table, readTableFile(directory, table.table, signal));
  if (taken !== table.rows)
    throw backupError(directory, `${table.table} gave ${taken} rows, the manifest says ${table.rows}`);
  const found = await hashChunks(readTableCsv(tx, form));
  if (found !== table.contentSha256)
    throw backupError(
      directory,
      `the rows of ${table.table}, read back from this server, are not those of the backup`,
    );
}
