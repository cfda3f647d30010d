import type { TextChunk } from '../bytes/decode.js';
import { type LineBatch, readLineBatches, type SourceLine } from '../bytes/lines.js';
import { type BrokenLine, splitCells } from '../rows/records.js';
import {
  type Delimiter,
  type Row,
  type RowBatch,
  type RowSource,
  SAMPLE_ROWS,
  sampleRows,
} from '../rows/rows.js';
import { commonestWidth, findDelimiter } from './delimiter.js';
import { addLastCell, judgeEnd, type LastCells, NO_CELLS } from './last-cells.js';
import { findTop } from './top.js';

/** Letters that are looked at before a file is read: its header, and rows enough to know days from months. */
const LOOKED_AT = 1 << 18;

export interface DelimitedInput {
  readonly path: string;
  readonly chunks: AsyncIterable<TextChunk>;
  /** Whether cells are names of columns that are looked for. */
  isHeader(cells: readonly string[]): boolean;
}

/**
 * A text of lines with cells, read as it comes: memory does not grow with the file. The delimiter is found by content or
 * said by a line "sep=;"; lines above the header are ignored. Throws Error for an empty file, and one without rows.
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
    let before: LastCells = NO_CELLS;
    for await (const { lines, bytes } of joined(first, rest)) {
      const { rows, seen } = splitRows(lines, before, splitting);
      before = seen;
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

function splitRows(
  lines: readonly SourceLine[],
  before: LastCells,
  splitting: Splitting,
): { rows: Row[]; seen: LastCells } {
  const records = splitCells(
    lines.map(({ text }) => text),
    splitting.delimiter,
  );
  let seen = before;
  const rows = lines.map((line, index): Row => {
    const record = records[index] ?? { expected: 'a line with cells' };
    const end = line.isUnterminated ? judgeEnd(line.text, splitting.delimiter, seen) : 'whole';
    seen = addLastCell(seen, line.text, splitting.delimiter);
    const broken = brokenBy(record, line, splitting);
    if (broken !== null) {
      const { expected } = end === 'cut' ? CUT : broken;
      return { line: line.number, cells: [], broken: { value: line.text, ...broken, expected } };
    }
    const cells = Array.isArray(record) ? record : [];
    if (end === 'cut') return { line: line.number, cells, cut: { ...CUT, value: line.text } };
    return end === 'open' ? { line: line.number, cells, isOpen: true } : { line: line.number, cells };
  });
  return { rows, seen };
}

const CUT: BrokenLine = {
  expected:
    'the rest of the line: the file seems to end in the middle of it (no line end). If it is whole, add a line end to the file',
};

function brokenBy(
  record: readonly string[] | BrokenLine,
  line: SourceLine,
  { delimiter, header }: Splitting,
): (BrokenLine & { value?: string }) | null {
  if (!isCells(record)) return record;
  if (header === null || record.length === header.length) return null;
  const between = delimiter === '\t' ? 'a tab' : delimiter === ' ' ? 'blanks' : `"${delimiter}"`;
  return {
    expected: `${header.length} cells separated by ${between}`,
    value: `${record.length} cells: ${line.text}`,
  };
}

function isCells(record: readonly string[] | BrokenLine): record is readonly string[] {
  return Array.isArray(record);
}
