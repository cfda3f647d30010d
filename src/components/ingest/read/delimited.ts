import type { TextChunk } from './decode.js';
import { commonestWidth, findDelimiter } from './delimiter.js';
import { type LineBatch, readLineBatches, type SourceLine } from './lines.js';
import { type BrokenLine, splitCells } from './records.js';
import { type Delimiter, type Row, type RowBatch, type RowSource, SAMPLE_ROWS, sampleRows } from './rows.js';
import { findTop } from './top.js';

/** Letters that are looked at before a file is read: its header, and rows enough to tell days from months. */
const LOOKED_AT = 1 << 18;

export interface DelimitedInput {
  readonly path: string;
  readonly chunks: AsyncIterable<TextChunk>;
  /** Whether cells are names of columns that are looked for. */
  isHeader(cells: readonly string[]): boolean;
}

/**
 * A text of lines with cells, read as it comes: memory does not grow with the file. The delimiter is found by content or
 * said by a line "sep=;"; lines above the header are passed over. Throws Error for an empty file, and one without rows.
 */
export async function readDelimited({ path, chunks, isHeader }: DelimitedInput): Promise<RowSource> {
  const batches = readLineBatches(chunks, path)[Symbol.asyncIterator]();
  const first = await firstLines(batches);
  if (first.lines.length === 0)
    throw new Error(`${path} is empty: expected a header line, and a line for each day`);
  const said = /^"?sep=(.)"?$/i.exec(first.lines[0]?.text ?? '')?.[1];
  if (said !== undefined) first.lines.shift();
  const delimiter = isDelimiter(said) ? said : findDelimiter(first.lines.map(({ text }) => text));
  const width = commonestWidth(
    first.lines.slice(0, SAMPLE_ROWS).map(({ text }) => text),
    delimiter,
  ).cells;
  const top = findTop(first.lines.slice(0, 20), { delimiter, width, isHeader });
  first.lines.splice(0, top.lines);
  const place = `${path} line ${top.number}`;
  const rows = await sampleRows(readRows(first, batches, { delimiter, header: top.header }));
  if (rows.sample.length === 0)
    throw new Error(`${path} has a header but no lines after it: expected one line per day`);
  return {
    container: 'csv',
    path,
    delimiter,
    header: top.header,
    headerPlace: place,
    facts: top.facts,
    ...rows,
  };
}

function isDelimiter(text: string | undefined): text is Delimiter {
  return text === ';' || text === ',' || text === '\t' || text === '|';
}

async function firstLines(batches: AsyncIterator<LineBatch>): Promise<LineBatch> {
  const lines: SourceLine[] = [];
  let bytes = 0;
  let letters = 0;
  while (letters < LOOKED_AT) {
    const { value, done } = await batches.next();
    if (done) break;
    bytes = value.bytes;
    for (const line of value.lines) letters += line.text.length + 1;
    lines.push(...value.lines);
  }
  return { lines, bytes };
}

interface Splitting {
  readonly delimiter: Delimiter;
  readonly header: readonly string[] | null;
}

async function* readRows(
  first: LineBatch,
  rest: AsyncIterator<LineBatch>,
  splitting: Splitting,
): AsyncGenerator<RowBatch> {
  try {
    let shortest = Number.POSITIVE_INFINITY;
    for await (const { lines, bytes } of joined(first, rest)) {
      const rows = splitRows(lines, shortest, splitting);
      for (const { text } of lines) shortest = Math.min(shortest, lastCellLength(text, splitting.delimiter));
      yield { rows, bytes };
    }
  } finally {
    await rest.return?.(undefined);
  }
}

async function* joined(first: LineBatch, rest: AsyncIterator<LineBatch>): AsyncGenerator<LineBatch> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function splitRows(lines: readonly SourceLine[], shortestBefore: number, splitting: Splitting): Row[] {
  const records = splitCells(
    lines.map(({ text }) => text),
    splitting.delimiter,
  );
  let shortest = shortestBefore;
  return lines.map((line, index) => {
    const record = records[index] ?? { expected: 'a line with cells' };
    const isCut = isCutShort(line, shortest, splitting.delimiter);
    shortest = Math.min(shortest, lastCellLength(line.text, splitting.delimiter));
    const broken = brokenBy(record, line, splitting);
    if (broken !== null) {
      const { expected } = isCut ? CUT : broken;
      return { line: line.number, cells: [], broken: { value: line.text, ...broken, expected } };
    }
    const cells = Array.isArray(record) ? record : [];
    return isCut
      ? { line: line.number, cells, cut: { ...CUT, value: line.text } }
      : { line: line.number, cells };
  });
}

const CUT: BrokenLine = {
  expected:
    'the rest of the line: the file seems to end in the middle of it (no line end). If it is whole, add a line end to the file',
};

function lastCellLength(text: string, delimiter: Delimiter): number {
  return text.length - text.lastIndexOf(delimiter) - 1;
}

/**
 * A file that was cut nearly always ends in a line with too few cells. What is left is a last cell that lost its end: it
 * has no line end, and is shorter than the last cell of every line before.
 */
function isCutShort(line: SourceLine, shortest: number, delimiter: Delimiter): boolean {
  if (!line.isUnterminated || shortest === Number.POSITIVE_INFINITY) return false;
  return lastCellLength(line.text, delimiter) < shortest && !/z"?$/i.test(line.text);
}

function brokenBy(
  record: readonly string[] | BrokenLine,
  line: SourceLine,
  { delimiter, header }: Splitting,
): (BrokenLine & { value?: string }) | null {
  if (!isCells(record)) return record;
  if (header === null || record.length === header.length) return null;
  const between = delimiter === '\t' ? 'a tab' : `"${delimiter}"`;
  return {
    expected: `${header.length} cells separated by ${between}`,
    value: `${record.length} cells: ${line.text}`,
  };
}

function isCells(record: readonly string[] | BrokenLine): record is readonly string[] {
  return Array.isArray(record);
}
