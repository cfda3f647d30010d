/** Rows on their way into files, as columns: what every kind of rows gives and every format takes. */

/** What a column holds: in each format it is one type. `day` is a date, `time` an instant in UTC to the microsecond. */
export type CellType = 'int32' | 'float64' | 'bool' | 'day' | 'time' | 'text';

export interface ExportColumn {
  name: string;
  type: CellType;
  isNullable: boolean;
}

/** A line of a kind's table of columns; null: the same value in all rows of a series. */
export type ColumnRow<CellOf> = readonly [
  name: string,
  type: CellType,
  isNullable: boolean,
  cellOf: CellOf | null,
];

/** NULL in a column of integers or days: no value of ours is so small. In numbers and times NULL is NaN. */
export const NULL_INT = -2_147_483_648;

/**
 * Values of one column. int32 and day (days since 1970-01-01): Int32Array; float64 and time (microseconds since 1970):
 * Float64Array; bool: Uint8Array of 0 and 1; text: an array.
 */
export type Cells = Int32Array | Float64Array | Uint8Array | (string | null)[];

/** Some rows of a file: a column is made when it is asked for. */
export interface RowBatch {
  rows: number;
  cellsOf(column: string): Cells;
}

/** Rows as they are written: the columns of the file, in its order. */
export interface Rows {
  count: number;
  cells: Cells[];
}

/** Room for so many cells. */
export function roomFor(type: CellType, count: number): Cells {
  if (type === 'int32' || type === 'day') return new Int32Array(count);
  if (type === 'bool') return new Uint8Array(count);
  return type === 'text' ? new Array<string | null>(count) : new Float64Array(count);
}

/** The same value in every row. */
export function constant(type: CellType, value: number | string | null, count: number): Cells {
  return (roomFor(type, count) as unknown as { fill(value: unknown): Cells }).fill(value);
}

/** Whether a cell is NULL. */
export function isNull(cells: Cells, index: number): boolean {
  const value = cells[index];
  return value === null || value === NULL_INT || Number.isNaN(value);
}

/** Copies cells into room that is there. */
function put(target: Cells, source: Cells, at: number): void {
  if (Array.isArray(target))
    for (let index = 0; index < source.length; index += 1)
      target[at + index] = source[index] as string | null;
  else target.set(source as ArrayLike<number>, at);
}

/** Series in a row, as rows of at least `size` each (the last ones: what is left). Holds no more than that and one series. */
export function* joinBatches(
  batches: Iterable<RowBatch>,
  columns: readonly ExportColumn[],
  size: number,
): Generator<Rows> {
  let waiting: RowBatch[] = [];
  let count = 0;
  for (const batch of batches) {
    if (batch.rows === 0) continue;
    waiting.push(batch);
    count += batch.rows;
    if (count < size) continue;
    yield joined(waiting, columns, count);
    waiting = [];
    count = 0;
  }
  if (count > 0) yield joined(waiting, columns, count);
}

function joined(batches: readonly RowBatch[], columns: readonly ExportColumn[], count: number): Rows {
  const cells = columns.map(({ name, type }) => {
    const [only] = batches;
    if (only !== undefined && batches.length === 1) return only.cellsOf(name);
    const room = roomFor(type, count);
    let at = 0;
    for (const batch of batches) {
      put(room, batch.cellsOf(name), at);
      at += batch.rows;
    }
    return room;
  });
  return { count, cells };
}
