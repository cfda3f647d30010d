import { takeDoubles } from '../../domain/text/doubles.js';
import { PG_EPOCH_DAY } from '../session/type-parsers.js';
import { type ColumnType, ELEMENT_OF, type NullableArray } from './encode.js';

const SIGNATURE_BYTES = 11;
const TWO_32 = 4_294_967_296;
const PG_EPOCH_US = PG_EPOCH_DAY * 86_400_000_000;
const INT64_MAX_HIGH = 0x7fffffff;
const INT64_MIN_HIGH = -0x80000000;

/**
 * Hands the rows of `copy … to stdout (format binary)` to `onRow`, one by one as they come: a view of each row's bytes,
 * good until the next one. Chunks may end anywhere. Nothing is waited for between two rows of a chunk.
 */
export function eachRow(chunks: AsyncIterable<Buffer>, onRow: (bytes: Buffer) => void): Promise<void> {
  return eachRowAt(chunks, ({ bytes }, start, end) => onRow(bytes.subarray(start, end)));
}

/** Bytes of several rows; `view` is of the same bytes, and reads numbers several times as fast. */
export interface RowChunk {
  bytes: Buffer;
  view: DataView;
}

/** The same without an object for each row: where it lies in a chunk. */
export async function eachRowAt(
  chunks: AsyncIterable<Buffer>,
  onRow: (chunk: RowChunk, start: number, end: number) => void,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let headerRead = false;
  let ended = false;
  for await (const next of chunks) {
    rest = rest.length === 0 ? next : Buffer.concat([rest, next]);
    let offset = 0;
    if (!headerRead) {
      if (rest.length < SIGNATURE_BYTES + 8) continue;
      offset = SIGNATURE_BYTES + 8 + rest.readInt32BE(SIGNATURE_BYTES + 4);
      headerRead = true;
    }
    const chunk = { bytes: rest, view: new DataView(rest.buffer, rest.byteOffset, rest.length) };
    for (;;) {
      const end = endOfRow(chunk.view, offset);
      if (end === 'incomplete') break;
      if (end === 'trailer') {
        ended = true;
        break;
      }
      onRow(chunk, offset, end);
      offset = end;
    }
    rest = rest.subarray(offset);
  }
  if (!ended) throw new Error('the copy stream ended before its trailer: the connection was cut');
}

function endOfRow(view: DataView, start: number): number | 'incomplete' | 'trailer' {
  const length = view.byteLength;
  if (start + 2 > length) return 'incomplete';
  const fields = view.getInt16(start);
  if (fields === -1) return 'trailer';
  let offset = start + 2;
  for (let field = 0; field < fields; field++) {
    if (offset + 4 > length) return 'incomplete';
    offset += 4 + Math.max(0, view.getInt32(offset));
  }
  return offset > length ? 'incomplete' : offset;
}

/** The cells of one row that eachRow gave. */
export function decodeRow(buffer: Buffer, types: readonly ColumnType[]): unknown[] {
  const fields = buffer.readInt16BE(0);
  if (fields !== types.length)
    throw new Error(`copy gave ${fields} columns where ${types.length} were expected`);
  const cells = new Array<unknown>(fields);
  let offset = 2;
  for (let field = 0; field < fields; field++) {
    const bytes = buffer.readInt32BE(offset);
    offset += 4;
    if (bytes < 0) {
      cells[field] = null;
      continue;
    }
    cells[field] = DECODERS[types[field] as ColumnType](buffer, offset, bytes);
    offset += bytes;
  }
  return cells;
}

/** The cells of one row that eachRow gave (on demand only so many), each as its bytes; null = NULL. */
export function splitCells(row: Buffer, count = row.readInt16BE(0)): (Buffer | null)[] {
  const cells = new Array<Buffer | null>(count);
  let offset = 2;
  for (let field = 0; field < cells.length; field++) {
    const bytes = row.readInt32BE(offset);
    offset += 4;
    cells[field] = bytes < 0 ? null : row.subarray(offset, offset + Math.max(0, bytes));
    offset += Math.max(0, bytes);
  }
  return cells;
}

