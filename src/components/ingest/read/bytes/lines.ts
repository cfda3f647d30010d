import type { TextChunk } from './decode.js';

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

const MAX_LINE_LENGTH = 1 << 20;

/**
 * Takes a text as it is read (LF, CRLF or CR at the ends of its lines) and gives its lines that are not blank, in batches
 * of a chunk: memory does not grow with the file. Throws when it has no line ends; `path` is for the message.
 */
export async function* readLineBatches(
  chunks: AsyncIterable<TextChunk>,
  path: string,
): AsyncGenerator<LineBatch> {
  let rest = '';
  let bytes = 0;
  let number = 1;
  for await (const chunk of chunks) {
    bytes = chunk.bytes;
    const text = rest + chunk.text;
    const end = lastLineEnd(text);
    if (end === -1) {
      rest = text;
      if (rest.length > MAX_LINE_LENGTH) {
        throw new Error(
          `${path} line ${number} is longer than ${MAX_LINE_LENGTH} letters: expected a text file with LF, CRLF or CR at the end of each line`,
        );
      }
      continue;
    }
    const texts = splitLines(text.slice(0, end));
    yield { lines: numberLines(texts, number, false), bytes };
    number += texts.length;
    rest = text.slice(end + 1);
  }
  if (rest === '') return;
  const texts = splitLines(rest.replace(/\r$/, ''));
  yield { lines: numberLines(texts, number, !rest.endsWith('\r')), bytes };
}

/** Where the last line end stands that is surely one: a CR may be the first half of a CRLF. */
function lastLineEnd(text: string): number {
  const newline = text.lastIndexOf('\n');
  return Math.max(newline, text.lastIndexOf('\r', text.length - 2));
}

/** With CRLF the CR is a blank at the end of its line; alone it is a line end. */
function splitLines(text: string): string[] {
  if (!text.includes('\r')) return text.split('\n');
  return text.split(/\r?\n|\r(?!\n|$)/);
}

function numberLines(texts: readonly string[], first: number, isUnterminated: boolean): SourceLine[] {
  const lines: SourceLine[] = [];
  for (const [index, raw] of texts.entries()) {
    const text = trimLine(raw);
    if (text.trim() !== '') lines.push({ number: first + index, text, isUnterminated });
  }
  return lines;
}

function isBlank(text: string, place: number): boolean {
  const character = text[place] as string;
  return character !== '\t' && character.trim() === '';
}

/** Without blanks and byte order mark around it. A tab stays: it may stand before or after an empty cell. */
function trimLine(raw: string): string {
  let [start, end] = [0, raw.length];
  while (start < end && isBlank(raw, start)) start += 1;
  while (end > start && isBlank(raw, end - 1)) end -= 1;
  return raw.slice(start, end);
}
