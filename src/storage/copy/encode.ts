import { PG_EPOCH_DAY } from '../session/type-parsers.js';

/** Column types that our tables have. An enum travels as 'text'; date = UTC day number; timestamptz = epoch microseconds. */
export type ColumnType =
  | 'int4'
  | 'int8'
  | 'float8'
  | 'bool'
  | 'text'
  | 'date'
  | 'timestamptz'
  | 'bytea'
  | 'float8[]'
  /** Numbers as a typed array, in which NaN is NULL. */
  | 'float8|null[]'
  | 'int4[]'
  | NullableArray;

/** Arrays whose elements may be NULL. */
export type NullableArray = 'int4?[]' | 'float8?[]' | 'bool?[]' | 'date?[]' | 'timestamptz?[]' | 'text?[]';

/** Element type of an array whose elements may be NULL. */
export const ELEMENT_OF = {
  'int4?[]': 'int4',
  'float8?[]': 'float8',
  'bool?[]': 'bool',
  'date?[]': 'date',
  'timestamptz?[]': 'timestamptz',
  'text?[]': 'text',
} as const satisfies Record<NullableArray, ColumnType>;

export interface CopyColumn<T> {
  name: string;
  type: ColumnType;
  /** The value of this column, null or undefined for NULL. */
  get: (row: T) => unknown;
}

/** PostgreSQL's binary COPY format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const CHUNK_BYTES = 1 << 17;
const TWO_32 = 4_294_967_296;
const PG_EPOCH_US = PG_EPOCH_DAY * 86_400_000_000;
const FLOAT8_OID = 701;
const INT4_OID = 23;
const ELEMENT_OIDS: Record<NullableArray, number> = {
  'int4?[]': INT4_OID,
  'float8?[]': FLOAT8_OID,
  'bool?[]': 16,
  'date?[]': 1082,
  'timestamptz?[]': 1184,
  'text?[]': 25,
};

interface Writer {
  buffer: Buffer;
  /** The same bytes: it writes numbers several times as fast as a Buffer. */
  view: DataView;
  offset: number;
}

/** Encodes rows as chunks of about 128 kB, ready for `copy … from stdin (format binary)`. */
export function* encodeRows<T>(columns: readonly CopyColumn<T>[], rows: Iterable<T>): Generator<Buffer> {
  const writer = startWriter(2 * CHUNK_BYTES);
  HEADER.copy(writer.buffer, 0);
  writer.offset = HEADER.length;
  for (const row of rows) {
    encodeRow(writer, columns, row);
    if (writer.offset >= CHUNK_BYTES) {
      yield writer.buffer.subarray(0, writer.offset);
      // The stream still holds the chunk: it is never written to again.
      replaceBuffer(writer, Buffer.allocUnsafe(2 * CHUNK_BYTES));
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
  const writer = startWriter(4096);
  for (const row of rows) {
    writer.offset = 0;
    encodeRow(writer, columns, row);
    yield [row, writer.buffer.subarray(0, writer.offset)];
  }
}

function startWriter(bytes: number): Writer {
  const buffer = Buffer.allocUnsafe(bytes);
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.length), offset: 0 };
}

function replaceBuffer(writer: Writer, buffer: Buffer): void {
  writer.buffer = buffer;
  writer.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

function encodeRow<T>(writer: Writer, columns: readonly CopyColumn<T>[], row: T): void {
  reserve(writer, 2);
  writer.view.setInt16(writer.offset, columns.length);
  writer.offset += 2;
  for (const { get, type } of columns) encodeCell(writer, ENCODERS[type], get(row));
}

function encodeCell(writer: Writer, encode: (writer: Writer, value: never) => void, value: unknown): void {
  if (value === null || value === undefined) {
    reserve(writer, 4);
    writer.view.setInt32(writer.offset, -1);
    writer.offset += 4;
  } else {
    encode(writer, value as never);
  }
}

function reserve(writer: Writer, bytes: number): void {
  if (writer.offset + bytes <= writer.buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * writer.buffer.length, writer.offset + bytes));
  writer.buffer.copy(larger, 0, 0, writer.offset);
  replaceBuffer(writer, larger);
}

function writeInt32(writer: Writer, value: number): void {
  reserve(writer, 8);
  const { view, offset } = writer;
  view.setInt32(offset, 4);
  view.setInt32(offset + 4, checkRange(value, -0x80000000, 0x7fffffff));
  writer.offset = offset + 8;
}

/** A DataView would cut the value off in silence. */
function checkRange(value: number, smallest: number, largest: number): number {
  if (value >= smallest && value <= largest) return value;
  throw new RangeError(`${value} is out of the range of its column, ${smallest} to ${largest}`);
}

