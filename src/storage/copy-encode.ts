import { PG_EPOCH_DAY } from './type-parsers.js';

/** Column types that our tables have. An enum travels as 'text'; date = UTC day number; timestamptz = epoch microseconds. */
export type ColumnType =
  | 'int4'
  | 'int8'
  | 'float8'
  | 'bool'
  | 'text'
  | 'date'
  | 'timestamptz'
  | 'float8[]'
  | 'int4[]';

export interface CopyColumn<T> {
  name: string;
  type: ColumnType;
  /** The value of this column, null or undefined for NULL. */
  get: (row: T) => unknown;
}

/** PostgreSQL's binary COPY format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const CHUNK_BYTES = 1 << 16;
const TWO_32 = 4_294_967_296;
const PG_EPOCH_US = PG_EPOCH_DAY * 86_400_000_000;
const FLOAT8_OID = 701;
const INT4_OID = 23;

interface Writer {
  buffer: Buffer;
  offset: number;
}

/** Encodes rows as chunks of about 64 kB, ready for `copy … from stdin (format binary)`. */
export function* encodeRows<T>(columns: readonly CopyColumn<T>[], rows: Iterable<T>): Generator<Buffer> {
  const writer: Writer = { buffer: Buffer.allocUnsafe(2 * CHUNK_BYTES), offset: 0 };
  HEADER.copy(writer.buffer, 0);
  writer.offset = HEADER.length;
  for (const row of rows) {
    encodeRow(writer, columns, row);
    if (writer.offset >= CHUNK_BYTES) {
      yield writer.buffer.subarray(0, writer.offset);
      // The stream still holds the chunk: it is never written to again.
      writer.buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
      writer.offset = 0;
    }
  }
  yield Buffer.concat([writer.buffer.subarray(0, writer.offset), TRAILER]);
}

/** Encodes rows one by one, as the server would send them: the bytes to compare stored rows with. */
export function* encodeSingleRows<T>(
  columns: readonly CopyColumn<T>[],
  rows: Iterable<T>,
): Generator<[T, Buffer]> {
  const writer: Writer = { buffer: Buffer.allocUnsafe(4096), offset: 0 };
  for (const row of rows) {
    writer.offset = 0;
    encodeRow(writer, columns, row);
    yield [row, writer.buffer.subarray(0, writer.offset)];
  }
}

function encodeRow<T>(writer: Writer, columns: readonly CopyColumn<T>[], row: T): void {
  reserve(writer, 2);
  writer.offset = writer.buffer.writeInt16BE(columns.length, writer.offset);
  for (const { get, type } of columns) encodeCell(writer, ENCODERS[type], get(row));
}

function encodeCell(writer: Writer, encode: (writer: Writer, value: never) => void, value: unknown): void {
  if (value === null || value === undefined) {
    reserve(writer, 4);
    writer.offset = writer.buffer.writeInt32BE(-1, writer.offset);
  } else {
    encode(writer, value as never);
  }
}

function reserve(writer: Writer, bytes: number): void {
  if (writer.offset + bytes <= writer.buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * writer.buffer.length, writer.offset + bytes));
  writer.buffer.copy(larger, 0, 0, writer.offset);
  writer.buffer = larger;
}

const ENCODERS: Record<ColumnType, (writer: Writer, value: never) => void> = {
  int4: (writer, value: number) => {
    reserve(writer, 8);
    writer.offset = writer.buffer.writeInt32BE(4, writer.offset);
    writer.offset = writer.buffer.writeInt32BE(value, writer.offset);
  },
  date: (writer, value: number) => ENCODERS.int4(writer, (value - PG_EPOCH_DAY) as never),
  int8: (writer, value: number) => writeInt64(writer, value),
  timestamptz: (writer, value: number) => writeInt64(writer, value - PG_EPOCH_US),
  float8: (writer, value: number) => {
    reserve(writer, 12);
    writer.offset = writer.buffer.writeInt32BE(8, writer.offset);
    // -0 is stored as 0.
    writer.offset = writer.buffer.writeDoubleBE(value + 0, writer.offset);
  },
  bool: (writer, value: boolean) => {
    reserve(writer, 5);
    writer.offset = writer.buffer.writeInt32BE(1, writer.offset);
    writer.offset = writer.buffer.writeUInt8(value ? 1 : 0, writer.offset);
  },
  text: (writer, value: string) => {
    const bytes = Buffer.byteLength(value);
    reserve(writer, 4 + bytes);
    writer.offset = writer.buffer.writeInt32BE(bytes, writer.offset);
    writer.offset += writer.buffer.write(value, writer.offset);
  },
  'float8[]': (writer, value: ArrayLike<number>) => {
    writeArrayHeader(writer, { oid: FLOAT8_OID, length: value.length, elementBytes: 8 });
    for (let index = 0; index < value.length; index++) ENCODERS.float8(writer, value[index] as never);
  },
  'int4[]': (writer, value: ArrayLike<number>) => {
    writeArrayHeader(writer, { oid: INT4_OID, length: value.length, elementBytes: 4 });
    for (let index = 0; index < value.length; index++) ENCODERS.int4(writer, value[index] as never);
  },
};

/** 64-bit integers from doubles: exact up to 2^53; ±Infinity is the type's own infinity (largest, smallest). */
function writeInt64(writer: Writer, value: number): void {
  reserve(writer, 12);
  const { buffer } = writer;
  let offset = buffer.writeInt32BE(8, writer.offset);
  if (Number.isFinite(value)) {
    const high = Math.floor(value / TWO_32);
    offset = buffer.writeInt32BE(high, offset);
    offset = buffer.writeUInt32BE(value - high * TWO_32, offset);
  } else {
    offset = buffer.writeBigInt64BE(value > 0 ? 0x7fffffffffffffffn : -0x8000000000000000n, offset);
  }
  writer.offset = offset;
}

function writeArrayHeader(
  writer: Writer,
  array: { oid: number; length: number; elementBytes: number },
): void {
  reserve(writer, 24);
  const { buffer } = writer;
  const dimensions = array.length === 0 ? 0 : 1;
  const bytes = 12 + dimensions * 8 + array.length * (4 + array.elementBytes);
  let offset = buffer.writeInt32BE(bytes, writer.offset);
  offset = buffer.writeInt32BE(dimensions, offset);
  offset = buffer.writeInt32BE(0, offset);
  offset = buffer.writeInt32BE(array.oid, offset);
  if (dimensions === 1) {
    offset = buffer.writeInt32BE(array.length, offset);
    offset = buffer.writeInt32BE(1, offset);
  }
  writer.offset = offset;
}
