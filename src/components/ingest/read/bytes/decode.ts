import { isUtf8 } from 'node:buffer';
import type { PeekedChunks } from './chunks.js';

/** Text of a file, and how many bytes of it have been read so far. */
export interface TextChunk {
  readonly text: string;
  readonly bytes: number;
}

const MARKS: readonly (readonly [string, string])[] = [
  ['efbbbf', 'utf-8'],
  ['fffe0000', 'utf-32le'],
  ['0000feff', 'utf-32be'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/** Whether a byte is a letter that no text has: blanks, line ends and the escape of terminals are not among them. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1a && byte !== 0x1b;
}

/**
 * The encoding of a text by what it begins with: its byte order mark, the zeros of UTF-16, UTF-8 where it is valid,
 * else the code page of Western Windows, which every byte is a letter of. null: it is no text.
 */
function encodingOf(start: Buffer): string | null {
  const hex = start.subarray(0, 4).toString('hex');
  const marked = MARKS.find(([mark]) => hex.startsWith(mark));
  if (marked !== undefined) return marked[1];
  const zeros = [0, 0];
  for (const [index, byte] of start.entries()) if (byte === 0) zeros[index & 1] = (zeros[index & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 4 && even === 0) return 'utf-16le';
  if (even > start.length / 4 && odd === 0) return 'utf-16be';
  const controls = start.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  if (controls > start.length / 20 && controls > 3) return null;
  return isUtf8(withoutCutLetter(start)) ? 'utf-8' : 'windows-1252';
}

/** A letter of up to four bytes may be cut at the end of what was looked at. */
function withoutCutLetter(start: Buffer): Buffer {
  for (let length = start.length; length > Math.max(0, start.length - 4); length -= 1) {
    const byte = start[length - 1] ?? 0;
    if (byte < 0x80) return start.subarray(0, length);
    if (byte >= 0xc0) return start.subarray(0, length - 1);
  }
  return start;
}

/** Decodes a text as it is read. Throws Error for what is no text. */
export async function* decodeText(
  path: string,
  { start, chunks, close }: PeekedChunks,
): AsyncGenerator<TextChunk> {
  const encoding = encodingOf(start);
  if (encoding === null) {
    await close();
    throw new Error(
      `${path} is no text: expected CSV, JSON, Parquet, Feather or Arrow, or one of them in gzip or ZIP`,
    );
  }
  const decoder: Decoder = encoding === 'utf-8' ? new TextDecoder() : await openDecoder(encoding);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    yield { text: decoder.decode(chunk, { stream: true }), bytes };
  }
  const rest = decoder.decode();
  if (rest !== '') yield { text: rest, bytes };
}

interface Decoder {
  decode(chunk?: Buffer, options?: { stream: true }): string;
}

/** A library knows the code pages as their makers defined them. Loaded for those who need it. */
async function openDecoder(encoding: string): Promise<Decoder> {
  const { default: iconv } = await import('iconv-lite');
  const decoder = iconv.getDecoder(encoding);
  return {
    decode: (chunk) => (chunk === undefined ? (decoder.end() ?? '') : decoder.write(chunk)),
  };
}
