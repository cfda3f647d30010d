import pg from 'pg';
import { type Database, quoteIdentifier, type Tx } from '../session/database.js';
import { listCreatedNames, listMigrations, type Migration } from './migrations.js';
import { writeMigrationRights } from './rights.js';

/** What a schema is, compared with the migrations of this barwright. */
export type SchemaState =
  | { kind: 'current' }
  /** No schema of that name, or one in which barwright has made nothing. */
  | { kind: 'missing' }
  | { kind: 'older'; pending: readonly Migration[] }
  /** Made by a newer barwright: names of migrations that are not known here. */
  | { kind: 'newer'; unknown: readonly string[] }
  /** A migration was applied with another text than it has here. */
  | { kind: 'changed'; changed: readonly string[] };

/** PostgreSQL's codes for a table, a type and a function that exist already. */
const NAME_TAKEN: readonly string[] = ['42P07', '42710', '42723'];
const OWN_SCHEMA = 'give barwright a schema of its own with "barwright init --schema NAME"';

interface AppliedMigration {
  number: number;
  name: string;
  checksum: string;
}

/**
 * Makes or completes the schema: one transaction, one at a time per schema; two at once do the work once.
 * `through` is the number of the last migration to apply; all of them when it is left out.
 * Throws, changing nothing, when the schema is newer or changed, or has things of our names that are not ours.
 */
export async function migrate(
  database: Database,
  { through = Number.POSITIVE_INFINITY }: { through?: number } = {},
): Promise<{ applied: string[] }> {
  const migrations = listMigrations().filter(({ number }) => number <= through);
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`barwright ${database.schema}`]);
    const state = compareSchema(migrations, await listApplied(tx, database.schema));
    if (state.kind === 'newer' || state.kind === 'changed') throw schemaError(state, database.schema);
    if (state.kind === 'current') return { applied: [] };
    const pending = state.kind === 'missing' ? migrations : state.pending;
    await checkNamesAreFree(tx, database.schema, { migrations, pending });
    if (state.kind === 'missing') await createSchema(tx, database.schema);
    for (const migration of pending) await applyMigration(tx, migration);
    if (state.kind === 'older') await writeMigrationRights(tx, pending);
    return { applied: pending.map((migration) => migration.name) };
  });
}

/** Compares the schema with the migrations of this barwright; writes nothing. */
export async function readSchemaState(database: Database): Promise<SchemaState> {
  const reading = database.read((tx) => listApplied(tx, database.schema));
  // The files are read while the connection is made.
  const [applied, migrations] = await Promise.all([reading, Promise.resolve().then(() => listMigrations())]);
  return compareSchema(migrations, applied);
}

/** Throws, naming the command to type, unless the schema is what this barwright works with. */
export async function checkSchema(database: Database): Promise<void> {
  const state = await readSchemaState(database);
  if (state.kind !== 'current') throw schemaError(state, database.schema);
}

/** Applied migrations in order; null when barwright has made nothing in the schema. */
export async function listApplied(tx: Tx, schema: string): Promise<AppliedMigration[] | null> {
  const found = await tx.query<[boolean]>(
    `select has_schema_privilege(n.oid, 'usage') from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'barwright_migration'`,
    [schema],
  );
  if (found[0] === undefined) return null;
  // Without that right the server says that there are no such tables, which is not so.
  if (!found[0][0])
    throw new Error(
      `the role of this connection may not use schema "${schema}": "barwright grants --runner ROLE" prints the SQL that allows it`,
    );
  const rows = await tx.query<[number, string, string]>(
    'select number, name, checksum from barwright_migration order by number',
  );
  return rows.map(([number, name, checksum]) => ({ number, name, checksum }));
}

