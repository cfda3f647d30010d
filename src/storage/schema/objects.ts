/** Views, functions, indexes and triggers: those that are there beside those that this barwright makes. */
import { randomBytes } from 'node:crypto';
import { type Database, quoteIdentifier, type Tx } from '../session/database.js';
import { DEFAULT_SOURCE } from '../source/source.js';
import { listMigrations } from './migrations.js';

/** One of them, as the server writes it, without the name of its schema. */
export interface SchemaObject {
  kind: 'function' | 'view' | 'index' | 'trigger';
  name: string;
  definition: string;
  /** Its place in the order in which all can be made. */
  place: number;
}

/** What differs from what this barwright makes. Things of others in the schema are not looked at. */
export interface SchemaDamage {
  missing: SchemaObject[];
  changed: SchemaObject[];
}

/** The table of prices may be somebody's own: what hangs on it is not ours to judge. In an order in which each can be made: that of the migrations, since views and functions need each other. */
const OBJECTS = `
  select kind, name, definition from (
    select false as is_late, p.oid, 'function' as kind,
      p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name, pg_get_functiondef(p.oid) as definition
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.prokind in ('f', 'p')
    union all
    select false, c.oid, 'view', c.relname, 'create or replace view ' || quote_ident(c.relname) || ' as ' || pg_get_viewdef(c.oid)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'v'
    union all
    select true, c.oid, 'index', c.relname, pg_get_indexdef(c.oid)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_index x on x.indexrelid = c.oid join pg_class w on w.oid = x.indrelid
    where n.nspname = $1 and c.relkind = 'i' and w.relname <> '${DEFAULT_SOURCE}' and not exists (select from pg_constraint k where k.conindid = c.oid)
    union all
    select true, t.oid, 'trigger', t.tgname || ' on ' || c.relname, pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and not t.tgisinternal and c.relname <> '${DEFAULT_SOURCE}') o
  order by is_late, oid`;

/**
 * Compares. What should be there is made in a schema of its own by a transaction that is rolled back, so it is this
 * server's own wording. Throws what the server says to a role that may not make a schema (SQLSTATE 42501).
 */
export async function readSchemaDamage(database: Database): Promise<SchemaDamage> {
  const there = await database.read((tx) => listObjects(tx, database.schema));
  const expected = await listExpected(database);
  const known = new Map(there.map((object) => [keyOf(object), object.definition]));
  return {
    missing: expected.filter((object) => !known.has(keyOf(object))),
    changed: expected.filter(
      (object) => (known.get(keyOf(object)) ?? object.definition) !== object.definition,
    ),
  };
}

/** Makes again what is missing or changed, in one transaction; returns what it was. Throws, changing nothing, where that cannot be done. */
export async function writeSchemaObjects(database: Database): Promise<SchemaDamage> {
  const damage = await readSchemaDamage(database);
  const isDamaged = (object: SchemaObject) => damage.changed.includes(object);
  const all = [...damage.missing, ...damage.changed];
  if (all.length === 0) return damage;
  const inOrder = all.toSorted((a, b) => a.place - b.place);
  await database.transaction(async (tx) => {
    for (const object of inOrder) {
      if (isDamaged(object)) await dropChanged(tx, object);
      await tx.execute(object.definition.replaceAll(HERE, quoteIdentifier(database.schema)));
    }
  });
  return damage;
}

/** Instead of the name of the schema where a function sets it as its search path. */
const HERE = '\u0001';
/** Functions and views are replaced where they stand: others may depend on them. */
async function dropChanged(tx: Tx, { kind, name }: SchemaObject): Promise<void> {
  if (kind === 'index') await tx.execute(`drop index ${quoteIdentifier(name)}`);
  if (kind !== 'trigger') return;
  const [trigger = '', table = ''] = name.split(' on ');
  await tx.execute(`drop trigger ${quoteIdentifier(trigger)} on ${quoteIdentifier(table)}`);
}

const keyOf = ({ kind, name }: SchemaObject): string => `${kind} ${name}`;

async function listObjects(tx: Tx, schema: string): Promise<SchemaObject[]> {
  await tx.execute(`select set_config('search_path', quote_ident($1), true)`, [schema]);
  const rows = await tx.query<[SchemaObject['kind'], string, string]>(OBJECTS, [schema]);
  const prefixes = [`${schema}.`, `${quoteIdentifier(schema)}.`];
  const names = [schema, quoteIdentifier(schema), `'${schema}'`];
  const bare = (text: string) =>
    prefixes
      .reduce((rest, prefix) => rest.replaceAll(prefix, ''), text)
      .replace(/^( SET search_path TO )([^,\n]+)/m, (all, start, name) =>
        names.includes(name) ? `${start}${HERE}` : all,
      );
  return rows.map(([kind, name, definition], place) => ({
    ...{ kind, place, name: bare(name), definition: bare(definition) },
  }));
}

class TakenBack extends Error {}

async function listExpected(database: Database): Promise<SchemaObject[]> {
  const schema = `barwright_probe_${randomBytes(6).toString('hex')}`;
  let expected: SchemaObject[] = [];
  const work = database.transaction(async (tx) => {
    await tx.execute(`create schema ${schema}`);
    await tx.execute(`select set_config('search_path', $1, true)`, [schema]);
    for (const { sql } of listMigrations()) await tx.execute(sql);
    expected = await listObjects(tx, schema);
    throw new TakenBack();
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error;
  });
  return expected;
}
