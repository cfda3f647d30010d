/** The SQL that gives roles the rights which they need in a schema of barwright's, and no others. It is printed, never run. */

import pg from 'pg';
import { parseSourceText } from '../../domain/source/description.js';
import { OURS } from '../prices/staging.js';
import { quoteIdentifier } from '../session/database.js';
import { DEFAULT_SOURCE, parseRelation } from '../source/source.js';
import { listCreatedNames, listMigrations } from './migrations.js';
import { QUEUE_RIGHTS, readQueueSchema } from './queue-schema.js';

/** The roles that get rights; null: none of that kind. */
export interface GrantRoles {
  /** May make and migrate the schema. */
  owner: string | null;
  /** May ingest, refresh and verify. */
  runner: string | null;
  /** May query. */
  reader: string | null;
}

export interface GrantScope extends GrantRoles {
  schema: string;
  /** What `--source` gave; null: our own price table. */
  source: string | null;
  /** Also in the schema of the queue. */
  queue?: boolean;
}

/** The table that says which migrations have been applied. */
export const MIGRATIONS = 'barwright_migration';
const WRITE = 'select, insert, update, delete';
/** A runner's rights where they are narrower than WRITE. The triggers on prices file notes with their owner's rights. */
const NARROWER: Readonly<Record<string, string>> = {
  [MIGRATIONS]: 'select',
  dim_timeframe: 'select',
  dim_period: 'select',
  dim_assets: 'select, insert, update',
  price_change: 'select, delete',
  refresh_lease: 'select, insert, update',
};
/** A table that a later migration drops; its name may have gone to a view. */
const DROPPED = /^drop table ([a-z_0-9, ]+);/gim;
const TABLE = /^\s*create table (?:if not exists )?([a-z_][a-z0-9_]*)/gim;

/** What this barwright's migrations make. */
function listObjects(): { tables: string[]; others: string[] } {
  const migrations = listMigrations();
  const namesIn = (pattern: RegExp) =>
    migrations.flatMap(({ sql }) =>
      [...sql.matchAll(pattern)].flatMap((match) => (match[1] ?? '').split(/,\s*/)),
    );
  const gone = namesIn(DROPPED);
  const tables = namesIn(TABLE).filter((name) => name !== DEFAULT_SOURCE && !gone.includes(name));
  const others = migrations.flatMap(listCreatedNames).filter((name) => !tables.includes(name));
  return { tables: [MIGRATIONS, ...tables], others };
}

/** The tables that this barwright makes, the price table aside: that may be the user's own. */
export function listTables(): string[] {
  return listObjects().tables;
}

/** The rights that a runner needs on the tables of this barwright. */
export function listRunnerRights(): { table: string; rights: string }[] {
  return listObjects().tables.map((table) => ({ table, rights: NARROWER[table] ?? WRITE }));
}

/** The whole text, one transaction, to be run by a superuser or the present owner; running it again changes nothing. */
export function formatGrants(scope: GrantScope): string {
  const { owner, runner, reader, schema } = scope;
  const given = [owner, runner, reader].filter((name) => name !== null);
  return [
    `-- Rights in schema ${quoteIdentifier(schema)}, printed by "barwright grants". Run it as a superuser, or as who owns the`,
    '-- schema and may create roles; run it again whenever you like. New roles have no password: "\\password NAME" sets one.',
    'begin;',
    ...given.map(createRole),
    ...(owner === null ? [] : grantOwner(scope, owner)),
    ...(runner === null ? [] : grantRunner(scope, runner)),
    ...(reader === null ? [] : grantReader(scope, reader)),
    'commit;',
    '',
  ].join('\n');
}

const literal = (text: string): string => pg.escapeLiteral(text);
const literals = (texts: readonly string[]): string => `array[${texts.map(literal).join(', ')}]`;

/** A block whose quotes no name in it can close. */
function block(body: string, declarations = ''): string {
  let tag = 'grants';
  while (body.includes(`$${tag}$`)) tag = `${tag}_`;
  return `do $${tag}$\n${declarations}begin\n${body}\nend\n$${tag}$;`;
}

function createRole(name: string): string {
  return block(`  if not exists (select from pg_roles where rolname = ${literal(name)}) then
    create role ${quoteIdentifier(name)} login;
  end if;`);
}

/** Whether cmc_price_histories7 is a table that barwright made, as an expression. */
function isPricesOurs(schema: string): string {
  const name = literal(`${quoteIdentifier(schema)}.${DEFAULT_SOURCE}`);
  return `coalesce(obj_description(to_regclass(${name}), 'pg_class'), '') like ${literal(`%${OURS}%`)}`;
}

function grantOwner(scope: GrantScope, owner: string): string[] {
  const { schema } = scope;
  const { tables, others } = listObjects();
  const role = literal(owner);
  const ours = `n.nspname = ${literal(schema)}`;
  return [
    '',
    '-- The owner: "barwright init" and "barwright migrate", and everything that a runner may.',
    `create schema if not exists ${quoteIdentifier(schema)};`,
    `grant usage, create on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(owner)};`,
    grantDatabase(owner),
    ...(scope.queue ? grantQueueOwner(schema, owner) : []),
    block(
      `  for thing in
    select format('table %s', c.oid::regclass) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'v') and pg_get_userbyid(c.relowner) <> ${role}
      and (c.relname = any (${literals([...tables, ...others])})
        or c.relname = ${literal(DEFAULT_SOURCE)} and ${isPricesOurs(schema)})
    union all
    select format('type %s', t.oid::regtype) from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where ${ours} and t.typtype = 'e' and pg_get_userbyid(t.typowner) <> ${role} and t.typname = any (${literals(others)})
    union all
    select format('function %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${ours} and pg_get_userbyid(p.proowner) <> ${role}
      and (p.proname = any (${literals(others)}) or p.proname ~ '^price_change_note_[0-9a-f]{12}$')
  loop
    execute format('alter %s owner to %I', thing.name, ${role});
  end loop;`,
      'declare\n  thing record;\n',
    ),
  ];
}

