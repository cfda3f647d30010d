/** Parquet: each portion of rows is a row group, and goes to the disk before the next one comes. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type Cells, type CellType, type ExportColumn, isNull, type Rows } from './batch.js';
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

function sourcesOf(columns: readonly ExportColumn[], { cells }: Rows): ColumnSource[] {
  return columns.map(({ name, type, isNullable }, at) => ({
    ...{ name, data: dataOf(cells[at] as Cells, { type, isNullable }) },
    // Prices neither repeat nor compress; looking for it takes most of the time.
    ...(type === 'float64' && {
      encoding: 'PLAIN' as const,
      codec: 'UNCOMPRESSED' as const,
      statistics: false,
    }),
    offsetIndex: false,
  }));
}

function dataOf(
  cells: Cells,
  { type, isNullable }: Pick<ExportColumn, 'type' | 'isNullable'>,
): ColumnSource['data'] {
  if (Array.isArray(cells)) return cells;
  if (type === 'bool') return Array.from(cells, (value) => value === 1);
  if (type === 'time')
    return Array.from(cells, (value, index) => (isNullable && isNull(cells, index) ? null : BigInt(value)));
  const hasNulls = isNullable && cells.some((_: number, index: number) => isNull(cells, index));
  return hasNulls ? Array.from(cells, (value, index) => (isNull(cells, index) ? null : value)) : cells;
}
