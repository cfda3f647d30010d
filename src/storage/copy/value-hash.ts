/**
 * SHA-256 of stored rows, over the values and nothing else: every value as 8 bytes, whatever database, schema, server
 * version, time zone or order of storage they come from. docs/reference/verify.md has the layout.
 */
import { createHash, type Hash } from 'node:crypto';
import { PG_EPOCH_DAY } from '../session/type-parsers.js';
import type { TableShape } from './differences.js';
import type { ColumnType, NullableArray } from './encode.js';

/** Where a row belongs and where it came from: not values of a series. */
const NOT_HASHED = ['id', 'alignment', 'tf', 'src_load_ts', 'src_name', 'src_file'];
/** NULL: a NaN that no column can hold, and no time that anybody has prices of. */
const NULL_HIGH = 0x7ff80000;
const NULL_LOW = 1;
const TWO_32 = 4_294_967_296;
const PG_EPOCH_US = PG_EPOCH_DAY * 86_400_000_000;
const ARRAY_HEADER = 20;

interface Sink {
  hash: Hash;
  buffer: Buffer;
  offset: number;
}

/** SHA-256 of the rows of one series: its tables one after the other, each as the number of its rows and their values. */
export function hashSeries(
  tables: readonly { columns: TableShape<never>['columns']; rows: readonly Buffer[] }[],
): Buffer {
  const sink: Sink = { hash: createHash('sha256'), buffer: Buffer.allocUnsafe(1 << 16), offset: 0 };
  for (const { columns, rows } of tables) {
    const types = columns.map(({ name, type }) => (NOT_HASHED.includes(name) ? null : (type as HashedType)));
    writeInteger(sink, rows.length);
    for (const row of rows) writeRow(sink, row, types);
  }
  flush(sink);
  return sink.hash.digest();
}

/** SHA-256 of an asset: each series' name, a line feed and its hash. */
export function hashAsset(series: readonly { name: string; hash: Buffer }[]): Buffer {
  const hash = createHash('sha256');
  for (const each of series) hash.update(`${each.name}\n`, 'utf8').update(each.hash);
  return hash.digest();
}

/** SHA-256 of a run: each asset's id as 8 bytes and its hash. */
export function hashAssets(assets: readonly { id: number; hash: Buffer }[]): Buffer {
  const hash = createHash('sha256');
  const head = Buffer.alloc(8);
  for (const { id, hash: ofAsset } of assets) {
    head.writeBigInt64BE(BigInt(id));
    hash.update(head).update(ofAsset);
  }
  return hash.digest();
}

/** A row as `copy … (format binary)` sends it; columns of type null are ignored. */
function writeRow(sink: Sink, row: Buffer, types: readonly (HashedType | null)[]): void {
  let offset = 2;
  for (const type of types) {
    const length = row.readInt32BE(offset);
    offset += 4;
    if (type !== null) {
      if (length < 0) writePair(sink, NULL_HIGH, NULL_LOW);
      else WRITERS[type](sink, row.subarray(offset, offset + length));
    }
    offset += Math.max(0, length);
  }
}

/** Rows are hashed series by series: none has an array over series. */
type HashedType = Exclude<ColumnType, NullableArray | 'bytea' | 'float8|null[]'>;

const WRITERS: Record<HashedType, (sink: Sink, cell: Buffer) => void> = {
  int4: (sink, cell) => writeInteger(sink, cell.readInt32BE(0)),
  date: (sink, cell) => writeInteger(sink, cell.readInt32BE(0) + PG_EPOCH_DAY),
  bool: (sink, cell) => writeInteger(sink, cell[0] ?? 0),
  timestamptz: (sink, cell) =>
    writeInteger(sink, cell.readInt32BE(0) * TWO_32 + cell.readUInt32BE(4) + PG_EPOCH_US),
  float8: (sink, cell) => writePair(sink, cell.readUInt32BE(0), cell.readUInt32BE(4)),
  int8: (sink, cell) => writePair(sink, cell.readUInt32BE(0), cell.readUInt32BE(4)),
  'float8[]': (sink, cell) => writeArray(sink, 'float8', cell),
  'int4[]': (sink, cell) => writeArray(sink, 'int4', cell),
  text: () => {
    throw new Error('text has no form of 8 bytes');
  },
};

/** The number of elements, then each of them: a one-dimensional array from 1, as all of ours are. */
function writeArray(sink: Sink, type: HashedType, cell: Buffer): void {
  const count = cell.readInt32BE(0) === 0 ? 0 : cell.readInt32BE(12);
  writeInteger(sink, count);
  let offset = ARRAY_HEADER;
  for (let index = 0; index < count; index += 1) {
    const length = cell.readInt32BE(offset);
    offset += 4;
    if (length < 0) writePair(sink, NULL_HIGH, NULL_LOW);
    else WRITERS[type](sink, cell.subarray(offset, offset + length));
    offset += Math.max(0, length);
  }
}

/** Two's complement, 64 bits, high byte first; exact up to 2^53. */
function writeInteger(sink: Sink, value: number): void {
  const high = Math.floor(value / TWO_32);
  writePair(sink, high >>> 0, value - high * TWO_32);
}

function writePair(sink: Sink, high: number, low: number): void {
  if (sink.offset + 8 > sink.buffer.length) flush(sink);
  sink.offset = sink.buffer.writeUInt32BE(high, sink.offset);
  sink.offset = sink.buffer.writeUInt32BE(low, sink.offset);
}

function flush(sink: Sink): void {
  sink.hash.update(sink.buffer.subarray(0, sink.offset));
  sink.offset = 0;
}
