/** Which tables a backup has, and how their rows leave and come back: CSV by COPY, columns named, rows in the order of the key. */

import { listApplied } from '../schema/migrate.js';
import { listCreatedNames, listMigrations, type Migration } from '../schema/migrations.js';
import { quoteIdentifier, type Tx } from '../session/database.js';
import { DEFAULT_SOURCE } from '../source/source.js';
import type { BackupManifest } from './manifest.js';

/** A table of ours as far as COPY needs to know it. */
export interface TableForm {
  table: string;
  /** Without generated ones: they come by themselves. */
  columns: readonly { name: string; type: string }[];
  /** `order by` of its rows: the primary key, in an order that every server has. */
  order: string;
}

/** What a backup of the schema is made of. */
export interface BackupPlan {
  migrations: BackupManifest['migrations'];
  isPricesOurs: boolean;
  /** In the order in which they can be filled. */
  tables: readonly TableForm[];
  leftOut: BackupManifest['leftOut'];
}

/** Says who may write now; a restored one would lock people out for nothing. */
const LEASE = 'refresh_lease';
const MIGRATIONS = 'barwright_migration';
/** By a select: a cast of the name would fold it. */
const SCHEMA = '(select oid from pg_namespace where nspname = current_schema())';

/** The tables of the schema as they are, and those that stay out. Throws when barwright has made nothing in the schema. */
export async function readBackupPlan(tx: Tx, schema: string): Promise<BackupPlan> {
  const applied = await listApplied(tx, schema);
  if (applied === null)
    throw new Error(`schema "${schema}" has no barwright tables: there is nothing to back up`);
  const numbers = new Set(applied.map(({ number }) => number));
  const known = listMigrations().filter(({ number }) => numbers.has(number));
  const isPricesOurs = await readIsPricesOurs(tx);
  const names = await listTableNames(tx, known, isPricesOurs);
  const tables: TableForm[] = [];
  for (const name of names) tables.push(await readForm(tx, name));
  return { migrations: applied, isPricesOurs, tables, leftOut: await listLeftOut(tx, names) };
}

/** Whether cmc_price_histories7 in the schema is the one that barwright made, for every role. */
export async function readIsPricesOurs(tx: Tx): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select coalesce(obj_description(to_regclass($1), 'pg_class') like '%made by barwright%', false)`,
    [DEFAULT_SOURCE],
  );
  return rows[0]?.[0] === true;
}

/** Names of the tables with contents that these migrations made, in the order in which they made them. */
export async function listTableNames(
  tx: Tx,
  migrations: readonly Migration[],
  isPricesOurs: boolean,
): Promise<string[]> {
  const created = migrations.flatMap(listCreatedNames).filter((name) => name !== LEASE);
  const rows = await tx.query<[string]>(
    `select c.relname from unnest($1::text[]) with ordinality w (name, place)
     join pg_class c on c.relname = w.name and c.relnamespace = ${SCHEMA}
     where c.relkind in ('r', 'p') order by w.place`,
    [created],
  );
  const names = rows.map(([name]) => name);
  // Before the notes of change: filling it files some.
  return isPricesOurs ? [DEFAULT_SOURCE, ...names] : names;
}

async function readForm(tx: Tx, table: string): Promise<TableForm> {
  const columns = await tx.query<[string, string, number | null, boolean]>(
    `select a.attname, format_type(a.atttypid, a.atttypmod), array_position(i.indkey::int[], a.attnum::int),
       a.attcollation <> 0
     from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by a.attnum`,
    [quoteIdentifier(table)],
  );
  const key = columns.filter(([, , place]) => place !== null).sort((a, b) => (a[2] ?? 0) - (b[2] ?? 0));
  if (key.length === 0)
    throw new Error(`table ${table} has no primary key: its rows have no order to compare`);
  const order = key.map(([name, , , isText]) => `${quoteIdentifier(name)}${isText ? ' collate "C"' : ''}`);
  return { table, columns: columns.map(([name, type]) => ({ name, type })), order: order.join(', ') };
}

async function listLeftOut(tx: Tx, names: readonly string[]): Promise<BackupManifest['leftOut']> {
  const rows = await tx.query<[string, string]>(
    `select relname, relkind::text from pg_class
     where relnamespace = ${SCHEMA} and relname <> all ($1)
       and (relkind in ('r', 'p', 'f') or relname = $2)
     order by 1`,
    [[...names, LEASE, MIGRATIONS], DEFAULT_SOURCE],
  );
  return rows.map(([table, kind]) => ({
    table,
    why:
      table === DEFAULT_SOURCE
        ? `the source is a ${kind === 'v' ? 'view' : 'table'} of the user's own`
        : 'not made by barwright',
  }));
}

/** Keeps everybody from dropping, emptying or altering the tables; first in a transaction it takes no snapshot yet. */
export async function writeReadLock(tx: Tx, tables: readonly { table: string }[]): Promise<void> {
  await tx.execute(`lock table ${listOf(tables)} in access share mode`);
}

/** Keeps everybody from writing the tables until the end of the transaction. */
export async function writeWriteLock(tx: Tx, tables: readonly { table: string }[]): Promise<void> {
  await tx.execute(`lock table ${listOf(tables)} in share row exclusive mode`);
}

function listOf(tables: readonly { table: string }[]): string {
  return tables.map(({ table }) => quoteIdentifier(table)).join(', ');
}

/** How many rows a table has. */
export async function readRowCount(tx: Tx, table: string): Promise<number> {
  const rows = await tx.query<[number]>(`select count(*) from ${quoteIdentifier(table)}`);
  return rows[0]?.[0] ?? 0;
}

/** All rows as CSV with a header. */
export function readTableCsv(tx: Tx, { table, columns, order }: TableForm): AsyncIterable<Buffer> {
  const select = `select ${namesOf(columns)} from ${quoteIdentifier(table)} order by ${order}`;
  return tx.copyOut(`copy (${select}) to stdout (format csv, header, encoding 'UTF8')`);
}

/** Appends rows of CSV with a header; returns how many the server took. */
export function writeTableCsv(
  tx: Tx,
  { table, columns }: Pick<TableForm, 'table' | 'columns'>,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  return tx.copyIn(
    `copy ${quoteIdentifier(table)} (${namesOf(columns)}) from stdin (format csv, header, encoding 'UTF8')`,
    chunks,
  );
}

function namesOf(columns: TableForm['columns']): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}

/** Empties a table. */
export async function deleteRows(tx: Tx, table: string): Promise<void> {
  await tx.execute(`delete from ${quoteIdentifier(table)}`);
}
