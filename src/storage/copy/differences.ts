/** Stored rows against the rows that should be there, byte for byte: what a repair writes and verify reports (decision 021). */

import type { Tx } from '../session/database.js';
import { type ColumnType, type CopyColumn, idList, writeRows } from './copy.js';
import { decodeCell, decodeRow, eachRow, splitCells } from './decode.js';
import { encodeSingleRows } from './encode.js';

/** A table as far as rows of one asset are compared. */
export interface TableShape<T> {
  table: string;
  /** Every column that is compared; the key columns come first. */
  columns: readonly CopyColumn<T>[];
  /** How many of them are the key, and the SQL types of those, for deletes. */
  keyTypes: readonly string[];
}

/** One row that is not what it should be. */
export interface Difference<T> {
  kind: 'missing' | 'changed' | 'surplus';
  /** null for surplus. */
  expected: T | null;
  /** Cells in the order of the columns; null for missing. */
  stored: unknown[] | null;
}

/** Which stored rows are compared: SQL after "from", in which they are `t`. Made by allRows, or written by code. */
export type StoredPart = string;

/** All rows of these assets. */
export function allRows({ table }: Pick<TableShape<never>, 'table'>, ids: readonly number[]): StoredPart {
  return `${table} t where t.id = any(${idList(ids)})`;
}

/**
 * Compares stored rows with `expected`, by key and then byte for byte (numbers are the same when their eight bytes are).
 * The order of neither side matters. Differences come in the order of `expected`, then what is surplus.
 */
export async function readDifferences<T>(
  tx: Tx,
  shape: TableShape<T>,
  { from, expected }: { from: StoredPart; expected: Iterable<T> },
): Promise<Difference<T>[]> {
  const types = shape.columns.map(({ type }) => type);
  const stored = await readStoredRows(tx, shape, { from });
  return compareRows(shape, stored, expected).map(({ bytes, ...difference }) => ({
    ...difference,
    stored: bytes === null ? null : decodeRow(bytes, types),
  }));
}

/** One row that is not what it should be, as bytes. */
export interface RowDifference<T> {
  kind: Difference<T>['kind'];
  /** null for surplus. */
  expected: T | null;
  /** The stored row; null for missing. */
  bytes: Buffer | null;
}

/** The comparison of readDifferences, of rows that readStoredRows gave. */
export function compareRows<T>(
  shape: TableShape<T>,
  stored: ReadonlyMap<string, Buffer>,
  expected: Iterable<T>,
): RowDifference<T>[] {
  const rest = new Map(stored);
  const differences: RowDifference<T>[] = [];
  for (const [row, bytes] of encodeSingleRows(shape.columns, expected)) {
    const key = keyOf(bytes, shape.keyTypes.length);
    const found = rest.get(key);
    rest.delete(key);
    if (found === undefined) differences.push({ kind: 'missing', expected: row, bytes: null });
    else if (!found.equals(bytes)) differences.push({ kind: 'changed', expected: row, bytes: found });
  }
  for (const bytes of rest.values()) differences.push({ kind: 'surplus', expected: null, bytes });
  return differences;
}

/** Places of the columns in which a stored row is not the expected one. */
export function differingColumns<T>(shape: TableShape<T>, bytes: Buffer, expected: T): number[] {
  return differingCells(bytes, encodeRow(shape, expected));
}

/** A row as the server would send it. */
export function encodeRow<T>(shape: TableShape<T>, row: T): Buffer {
  for (const [, bytes] of encodeSingleRows(shape.columns, [row])) return Buffer.from(bytes);
  throw new Error('a row was not encoded');
}

/** Places of the cells in which two rows differ. */
export function differingCells(a: Buffer, b: Buffer): number[] {
  const wanted = splitCells(b);
  return splitCells(a).flatMap((cell, column) => (isSameCell(cell, wanted[column] ?? null) ? [] : [column]));
}

/** The key of a stored row, decoded: what writeDifferences needs of it. */
export function keyCells(shape: TableShape<never>, bytes: Buffer): unknown[] {
  const cells = splitCells(bytes, shape.keyTypes.length);
  return cells.map((cell, at) =>
    cell === null ? null : decodeCell(cell, shape.columns[at]?.type as ColumnType),
  );
}

function isSameCell(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/**
 * Makes the table what was expected: wrong and surplus rows are deleted, right ones appended; equal rows are not touched.
 * Returns how many rows the database wrote (a row put in the place of another counts once) or deleted.
 */
export async function writeDifferences<T>(
  tx: Tx,
  shape: TableShape<T>,
  differences: readonly Difference<T>[],
): Promise<number> {
  const wrong = differences.flatMap(({ stored }) => (stored === null ? [] : [stored]));
  const deleted = await deleteKeys(tx, shape, wrong);
  if (deleted !== wrong.length) throw new Error(`${shape.table}: deleted ${deleted} of ${wrong.length} rows`);
  const right = differences.flatMap(({ expected }) => (expected === null ? [] : [expected]));
  const written =
    right.length === 0 ? 0 : await writeRows(tx, { table: shape.table, columns: shape.columns }, right);
  const surplus = differences.filter(({ kind }) => kind === 'surplus').length;
  return written + surplus;
}

/** Stored rows as the server sends them, by the bytes of their key; on demand in the order of the key. */
export async function readStoredRows(
  tx: Tx,
  shape: TableShape<never>,
  { from, isOrdered }: { from: StoredPart; isOrdered?: boolean },
): Promise<Map<string, Buffer>> {
  const names = shape.columns.map(({ name }) => `t.${name}`);
  const order = isOrdered ? ` order by ${names.slice(0, shape.keyTypes.length).join(', ')}` : '';
  const copy = `copy (select ${names.join(', ')} from ${from}${order}) to stdout (format binary)`;
  const stored = new Map<string, Buffer>();
  await eachRow(tx.copyOut(copy), (bytes) => {
    stored.set(keyOf(bytes, shape.keyTypes.length), Buffer.from(bytes));
  });
  return stored;
}

/** The bytes of the first `count` cells as a map key. */
function keyOf(row: Buffer, count: number): string {
  let end = 2;
  for (let cell = 0; cell < count; cell++) end += 4 + Math.max(0, row.readInt32BE(end));
  return row.toString('latin1', 2, end);
}

async function deleteKeys<T>(tx: Tx, shape: TableShape<T>, rows: readonly unknown[][]): Promise<number> {
  if (rows.length === 0) return 0;
  const names = shape.columns.slice(0, shape.keyTypes.length).map(({ name }) => name);
  const values = names.map((_, cell) => rows.map((row) => toParameter(row[cell], shape.columns[cell]?.type)));
  return tx.execute(
    `delete from ${shape.table} t
     using unnest(${shape.keyTypes.map((type, cell) => `$${cell + 1}::${type}[]`).join(', ')}) as k (${names.join(', ')})
     where ${names.map((name) => `t.${name} = k.${name}`).join(' and ')}`,
    values,
  );
}

/** Key cells as the text that a parameter of their type reads. */
function toParameter(cell: unknown, type: ColumnType | undefined): unknown {
  if (type === 'timestamptz') return microsecondsToText(cell as number);
  return cell;
}

/** An ISO time with microseconds, exact for the years that doubles hold them in. */
function microsecondsToText(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = String(us - ms * 1000).padStart(3, '0');
  return new Date(ms).toISOString().replace('Z', `${rest}Z`);
}
