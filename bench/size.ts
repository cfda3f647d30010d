/**
 * How large a warehouse is, and whether a run wrote more rows than it had to.
 *
 *   node --import ./test/support/run-typescript.mjs bench/size.ts [URL] [SCHEMA] [REPORT.json]
 *
 * URL: else TARGET_DB_URL. The database is vacuumed first. REPORT.json: what `barwright refresh --json` printed.
 * Exit 1 when an asset takes more than 20 MB or rows needed and written differ.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { quoteIdentifier } from '../src/storage/session/database.js';

const LIMIT_MB_PER_ASSET = 20;

export interface RelationSize {
  table: string;
  /** null: the table itself with its TOAST, free space and visibility maps. */
  index: string | null;
  /** The planner's count after a vacuum, which is exact for tables of this size. */
  rows: number;
  bytes: number;
}

export interface Sizes {
  server: string;
  /** Assets with 1D bars. */
  assets: number;
  relations: RelationSize[];
}

export interface RunRows {
  component: string;
  needed: number;
  written: number;
}

/** Sizes of all tables and indexes of a schema, after a vacuum. */
export async function readSizes(url: string, schema = 'public'): Promise<Sizes> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum (analyze)');
    const relations = await client.query<{
      table: string;
      index: string | null;
      rows: string;
      bytes: string;
    }>(
      `select t.relname as table, i.relname as index, coalesce(i.reltuples, t.reltuples)::bigint as rows,
         case when i.oid is null then pg_table_size(t.oid) else pg_relation_size(i.oid) end as bytes
       from pg_class t
       left join lateral (
         select null::oid as oid, null::name as relname, null::real as reltuples
         union all
         select c.oid, c.relname, c.reltuples from pg_index x join pg_class c on c.oid = x.indexrelid
         where x.indrelid = t.oid
       ) i on true
       where t.relnamespace = $1::regnamespace and t.relkind in ('r', 'p')
       order by pg_total_relation_size(t.oid) desc, t.relname, i.relname nulls first`,
      [quoteIdentifier(schema)],
    );
    const facts = await client.query<{ assets: string; server: string }>(
      `select count(distinct id) as assets, current_setting('server_version') as server
       from ${quoteIdentifier(schema)}.cmc_price_bars_1d`,
    );
    return {
      server: facts.rows[0]?.server ?? '',
      assets: Number(facts.rows[0]?.assets ?? 0),
      relations: relations.rows.map((row) => ({ ...row, rows: Number(row.rows), bytes: Number(row.bytes) })),
    };
  } finally {
    await client.end();
  }
}

/** Rows needed and written of each component, from the JSON that `barwright refresh --json` prints. */
export function rowsOfRun(json: string): RunRows[] {
  const report: unknown = JSON.parse(json);
  const components =
    typeof report === 'object' && report !== null && 'components' in report ? report.components : null;
  if (!Array.isArray(components)) throw new Error('expected the JSON of "barwright refresh --json"');
  return components.map(({ component, rowsNeeded, rowsWritten }: Record<string, unknown>) => ({
    component: String(component),
    needed: Number(rowsNeeded),
    written: Number(rowsWritten),
  }));
}

function total(relations: readonly RelationSize[]): number {
  return relations.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** Prints the sizes, tables without a row last and together; returns whether an asset stays below the limit. */
export function printSizes(sizes: Sizes): boolean {
  const { server, assets, relations } = sizes;
  const [cpu] = cpus();
  console.log(
    `PostgreSQL ${server}, assets: ${assets}, vacuumed; ${cpus().length} × ${cpu?.model ?? 'unknown'}`,
  );
  const filled = new Set(
    relations.filter(({ index, rows }) => index === null && rows > 0).map(({ table }) => table),
  );
  for (const { table, index, rows, bytes } of relations.filter((each) => filled.has(each.table))) {
    const name = (index === null ? table : `  ${index}`).padEnd(44);
    console.log(`${name}${String(rows).padStart(9)} rows ${megabytes(bytes).padStart(10)}`);
  }
  const rest = relations.filter(({ table }) => !filled.has(table));
  console.log(`${'tables without rows'.padEnd(58)} ${megabytes(total(rest)).padStart(10)}`);
  const all = total(relations);
  const source = total(relations.filter(({ table }) => table === 'cmc_price_histories7'));
  const perAsset = all / 1e6 / Math.max(assets, 1);
  console.log(`all ${megabytes(all)}, without the source ${megabytes(all - source)}`);
  const isSmall = perAsset <= LIMIT_MB_PER_ASSET;
  console.log(
    `${isSmall ? '[OK]' : '[FAILED]'} ${perAsset.toFixed(2)} MB an asset, limit ${LIMIT_MB_PER_ASSET} MB`,
  );
  return isSmall;
}

/** Prints rows needed and written; returns whether they are equal in every component. */
export function printRunRows(rows: readonly RunRows[]): boolean {
  for (const { component, needed, written } of rows) {
    const tag = needed === written ? '[OK]' : '[FAILED]';
    console.log(`${tag} ${component}: ${needed} rows needed, ${written} written`);
  }
  return rows.every(({ needed, written }) => needed === written);
}

async function main([url = process.env.TARGET_DB_URL, schema, report]: readonly string[]): Promise<number> {
  if (url === undefined) {
    console.error(
      'usage: bench/size.ts [URL] [SCHEMA] [REPORT.json]; without URL, TARGET_DB_URL must be set',
    );
    return 2;
  }
  const isSmall = printSizes(await readSizes(url, schema));
  const isExact = report === undefined || printRunRows(rowsOfRun(readFileSync(report, 'utf8')));
  return isSmall && isExact ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
