import { createReadStream } from 'node:fs';
import { UsageError } from '../../domain/errors.js';

export interface SourceLine {
  /** Counted from 1 over the whole file, blank lines included. */
  readonly number: number;
  readonly text: string;
  /** True for a last line without a line end: it may have been cut. */
  readonly isUnterminated: boolean;
}

export interface LineBatch {
  readonly lines: SourceLine[];
  /** Bytes of the file that have been read so far. */
  readonly bytes: number;
}

const CHUNK_BYTES = 1 << 20;
const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Reads a text file (UTF-8, with or without BOM; LF or CRLF) and gives its lines that are not blank, in batches of
 * about a megabyte: memory does not grow with the file. Throws when it cannot be opened or is no such text.
 */
export async function* readLineBatches(path: string, chunkBytes = CHUNK_BYTES): AsyncGenerator<LineBatch> {
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let number = 1;
  for await (const chunk of openChunks(path, chunkBytes)) {
    if (bytes === 0) refuseUtf16(chunk, path);
    bytes += chunk.length;
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      rest = Buffer.concat([rest, chunk]);
      if (rest.length > MAX_LINE_BYTES) {
        throw new Error(
          `${path} line ${number} is longer than ${MAX_LINE_BYTES} bytes: expected a CSV file with LF or CRLF at the end of each line`,
        );
      }
      continue;
    }
    const texts = Buffer.concat([rest, chunk.subarray(0, end)])
      .toString('utf8')
      .split('\n');
    yield { lines: numberLines(texts, number, false), bytes };
    number += texts.length;
    rest = chunk.subarray(end + 1);
  }
  if (rest.length > 0) yield { lines: numberLines([rest.toString('utf8')], number, true), bytes };
}

function numberLines(texts: readonly string[], first: number, isUnterminated: boolean): SourceLine[] {
  const lines: SourceLine[] = [];
  for (const [index, raw] of texts.entries()) {
    // trim() also takes the CR of a CRLF and the BOM, which counts as a blank.
    const text = raw.trim();
    if (text !== '') lines.push({ number: first + index, text, isUnterminated });
  }
  return lines;
}

async function* openChunks(path: string, highWaterMark: number): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark })) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === undefined ? null : OPEN_FAILURES[code];
    if (reason === undefined || reason === null) throw new Error(`reading ${path} failed`, { cause: error });
    throw new UsageError(`cannot read ${path}: ${reason}`, { cause: error });
  }
}

const OPEN_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory; name the CSV files in it',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

function refuseUtf16(start: Buffer, path: string): void {
  const mark = start.subarray(0, 2).toString('hex');
  if (mark !== 'fffe' && mark !== 'feff') return;
  throw new Error(`${path} is UTF-16 text: expected UTF-8; save it again as "CSV UTF-8"`);
}
