import { type AsyncBuffer, asyncBufferFromFile, parquetMetadataAsync, parquetScan } from 'hyparquet';
import { type SpooledFile, spool } from '../bytes/spool.js';
import type { UnpackedFile } from '../bytes/unpack.js';
import { type RowBatch, type RowSource, SAMPLE_ROWS } from '../rows/rows.js';
import { boundedCompressors } from './bounded-compressors.js';
import { type ColumnValues, dateText, ROWS_PER_BATCH, rowsOfColumns } from './columns.js';
import { tryDecoding } from './try-decoding.js';

/** Rows of a group that are in memory at a time. */
const ROWS_PER_WINDOW = 250_000;
/** A column of a group is read as a whole; programs write groups of up to 128 MB. */
const MOST_CHUNK_BYTES = 512 << 20;
/** No table of prices has more columns. */
const MOST_COLUMNS = 500;

interface ParquetColumn {
  readonly name: string;
  /** Digits after the point of a decimal number: the library multiplies where it should divide. */
  readonly scale: number | null;
}

interface OpenedParquet {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly columns: readonly ParquetColumn[];
  readonly scan: Awaited<ReturnType<typeof parquetScan>>;
}

/** A Parquet file, row group by row group. Throws Error for what is no whole one, or cannot be read in bounded memory. */
export async function readParquet(path: string, unpacked: UnpackedFile): Promise<RowSource> {
  const spooled = await spool(path, unpacked);
  try {
    await tryDecoding('parquet', spooled);
    return await openParquet(path, spooled);
  } catch (error) {
    await spooled.remove();
    throw describeFailure(path, error);
  }
}

async function openParquet(path: string, spooled: SpooledFile): Promise<RowSource> {
  const file = await asyncBufferFromFile(spooled.path);
  const metadata = await parquetMetadataAsync(file);
  const [root, ...elements] = metadata.schema;
  const columns: ParquetColumn[] = elements
    .filter((element) => element.num_children === undefined && element.repetition_type !== 'REPEATED')
    .map(({ name, scale, converted_type: type }) => ({
      name,
      scale: type === 'DECIMAL' ? (scale ?? 0) : null,
    }));
  const isFlat = elements.every((element) => element.num_children === undefined);
  if (root === undefined || !isFlat || columns.length === 0 || columns.length > MOST_COLUMNS)
    throw new Error(
      `${path}: expected a Parquet table of up to ${MOST_COLUMNS} plain columns, found ${elements.length}, some within others`,
    );
  for (const { columns: chunks } of metadata.row_groups)
    for (const { meta_data: chunk } of chunks)
      if (Number(chunk?.total_uncompressed_size ?? 0) > MOST_CHUNK_BYTES)
        throw new Error(
          `${path}: expected row groups with columns of up to ${MOST_CHUNK_BYTES >> 20} MB each, found a larger one: write it with smaller row groups`,
        );
  if (Number(metadata.num_rows) === 0)
    throw new Error(`${path} is a Parquet file without rows: expected one row per day`);
  const parsers = { dateFromDays: dateText };
  const scan = await parquetScan({
    file,
    metadata,
    compressors: boundedCompressors(MOST_CHUNK_BYTES),
    parsers,
  });
  const opened = { path, file, columns, scan };
  const first = await readFirst(opened);
  return {
    container: 'parquet',
    path,
    delimiter: null,
    header: columns.map(({ name }) => name),
    headerPlace: path,
    facts: new Map(),
    sample: first,
    batches: (wanted) => readGroups(opened, wanted, spooled.bytes),
    close: spooled.remove,
  };
}

async function readFirst(opened: OpenedParquet): Promise<RowBatch['rows']> {
  const [range] = opened.scan.ranges;
  if (range === undefined) return [];
  const end = Math.min(range.rowEnd, range.rowStart + SAMPLE_ROWS);
  const columns = await readColumns(opened, null, { rowStart: range.rowStart, rowEnd: end });
  return rowsOfColumns(columns, { first: 0, end: end - range.rowStart, offset: range.rowStart });
}

async function* readGroups(
  opened: OpenedParquet,
  wanted: ReadonlySet<number> | null,
  bytes: number,
): AsyncGenerator<RowBatch> {
  for (const range of opened.scan.ranges) {
    for (let rowStart = range.rowStart; rowStart < range.rowEnd; rowStart += ROWS_PER_WINDOW) {
      const rowEnd = Math.min(range.rowEnd, rowStart + ROWS_PER_WINDOW);
      const columns = await readColumns(opened, wanted, { rowStart, rowEnd });
      for (let first = 0; first < rowEnd - rowStart; first += ROWS_PER_BATCH) {
        const end = Math.min(first + ROWS_PER_BATCH, rowEnd - rowStart);
        yield { rows: rowsOfColumns(columns, { first, end, offset: rowStart }), bytes };
      }
    }
  }
}

/** One after the other: what is packed of a column is let go before the next is read. */
async function readColumns(
  { path, columns, scan }: OpenedParquet,
  wanted: ReadonlySet<number> | null,
  range: { rowStart: number; rowEnd: number },
): Promise<(ColumnValues | null)[]> {
  const read: (ColumnValues | null)[] = [];
  for (const [place, { name, scale }] of columns.entries()) {
    if (wanted !== null && !wanted.has(place)) {
      read.push(null);
      continue;
    }
    try {
      const values: ColumnValues = await scan.readColumn({ column: name, ...range });
      if (values.length < range.rowEnd - range.rowStart) throw new Error('a column ends before its rows do');
      read.push(scale === null ? values : Array.from(values, (value) => roundTo(value, scale)));
    } catch (error) {
      throw describeFailure(path, error);
    }
  }
  return read;
}

/** The decimal number that was written, of one that was multiplied by a power of ten. */
function roundTo(value: unknown, scale: number): unknown {
  return typeof value === 'number' ? Number(value.toFixed(Math.min(Math.max(scale, 0), 100))) : value;
}

function describeFailure(path: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`${path} cannot be read as Parquet: ${String(error)}`);
  if (error.message.includes(path)) return error;
  return new Error(`${path} is damaged, or no whole Parquet file (${error.message.slice(0, 200)})`, {
    cause: error,
  });
}
