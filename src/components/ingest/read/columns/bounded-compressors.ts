/** The packings of Parquet, for files that may be damaged: none takes more memory than it may, and each comes to an end. */
import { compressors, decompressLz4, decompressLz4Raw } from 'hyparquet-compressors';

type Compressors = typeof compressors;

/** All packings, none of which unpacks a page of more bytes than these. */
export function boundedCompressors(mostBytes: number): Compressors {
  const all: Compressors = { ...compressors, LZ4: unpackLz4 };
  return Object.fromEntries(
    Object.entries(all).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, outputLength: number) => {
        if (outputLength > mostBytes) throw new Error(`a page of ${outputLength} bytes`);
        return unpack(input, outputLength);
      },
    ]),
  );
}

/** LZ4 with the lengths of Hadoop before each block, or without: the library follows lengths below 0 for ever. */
function unpackLz4(input: Uint8Array, outputLength: number): Uint8Array {
  return hasLengths(input) ? decompressLz4(input, outputLength) : decompressLz4Raw(input, outputLength);
}

function hasLengths(input: Uint8Array): boolean {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let at = 0; at + 8 < input.length; ) {
    const [unpacked, packed] = [view.getInt32(at), view.getInt32(at + 4)];
    if (unpacked < 0 || packed < 0) return false;
    at += 8 + packed;
  }
  return true;
}