function compareSchema(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[] | null,
): SchemaState {
  if (applied === null) return { kind: 'missing' };
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  const unknown = applied.filter((row) => !known.has(row.number));
  if (unknown.length > 0) return { kind: 'newer', unknown: unknown.map((row) => row.name) };
  const changed = applied.filter((row) => known.get(row.number)?.checksum !== row.checksum);
  if (changed.length > 0) return { kind: 'changed', changed: changed.map((row) => row.name) };
  const numbers = new Set(applied.map((row) => row.number));
  const pending = migrations.filter((migration) => !numbers.has(migration.number));
  return pending.length > 0 ? { kind: 'older', pending } : { kind: 'current' };
}

function schemaError(state: Exclude<SchemaState, { kind: 'current' }>, schema: string): Error {
  const option = schema === 'public' ? '' : ` --schema ${schema}`;
  const start = `schema "${schema}"`;
  switch (state.kind) {
    case 'missing':
      return new Error(`${start} has no barwright tables: run "barwright init${option}"`);
    case 'older': {
      const names = state.pending.map((migration) => migration.name).join(', ');
      return new Error(
        `${start} is older than this barwright, without ${names}: run "barwright migrate${option}"`,
      );
    }
    case 'newer':
      return new Error(
        `${start} is newer than this barwright, which does not know ${state.unknown.join(', ')}: ` +
          'update barwright, or take another schema with "barwright init --schema NAME"',
      );
    case 'changed':
      return new Error(
        `${start} was made with another text of ${state.changed.join(', ')} than this barwright has: use the barwright ` +
          'that made it, or take another schema with "barwright init --schema NAME"',
      );
  }
}

/** Nothing is created over, or beside, things of our names that somebody else made. */
async function checkNamesAreFree(
  tx: Tx,
  schema: string,
  plan: { migrations: readonly Migration[]; pending: readonly Migration[] },
): Promise<void> {
  const ours = plan.migrations
    .filter((migration) => !plan.pending.includes(migration))
    .flatMap(listCreatedNames);
  const names = plan.pending.flatMap(listCreatedNames).filter((name) => !ours.includes(name));
  const taken = await tx.query<[string, string]>(
    `select what, name from (
       select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'i' then 'index'
                when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end, relname, relnamespace
       from pg_class where relkind not in ('c', 't')
       union
       select 'type', typname, typnamespace from pg_type t
       where not exists (select 1 from pg_class c where c.oid = t.typrelid and c.relkind <> 'c')
       union
       select 'function', proname, pronamespace from pg_proc
     ) as o (what, name, namespace)
     join pg_namespace n on n.oid = o.namespace
     where n.nspname = $1 and o.name = any ($2::text[])
     order by name, what`,
    [schema, names],
  );
  if (taken.length === 0) return;
  throw new Error(
    `schema "${schema}" has things of these names that barwright did not make: ` +
      `${taken.map(([what, name]) => `${what} ${name}`).join(', ')}. Nothing was changed; ${OWN_SCHEMA}`,
  );
}

/** The schemas of this name: one, or none. */
export async function listSchemas(tx: Tx, name: string): Promise<string[]> {
  return (await tx.query<[string]>('select nspname from pg_namespace where nspname = $1', [name])).map(
    ([each]) => each,
  );
}

async function createSchema(tx: Tx, schema: string): Promise<void> {
  // Not "if not exists" alone: that asks for the right to create schemas even where there is nothing to create.
  if ((await listSchemas(tx, schema)).length === 0)
    await tx.execute(`create schema ${quoteIdentifier(schema)}`);
  await tx.execute(`create table barwright_migration (
    number     int primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default now()
  )`);
}

async function applyMigration(tx: Tx, migration: Migration): Promise<void> {
  try {
    await tx.execute(migration.sql);
  } catch (cause) {
    const isTaken = cause instanceof pg.DatabaseError && NAME_TAKEN.includes(cause.code ?? '');
    throw new Error(
      `applying sql/${migration.name}.sql failed, nothing was changed${isTaken ? `; ${OWN_SCHEMA}` : ''}`,
      { cause },
    );
  }
  await tx.execute('insert into barwright_migration (number, name, checksum) values ($1, $2, $3)', [
    migration.number,
    migration.name,
    migration.checksum,
  ]);
}