const ENCODERS: Record<ColumnType, (writer: Writer, value: never) => void> = {
  int4: writeInt32,
  date: (writer, value: number) => writeInt32(writer, value - PG_EPOCH_DAY),
  int8: (writer, value: number) => writeInt64(writer, value),
  timestamptz: (writer, value: number) => writeInt64(writer, value - PG_EPOCH_US),
  float8: (writer, value: number) => {
    reserve(writer, 12);
    const { view, offset } = writer;
    view.setInt32(offset, 8);
    // -0 is stored as 0.
    view.setFloat64(offset + 4, value + 0);
    writer.offset = offset + 12;
  },
  bool: (writer, value: boolean) => {
    reserve(writer, 5);
    const { view, offset } = writer;
    view.setInt32(offset, 1);
    view.setUint8(offset + 4, value ? 1 : 0);
    writer.offset = offset + 5;
  },
  text: (writer, value: string) => {
    const bytes = bytesOf(value);
    reserve(writer, 4 + bytes.length);
    writer.view.setInt32(writer.offset, bytes.length);
    writer.buffer.set(bytes, writer.offset + 4);
    writer.offset += 4 + bytes.length;
  },
  'float8[]': (writer, value: ArrayLike<number>) => {
    writeArrayHeader(writer, { oid: FLOAT8_OID, length: value.length, elementBytes: 8 });
    reserve(writer, 12 * value.length);
    const { view } = writer;
    let { offset } = writer;
    for (let index = 0; index < value.length; index++) {
      view.setInt32(offset, 8);
      view.setFloat64(offset + 4, (value[index] as number) + 0);
      offset += 12;
    }
    writer.offset = offset;
  },
  'float8|null[]': (writer, value: Float64Array) => {
    if (!value.includes(Number.NaN)) {
      ENCODERS['float8[]'](writer, value as never);
      return;
    }
    const elements = Array.from(value, (number) => (Number.isNaN(number) ? null : number));
    writeNullable(writer, 'float8?[]', elements);
  },
  bytea: (writer, value: Uint8Array) => {
    reserve(writer, 4 + value.length);
    writer.view.setInt32(writer.offset, value.length);
    writer.buffer.set(value, writer.offset + 4);
    writer.offset += 4 + value.length;
  },
  'int4[]': (writer, value: ArrayLike<number>) => {
    writeArrayHeader(writer, { oid: INT4_OID, length: value.length, elementBytes: 4 });
    for (let index = 0; index < value.length; index++) writeInt32(writer, value[index] as number);
  },
  'int4?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'int4?[]', value),
  'float8?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'float8?[]', value),
  'bool?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'bool?[]', value),
  'date?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'date?[]', value),
  'timestamptz?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'timestamptz?[]', value),
  'text?[]': (writer, value: ArrayLike<unknown>) => writeNullable(writer, 'text?[]', value),
};

/** The length comes first and is known last: elements that are NULL have no bytes, texts have any number. */
function writeNullable(writer: Writer, type: NullableArray, value: ArrayLike<unknown>): void {
  const start = writer.offset;
  writeArrayHeader(writer, { oid: ELEMENT_OIDS[type], length: value.length, elementBytes: 0 });
  const encode = ENCODERS[ELEMENT_OF[type]];
  for (let index = 0; index < value.length; index++) encodeCell(writer, encode, value[index]);
  writer.view.setInt32(start, writer.offset - start - 4);
  // As the server writes it, so that rows can be compared byte for byte.
  if (Array.prototype.includes.call(value, null)) writer.view.setInt32(start + 8, 1);
}

/** Names of alignments and timeframes come in every row: their bytes are made once. */
const MOST_KEPT_TEXTS = 1000;
const LONGEST_KEPT_TEXT = 40;
const keptTexts = new Map<string, Buffer>();

function bytesOf(text: string): Buffer {
  const kept = keptTexts.get(text);
  if (kept !== undefined) return kept;
  const bytes = Buffer.from(text);
  if (keptTexts.size < MOST_KEPT_TEXTS && text.length <= LONGEST_KEPT_TEXT) keptTexts.set(text, bytes);
  return bytes;
}

/** 64-bit integers from doubles: exact up to 2^53; ±Infinity is the type's own infinity (largest, smallest). */
function writeInt64(writer: Writer, value: number): void {
  reserve(writer, 12);
  const { view, offset } = writer;
  view.setInt32(offset, 8);
  if (Number.isFinite(value)) {
    const high = Math.floor(value / TWO_32);
    view.setInt32(offset + 4, checkRange(high, -0x80000000, 0x7fffffff));
    view.setUint32(offset + 8, value - high * TWO_32);
  } else if (Number.isNaN(value)) {
    throw new RangeError('NaN is no integer and no time');
  } else {
    view.setBigInt64(offset + 4, value > 0 ? 0x7fffffffffffffffn : -0x8000000000000000n);
  }
  writer.offset = offset + 12;
}

function writeArrayHeader(
  writer: Writer,
  { oid, length, elementBytes }: { oid: number; length: number; elementBytes: number },
): void {
  reserve(writer, 24);
  const { view, offset } = writer;
  const dimensions = length === 0 ? 0 : 1;
  view.setInt32(offset, 12 + dimensions * 8 + length * (4 + elementBytes));
  view.setInt32(offset + 4, dimensions);
  view.setInt32(offset + 8, 0);
  view.setInt32(offset + 12, oid);
  if (dimensions === 1) {
    view.setInt32(offset + 16, length);
    view.setInt32(offset + 20, 1);
  }
  writer.offset = offset + (dimensions === 1 ? 24 : 16);
}
