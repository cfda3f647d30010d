/** What a schema must keep to so that its asset tables can be spread by asset; read from the catalogue of a real database. */
import type { Tx } from '../../src/storage/session/database.js';
import { DISTRIBUTION_COLUMN, placeOf } from '../../src/storage/workers/distribution.js';
import { listCrossJoins } from './shard-joins.js';

/** Everything that is in the way, in words. */
export async function listShardFaults(tx: Tx): Promise<string[]> {
  return [
    ...(await listColumnFaults(tx)),
    ...(await listKeyFaults(tx)),
    ...(await listReferenceFaults(tx)),
    ...(await listQueryFaults(tx)),
  ];
}

/** The tables of the schema. */
export async function listCatalogueTables(tx: Tx): Promise<string[]> {
  const rows = await tx.query<[string]>(
    `select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  return rows.map(([name]) => name);
}

function isDistributed(table: string): boolean {
  return placeOf(table) === 'distributed' && table !== '_template';
}

async function listColumnFaults(tx: Tx): Promise<string[]> {
  const sequences = await tx.query<[string]>(
    `select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'`,
  );
  const columns = await tx.query<[string, string, boolean, boolean, string | null]>(
    `select c.relname, a.attname, a.attnotnull, a.attidentity <> '', pg_get_expr(d.adbin, d.adrelid)
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')`,
  );
  const tables = [...new Set(columns.map(([table]) => table))].filter(isDistributed);
  const lacking = tables.filter(
    (table) =>
      !columns.some(
        ([name, column, isNotNull]) => name === table && column === DISTRIBUTION_COLUMN && isNotNull,
      ),
  );
  const counting = columns.filter(([, , , isIdentity, value]) => isIdentity || /nextval\(/.test(value ?? ''));
  return [
    ...sequences.map(([name]) => `sequence ${name}`),
    ...lacking.map((table) => `${table} has no column ${DISTRIBUTION_COLUMN} that is never null`),
    ...counting.map(([table, column]) => `${table}.${column} counts by itself`),
  ];
}

/** Primary keys begin with the distribution column, everything else that is unique contains it. */
async function listKeyFaults(tx: Tx): Promise<string[]> {
  const rows = await tx.query<[string, string | null, boolean, string[] | null]>(
    `select c.relname, i.indexrelid::regclass::text, coalesce(i.indisprimary, false),
       (select array_agg(a.attname::text order by k.n) from unnest(i.indkey::int2[]) with ordinality k (attnum, n)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum)
     from pg_class c left join pg_index i on i.indrelid = c.oid and (i.indisunique or i.indisexclusion)
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')`,
  );
  const ofAssets = rows.filter(([table]) => isDistributed(table));
  const keyless = [...new Set(ofAssets.map(([table]) => table))].filter(
    (table) => !ofAssets.some(([name, , isPrimary]) => name === table && isPrimary),
  );
  const wrong = ofAssets.filter(([, index, isPrimary, columns]) => {
    if (index === null) return false;
    return isPrimary ? columns?.[0] !== DISTRIBUTION_COLUMN : columns?.includes(DISTRIBUTION_COLUMN) !== true;
  });
  return [
    ...keyless.map((table) => `${table} has no primary key`),
    ...wrong.map(
      ([table, index, , columns]) => `${table}: ${index} is unique by ${columns?.join(', ')} alone`,
    ),
  ];
}

/** Foreign keys of asset tables lead to reference tables, or to the same asset. */
async function listReferenceFaults(tx: Tx): Promise<string[]> {
  const rows = await tx.query<[string, string, string, string[], string[]]>(
    `select f.conname, a.relname, b.relname,
       (select array_agg(attname::text) from pg_attribute where attrelid = a.oid and attnum = any(f.conkey)),
       (select array_agg(attname::text) from pg_attribute where attrelid = b.oid and attnum = any(f.confkey))
     from pg_constraint f join pg_class a on a.oid = f.conrelid join pg_class b on b.oid = f.confrelid
     where f.contype = 'f' and a.relnamespace = current_schema()::regnamespace`,
  );
  const faults = rows.filter(([, from, to, own, other]) => {
    if (placeOf(from) === 'local' && placeOf(to) !== 'distributed') return false;
    if (placeOf(from) === 'distributed' && placeOf(to) === 'reference') return false;
    const isOfOneAsset = own.includes(DISTRIBUTION_COLUMN) && other.includes(DISTRIBUTION_COLUMN);
    return !(placeOf(from) === 'distributed' && placeOf(to) === 'distributed' && isOfOneAsset);
  });
  return faults.map(([name, from, to]) => `${from}: ${name} refers to ${to}`);
}

/** Views and SQL functions of the schema as PostgreSQL has understood them. */
export async function listQueries(tx: Tx): Promise<{ name: string; sql: string }[]> {
  const views = await tx.query<[string, string]>(
    `select relname, pg_get_viewdef(oid) from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('v', 'm')`,
  );
  const functions = await tx.query<[string, string]>(
    `select proname, pg_get_function_sqlbody(p.oid) from pg_proc p join pg_language l on l.oid = p.prolang
     where pronamespace = current_schema()::regnamespace and lanname = 'sql'`,
  );
  const bodies = functions.map(([name, body]) => ({
    name: `${name}()`,
    sql: (body ?? '').replace(/^\s*BEGIN ATOMIC/, '').replace(/\bEND\s*$/, ''),
  }));
  return [...views.map(([name, sql]) => ({ name, sql })), ...bodies];
}

async function listQueryFaults(tx: Tx): Promise<string[]> {
  const tables = (await listCatalogueTables(tx)).filter(isDistributed);
  const views = await tx.query<[string]>(
    `with recursive of_assets (oid) as (
       select oid from pg_class where relnamespace = current_schema()::regnamespace and relname = any($1)
       union
       select r.ev_class from of_assets o
       join pg_depend d on d.refobjid = o.oid and d.classid = 'pg_rewrite'::regclass
       join pg_rewrite r on r.oid = d.objid
     )
     select c.relname from of_assets o join pg_class c on c.oid = o.oid where c.relkind in ('v', 'm')`,
    [tables],
  );
  const assets = new Set([...tables, ...views.map(([name]) => name)]);
  const rules = { isAsset: (name: string) => assets.has(name), column: DISTRIBUTION_COLUMN };
  return (await listQueries(tx)).flatMap(({ name, sql }) =>
    listCrossJoins(sql, rules).map((fault) => `${name}: ${fault}`),
  );
}
