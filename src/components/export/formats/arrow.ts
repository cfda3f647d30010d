/** Arrow files (Feather 2), not compressed. The library writes a table as a whole: what is in one file is bounded. */
import {
  batchType,
  bool,
  Column,
  columnFromArray,
  type DataType,
  dateDay,
  dictionary,
  float64,
  int32,
  TimeUnit,
  tableFromColumns,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette';
import { type Cells, type CellType, isNull } from './batch.js';
import type { FileFormat } from './format.js';

export const ARROW: FileFormat = {
  extension: 'arrow',
  // With twenty columns of eight bytes: about 50 MB.
  portion: 300_000,
  isOnePortion: true,
  open: (sink, columns) => ({
    async write({ cells }) {
      const table = tableFromColumns(
        columns.map(({ name, type }, at): [string, Column<unknown>] => [
          name,
          columnOf(type, cells[at] as Cells),
        ]),
      );
      await sink.write(tableToIPC(table, { format: 'file' }) as Uint8Array);
    },
    async end() {},
  }),
};

const TYPES: Readonly<Record<Exclude<CellType, 'text'>, () => DataType>> = {
  int32,
  float64,
  bool,
  day: dateDay,
  time: () => timestamp(TimeUnit.MICROSECOND, 'UTC'),
};

/** The library's own way goes by JavaScript's dates, which have milliseconds; ours puts the numbers there as they are. */
function columnOf(type: CellType, cells: Cells): Column<unknown> {
  if (type === 'text') return columnFromArray(cells as (string | null)[], dictionary(utf8(), int32()));
  const arrowType = TYPES[type]();
  const Batch = batchType(arrowType);
  const nulls = type === 'bool' ? [] : listNulls(cells);
  const batch = new Batch({
    ...{ length: cells.length, nullCount: nulls.length, type: arrowType },
    validity: nulls.length === 0 ? new Uint8Array(0) : validityWithout(nulls, cells.length),
    values: valuesOf(type, cells as Exclude<Cells, unknown[]>),
  });
  return new Column<unknown>([batch], arrowType);
}

function listNulls(cells: Cells): number[] {
  const nulls: number[] = [];
  for (let index = 0; index < cells.length; index += 1) if (isNull(cells, index)) nulls.push(index);
  return nulls;
}

/** A bit for each cell, the first one lowest; 0: NULL. */
function validityWithout(nulls: readonly number[], length: number): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3).fill(0xff);
  for (const index of nulls) bits[index >> 3] = (bits[index >> 3] as number) & ~(1 << (index & 7));
  return bits;
}

function valuesOf(
  type: Exclude<CellType, 'text'>,
  cells: Exclude<Cells, unknown[]>,
): Exclude<Cells, unknown[]> | BigInt64Array {
  if (type === 'time') return BigInt64Array.from(cells, (us) => (Number.isNaN(us) ? 0n : BigInt(us)));
  if (type !== 'bool') return cells;
  const bits = new Uint8Array((cells.length + 7) >> 3);
  for (let index = 0; index < cells.length; index += 1)
    if (cells[index] === 1) bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
  return bits;
}