/** The value of one cell that is not NULL. */
export function decodeCell(cell: Buffer, type: ColumnType): unknown {
  return DECODERS[type](cell, 0, cell.length);
}

const DECODERS: Record<ColumnType, (buffer: Buffer, offset: number, bytes: number) => unknown> = {
  int4: (buffer, offset) => buffer.readInt32BE(offset),
  date: (buffer, offset) => buffer.readInt32BE(offset) + PG_EPOCH_DAY,
  int8: (buffer, offset) => checkedInteger(readInt64(buffer, offset)),
  timestamptz: (buffer, offset) => readInt64(buffer, offset) + PG_EPOCH_US,
  float8: (buffer, offset) => buffer.readDoubleBE(offset),
  bool: (buffer, offset) => buffer[offset] === 1,
  text: (buffer, offset, bytes) => buffer.toString('utf8', offset, offset + bytes),
  'float8[]': (buffer, offset) => {
    const length = arrayLength(buffer, offset);
    const values = takeDoubles(length);
    for (let index = 0; index < length; index++)
      values[index] = buffer.readDoubleBE(offset + 24 + index * 12);
    return values;
  },
  'float8|null[]': (buffer, offset) => {
    if (buffer.readInt32BE(offset) === 0 || buffer.readInt32BE(offset + 4) === 0)
      return DECODERS['float8[]'](buffer, offset, 0);
    return Float64Array.from(readNullable(buffer, offset, 'float8?[]'), (number) =>
      number === null ? Number.NaN : (number as number),
    );
  },
  // A copy: the bytes belong to a chunk that is read over.
  bytea: (buffer, offset, bytes) => Buffer.from(buffer.subarray(offset, offset + bytes)),
  'int4[]': (buffer, offset) => {
    const length = arrayLength(buffer, offset);
    return Array.from({ length }, (_, index) => buffer.readInt32BE(offset + 24 + index * 8));
  },
  'int4?[]': (buffer, offset) => readNullable(buffer, offset, 'int4?[]'),
  'float8?[]': (buffer, offset) => readNullable(buffer, offset, 'float8?[]'),
  'bool?[]': (buffer, offset) => readNullable(buffer, offset, 'bool?[]'),
  'date?[]': (buffer, offset) => readNullable(buffer, offset, 'date?[]'),
  'timestamptz?[]': (buffer, offset) => readNullable(buffer, offset, 'timestamptz?[]'),
  'text?[]': (buffer, offset) => readNullable(buffer, offset, 'text?[]'),
};

function readNullable(buffer: Buffer, start: number, type: NullableArray): unknown[] {
  const decode = DECODERS[ELEMENT_OF[type]];
  const length = buffer.readInt32BE(start) === 0 ? 0 : buffer.readInt32BE(start + 12);
  const values = new Array<unknown>(length);
  let offset = start + 20;
  for (let index = 0; index < length; index++) {
    const bytes = buffer.readInt32BE(offset);
    offset += 4;
    values[index] = bytes < 0 ? null : decode(buffer, offset, bytes);
    offset += Math.max(0, bytes);
  }
  return values;
}

/** ±Infinity for the type's own infinities; exact up to 2^53. */
function readInt64(buffer: Buffer, offset: number): number {
  const high = buffer.readInt32BE(offset);
  const low = buffer.readUInt32BE(offset + 4);
  if (high === INT64_MAX_HIGH && low === 0xffffffff) return Number.POSITIVE_INFINITY;
  if (high === INT64_MIN_HIGH && low === 0) return Number.NEGATIVE_INFINITY;
  return high * TWO_32 + low;
}

function checkedInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`integer ${value} does not fit a double exactly`);
  return value;
}

function arrayLength(buffer: Buffer, offset: number): number {
  if (buffer.readInt32BE(offset) === 0) return 0;
  if (buffer.readInt32BE(offset + 4) !== 0) throw new Error('an array with NULL elements was not expected');
  return buffer.readInt32BE(offset + 12);
}