function grantRunner(scope: GrantScope, runner: string): string[] {
  const { schema, owner, source } = scope;
  const rights = listRunnerRights().map(({ table, rights: each }) => `(${literal(table)}, ${literal(each)})`);
  const own = `('${DEFAULT_SOURCE}', case when ${isPricesOurs(schema)} then 'select, insert, update' else 'select' end)`;
  return [
    '',
    '-- The runner: ingest, refresh, verify and everything that reads. No right to make, alter, drop or truncate anything.',
    `grant usage on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(runner)};`,
    grantDatabase(runner),
    grantTables({ schema, role: runner, rights: [...rights, own] }),
    grantReading(schema, runner),
    ...(source === null ? [] : grantSource(schema, source, runner)),
    ...(scope.queue ? grantQueueRunner(scope, runner) : []),
    revokeDefaults(owner, { schema, role: runner }),
  ];
}

function grantReader({ schema, owner, source }: GrantScope, reader: string): string[] {
  const rights = [...listObjects().tables, DEFAULT_SOURCE].map((table) => `(${literal(table)}, 'select')`);
  return [
    '',
    '-- The reader: queries of tables, views and functions.',
    `grant usage on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(reader)};`,
    grantTables({ schema, role: reader, rights }),
    grantReading(schema, reader),
    ...(source === null ? [] : grantSource(schema, source, reader)),
    revokeDefaults(owner, { schema, role: reader }),
  ];
}

/**
 * Takes back what texts of earlier versions gave: rights on every later table of the owner, also what has nothing to do with
 * us. On what a later migration makes, "barwright migrate" gives the rights.
 */
function revokeDefaults(owner: string | null, { schema, role }: { schema: string; role: string }): string {
  const whose = owner === null ? '' : ` for role ${quoteIdentifier(owner)}`;
  return `alter default privileges${whose} in schema ${quoteIdentifier(schema)} revoke all on tables from ${quoteIdentifier(role)};`;
}

/** Temporary tables are where rows wait that are compared with what is stored. */
function grantDatabase(role: string): string {
  return block(
    `  execute format('grant connect, temporary on database %I to %I', current_database(), ${literal(role)});`,
  );
}

/** Exactly these rights on the tables that are there: what was granted more before is taken back. */
function grantTables({ schema, role, rights }: { schema: string; role: string; rights: string[] }): string {
  return block(
    `  for t in
    select c.oid::regclass as name, r.rights, pg_get_userbyid(c.relowner) as owner from (values
      ${rights.join(',\n      ')}) as r (name, rights)
    join pg_class c on c.relname = r.name join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${literal(schema)}
  loop
    if t.owner = ${literal(role)} then
      raise exception '% owns %, so its rights cannot be narrowed: give the owner and this role different names', t.owner, t.name;
    end if;
    execute format('revoke all on %s from %I', t.name, ${literal(role)});
    execute format('grant %s on %s to %I', t.rights, t.name, ${literal(role)});
  end loop;`,
    'declare\n  t record;\n',
  );
}

/** Views, and functions to call. */
function grantReading(schema: string, role: string): string {
  const { others } = listObjects();
  const ours = `n.nspname = ${literal(schema)}`;
  return block(
    `  for thing in
    select format('select on %s', c.oid::regclass) as rights from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind = 'v' and c.relname = any (${literals(others)})
    union all
    select format('execute on function %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${ours} and p.prorettype <> 'trigger'::regtype and p.proname = any (${literals(others)})
  loop
    execute format('grant %s to %I', thing.rights, ${literal(role)});
  end loop;`,
    'declare\n  thing record;\n',
  );
}

/** Makes the schema of the queue, in which "barwright init --queue" then makes the tables. */
function grantQueueOwner(schema: string, owner: string): string[] {
  const queue = quoteIdentifier(readQueueSchema(schema));
  return [
    `create schema if not exists ${queue};`,
    `grant usage, create on schema ${queue} to ${quoteIdentifier(owner)};`,
  ];
}

/** What a worker needs of the queue; on what "init --queue" makes later on, that command gives the same. */
function grantQueueRunner({ schema, owner }: GrantScope, runner: string): string[] {
  const name = readQueueSchema(schema);
  const [queue, role] = [quoteIdentifier(name), quoteIdentifier(runner)];
  const rights = [...QUEUE_RIGHTS].map(([table, each]) => `(${literal(table)}, ${literal(each)})`);
  return [
    `create schema if not exists ${queue};`,
    `grant usage on schema ${queue} to ${role};`,
    `revoke all on all tables in schema ${queue} from ${role};`,
    grantTables({ schema: name, role: runner, rights }),
    revokeDefaults(owner, { schema: name, role: runner }),
  ];
}

/** A source of the user's own is read, and nothing else. */
function grantSource(schema: string, text: string, name: string): string[] {
  const described = parseSourceText(text);
  const tables = described === null ? [text] : [...described.sources.values()].map(({ table }) => table);
  return tables.flatMap((table) => grantTable(schema, table, name));
}

function grantTable(schema: string, table: string, name: string): string[] {
  const source = parseRelation(table);
  const from = source.schema ?? schema;
  if (from === schema && source.name === DEFAULT_SOURCE) return [];
  const role = quoteIdentifier(name);
  return [
    `grant usage on schema ${quoteIdentifier(from)} to ${role};`,
    `grant select on ${quoteIdentifier(from)}.${quoteIdentifier(source.name)} to ${role};`,
  ];
}
