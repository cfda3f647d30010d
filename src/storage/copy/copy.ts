import type { Tx } from '../session/database.js';
import { decodeRow, eachRow } from './decode.js';
import { type ColumnType, type CopyColumn, encodeRows } from './encode.js';

export type { ColumnType, CopyColumn } from './encode.js';

function nameList(columns: readonly { name: string }[]): string {
  return columns.map((column) => column.name).join(', ');
}

/** The server took fewer rows than it was given: a trigger of somebody's leaves rows out, and nothing else would say so. */
class RowsLeftOutError extends Error {
  override readonly name = 'RowsLeftOutError';

  constructor(table: string, given: number, taken: number) {
    super(
      `table ${table} took ${taken} of ${given} rows: a trigger on it leaves the others out, and barwright has none there; drop it`,
    );
  }
}

/**
 * Appends rows to `table` by binary COPY; returns how many there were. Column names come from code, never from input.
 * Throws RowsLeftOutError.
 */
export async function writeRows<T>(
  tx: Tx,
  { table, columns }: { table: string; columns: readonly CopyColumn<T>[] },
  rows: Iterable<T>,
): Promise<number> {
  let given = 0;
  const counted = function* (): Generator<T> {
    for (const row of rows) {
      given += 1;
      yield row;
    }
  };
  const taken = await tx.copyIn(
    `copy ${table} (${nameList(columns)}) from stdin (format binary)`,
    encodeRows(columns, counted()),
  );
  if (taken !== given) throw new RowsLeftOutError(table, given, taken);
  return taken;
}

/**
 * Reads a query by binary COPY. COPY takes no parameters: embed checked integers only (see idList).
 * `onRow` gets a fresh array of cells: date = day number, timestamptz = epoch microseconds, float8[] = Float64Array.
 */
export async function readRows<T>(
  tx: Tx,
  { select, types }: { select: string; types: readonly ColumnType[] },
  onRow: (cells: unknown[]) => T,
): Promise<T[]> {
  const rows: T[] = [];
  await eachRow(tx.copyOut(`copy (${select}) to stdout (format binary)`), (bytes) => {
    rows.push(onRow(decodeRow(bytes, types)));
  });
  return rows;
}

/** The same of all columns of rows that SQL after "from" gives as `c`. */
export function readColumns<T, R>(
  tx: Tx,
  from: string,
  { columns, rowOf }: { columns: readonly CopyColumn<T>[]; rowOf: (cells: unknown[]) => R },
): Promise<R[]> {
  const select = `select ${columns.map(({ name }) => `c.${name}`).join(', ')} from ${from}`;
  return readRows(tx, { select, types: columns.map(({ type }) => type) }, rowOf);
}

export interface UpsertOptions<T> {
  columns: readonly CopyColumn<T>[];
  key: readonly string[];
  rows: Iterable<T>;
  /** Columns that the database works out of the others: their names, and a select over the row `s`. */
  header?: { names: readonly string[]; select: string };
}

/**
 * Inserts rows or updates those of the same key, which begins with the asset's id, that differ: COPY to a temporary
 * table, then one set-based statement. Returns the rows that were inserted or changed, by asset; equal rows are not written.
 */
export async function upsertRows<T>(
  tx: Tx,
  table: string,
  options: UpsertOptions<T>,
): Promise<{ id: number }[]> {
  const { columns, key, rows, header } = options;
  const stage = `stage_${table}`;
  const names = nameList(columns);
  await tx.execute(`create temp table ${stage} on commit drop as select ${names} from ${table} with no data`);
  await writeRows(tx, { table: stage, columns }, rows);
  const given = columns.map((column) => column.name);
  const written = await tx.query<[number]>(upsertFrom(stage, { table, key, given, header }));
  await tx.execute(`drop table ${stage}`);
  return written.map(([id]) => ({ id }));
}

function upsertFrom(
  stage: string,
  {
    table,
    key,
    given,
    header,
  }: {
    table: string;
    key: readonly string[];
    given: readonly string[];
    header: UpsertOptions<never>['header'];
  },
): string {
  const derived = header?.names ?? [];
  const values = [...given, ...derived].filter((name) => !key.includes(name));
  const of = (row: string, columns: readonly string[]) => columns.map((name) => `${row}.${name}`).join(', ');
  const from =
    header === undefined
      ? `select ${of('s', given)} from ${stage} s`
      : `select ${of('s', given)}, h.* from ${stage} s cross join lateral (${header.select}) h`;
  return `insert into ${table} as t (${[...given, ...derived].join(', ')}) ${from}
    on conflict (${key.join(', ')}) do update set ${values.map((name) => `${name} = excluded.${name}`).join(', ')}
    where (${of('t', values)}) is distinct from (${of('excluded', values)}) returning t.id`;
}

/** Ids as an SQL array literal for readRows: the one place where numbers are put into SQL text. */
export function idList(ids: readonly number[]): string {
  return `${integersOf(ids)}::int[]`;
}

/** The same of larger integers, such as microseconds. */
export function bigintList(values: readonly number[]): string {
  return `${integersOf(values)}::bigint[]`;
}

function integersOf(values: readonly number[]): string {
  for (const value of values) if (!Number.isSafeInteger(value)) throw new Error(`${value} is not an integer`);
  return `'{${values.join(',')}}'`;
}
