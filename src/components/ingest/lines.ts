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

const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Takes a text file (UTF-8, with or without BOM; LF or CRLF) as it is read and gives its lines that are not blank, in
 * batches of a chunk: memory does not grow with the file. Throws when it has no line ends; `path` is for the message.
 */
export async function* readLineBatches(
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<LineBatch> {
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let number = 1;
  for await (const chunk of chunks) {
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
