/** Parquet: each portion of rows is a row group, and goes to the disk before the next one comes. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type Cells, type CellType, type ExportColumn, NULL_INT, type Rows } from './batch.js';
import type { FileFormat } from './format.js';

type Element = Omit<SchemaElement, 'name' | 'repetition_type'>;

const ELEMENTS: Readonly<Record<CellType, Element>> = {
  int32: { type: 'INT32' },
  float64: { type: 'DOUBLE' },
  bool: { type: 'BOOLEAN' },
  day: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};

export const PARQUET: FileFormat = {
  extension: 'parquet',
  portion: 65_536,
  isOnePortion: false,
  open(sink, columns) {
    const bytes = new ByteWriter();
    const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'barwright' });
    const flush = async (): Promise<void> => {
      await sink.write(bytes.getBytes());
      bytes.index = 0;
    };
    return {
      async write(rows) {
        // One page a column: a page of prices is no better for being smaller.
        await writer.write({ columnData: sourcesOf(columns, rows), rowGroupSize: rows.count, pageSize: 0 });
        await flush();
      },
      async end() {
        await writer.finish();
        await flush();
      },
    };
  },
};

function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  return [
    { name: 'barwright', num_children: columns.length },
    ...columns.map(({ name, type, isNullable }) => ({
      ...{ name, repetition_type: isNullable ? ('OPTIONAL' as const) : ('REQUIRED' as const) },
      ...ELEMENTS[type],
    })),
  ];
}

/** By these rows are looked for: readers skip row groups by their least and greatest values. */
const SOUGHT = new Set(['id', 'alignment', 'tf', 'period', 'name', 'day']);

function sourcesOf(columns: readonly ExportColumn[], { cells }: Rows): ColumnSource[] {
  return columns.map(({ name, type, isNullable }, at) => ({
    ...{ name, statistics: SOUGHT.has(name), offsetIndex: false },
    data: dataOf(type, cells[at] as Cells, isNullable),
    // Prices neither repeat nor compress; looking for it takes most of the time.
    ...(type === 'float64' && { encoding: 'PLAIN' as const, codec: 'UNCOMPRESSED' as const }),
  }));
}

/** What the library takes: a hole is NULL, and leaves an array of numbers one of plain numbers, which null would not. */
function dataOf(type: CellType, cells: Cells, isNullable: boolean): ColumnSource['data'] {
  if (Array.isArray(cells)) return cells;
  if (type === 'bool') return Array.from(cells, (value) => value === 1);
  if (type === 'time') return timesOf(cells);
  if (!isNullable) return cells;
  const data = new Array<number>(cells.length);
  let nulls = 0;
  for (let index = 0; index < cells.length; index += 1) {
    const value = cells[index] as number;
    if (value === NULL_INT || Number.isNaN(value)) nulls += 1;
    else data[index] = value;
  }
  return nulls === 0 ? cells : data;
}

/** Neighbours are often of the same time: one value for them all. */
function timesOf(cells: Exclude<Cells, unknown[]>): ColumnSource['data'] {
  const known = new Map<number, bigint>();
  const data = new Array<bigint>(cells.length);
  for (let index = 0; index < cells.length; index += 1) {
    const us = cells[index] as number;
    if (Number.isNaN(us)) continue;
    let value = known.get(us);
    if (value === undefined) {
      value = BigInt(us);
      known.set(us, value);
    }
    data[index] = value;
  }
  return data;
}
