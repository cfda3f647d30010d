import { readFile } from 'node:fs/promises';
import { CompressionType, setCompressionCodec, type Table, tableFromIPC } from '@uwdata/flechette';
import { decompressZstd } from 'hyparquet-compressors';
// @ts-expect-error The package has no types.
import lz4 from 'lz4js';
import { spool } from '../bytes/spool.js';
import type { UnpackedFile } from '../bytes/unpack.js';
import { type RowBatch, type RowSource, SAMPLE_ROWS } from '../rows/rows.js';
import { type ColumnValues, ROWS_PER_BATCH, rowsOfColumns } from './columns.js';
import { tryDecoding } from './try-decoding.js';

/** The file is in memory as a whole: thirty thousand days are about 2 MB. */
export const MAX_ARROW_BYTES = 256 << 20;
const MOST_COLUMNS = 500;

/** Takes the packing off a frame of LZ4; throws Error for a damaged one. */
const decompressLz4: (frame: Uint8Array) => Uint8Array = lz4.decompress;

/** What a file of the largest size may hold when its columns are unpacked. */
const MAX_UNPACKED_BYTES = 4 * MAX_ARROW_BYTES;

/**
 * pandas packs each column of a Feather file by LZ4, others by Zstandard. Nothing is written, so nothing is packed. What
 * is unpacked is copied: columns of numbers must begin at a multiple of eight, which libraries do not see to.
 */
function learnCodecs(path: string): void {
  const encode = () => {
    throw new Error('Arrow files are read only');
  };
  let total = 0;
  const codecOf = (decompress: (bytes: Uint8Array) => Uint8Array) => ({
    encode,
    decode(bytes: Uint8Array): Uint8Array {
      const plain = new Uint8Array(decompress(bytes));
      total += plain.length;
      if (total > MAX_UNPACKED_BYTES)
        throw new Error(
          `${path} holds more than ${MAX_UNPACKED_BYTES >> 20} MB when it is unpacked: write it as Parquet, which may be of any size`,
        );
      return plain;
    },
  });
  setCompressionCodec(CompressionType.LZ4_FRAME, codecOf(decompressLz4));
  setCompressionCodec(
    CompressionType.ZSTD,
    codecOf((bytes) => decompressZstd(bytes)),
  );
}

/** An Arrow or Feather file. Throws Error for one that is too large, and for what is no whole one. */
export async function readArrow(path: string, unpacked: UnpackedFile): Promise<RowSource> {
  const spooled = await spool(path, unpacked);
  try {
    if (spooled.bytes > MAX_ARROW_BYTES)
      throw new Error(
        `${path} is larger than ${MAX_ARROW_BYTES >> 20} MB, the most that an Arrow file may have: write it as Parquet, which may be of any size`,
      );
    return openTable(path, await decode(path, spooled.path), spooled.bytes);
  } finally {
    await spooled.remove();
  }
}

async function decode(path: string, plain: string): Promise<Table> {
  const bytes = await readFile(plain);
  try {
    await tryDecoding('arrow', { path: plain, bytes: bytes.length });
    learnCodecs(path);
    return tableFromIPC(bytes, { useDate: true, useBigInt: true });
  } catch (error) {
    throw describeFailure(path, error);
  }
}

function describeFailure(path: string, error: unknown): Error {
  if (error instanceof Error && error.message.includes(path)) return error;
  const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
  return new Error(`${path} is damaged, or no whole Arrow file (${reason})`, { cause: error });
}

function openTable(path: string, table: Table, bytes: number): RowSource {
  const { names, numRows } = table;
  if (numRows === 0) throw new Error(`${path} is an Arrow file without rows: expected one row per day`);
  if (names.length > MOST_COLUMNS)
    throw new Error(`${path}: expected up to ${MOST_COLUMNS} columns, found ${names.length}`);
  const slice = (first: number, end: number) => {
    try {
      const columns: ColumnValues[] = names.map((_, place) => {
        const column = table.getChildAt(place);
        return Array.from({ length: end - first }, (_value, row) => column.at(first + row));
      });
      return rowsOfColumns(columns, { first: 0, end: end - first, offset: first });
    } catch (error) {
      throw describeFailure(path, error);
    }
  };
  async function* batches(): AsyncGenerator<RowBatch> {
    for (let first = 0; first < numRows; first += ROWS_PER_BATCH)
      yield { rows: slice(first, Math.min(first + ROWS_PER_BATCH, numRows)), bytes };
  }
  const sample = slice(0, Math.min(SAMPLE_ROWS, numRows));
  const close = async () => {};
  return {
    container: 'arrow',
    path,
    delimiter: null,
    header: [...names],
    headerPlace: path,
    facts: new Map(),
    sample,
    batches,
    close,
  };
}
