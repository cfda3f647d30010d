import type { TextChunk } from '../bytes/decode.js';
import { readLineBatches, type SourceLine } from '../bytes/lines.js';
import { type Row, type RowBatch, type RowSource, SAMPLE_ROWS, sampleRows } from '../rows/rows.js';
import { findRecords, flatten, type IsHeader, listFacts, toCell } from './json-records.js';
import { parseLenientJson } from './json-text.js';

const ROWS_PER_BATCH = 5000;

/** The days of a parsed document. Throws Error, with what the document says, when there are none. */
export function rowsOfDocument(
  document: unknown,
  { path, bytes, isHeader }: { path: string; bytes: number; isHeader: IsHeader },
): RowSource {
  const facts = listFacts(document);
  const found = findRecords(document, isHeader);
  if (found === null || found.records.length === 0) throw noRows(path, facts);
  const rows: Row[] = found.records.map((cells, line) => ({ line, cells }));
  async function* batches(): AsyncGenerator<RowBatch> {
    for (let first = 0; first < rows.length; first += ROWS_PER_BATCH)
      yield { rows: rows.slice(first, first + ROWS_PER_BATCH), bytes };
  }
  const sample = rows.slice(0, SAMPLE_ROWS);
  const { header } = found;
  const close = async () => {};
  return {
    container: 'json',
    path,
    delimiter: null,
    header,
    headerPlace: path,
    facts,
    sample,
    batches,
    close,
  };
}

/** Programs that have no prices to give say why in the same place. */
function noRows(path: string, facts: ReadonlyMap<string, string>): Error {
  const said = [...facts].find(([name]) =>
    /^(?:.*\.)?(?:error message|error_message|error|information|note|message|msg|detail|description)$/i.test(
      name,
    ),
  );
  const words = said === undefined ? '' : `; it says: ${JSON.stringify(said[1].slice(0, 200))}`;
  return new Error(`${path} holds no days with their prices: expected a list of records, one a day${words}`);
}

/** Whether a text is one JSON record a line: its first line is one, and there is another line. */
export function isJsonLines(start: string): boolean {
  const [first = '', ...rest] = start.trimStart().split(/\r?\n|\r/);
  if (rest.every((line) => line.trim() === '')) return false;
  try {
    const record = JSON.parse(first);
    return typeof record === 'object' && record !== null;
  } catch {
    return false;
  }
}

/** One JSON record a line, read as it comes: memory does not grow with the file. */
export async function readJsonLines(path: string, chunks: AsyncIterable<TextChunk>): Promise<RowSource> {
  const names: { header: readonly string[] | null } = { header: null };
  const rows = await sampleRows(readLines(path, chunks, names));
  if (rows.sample.length === 0) throw new Error(`${path} is empty: expected a JSON record for each day`);
  return {
    container: 'ndjson',
    path,
    delimiter: null,
    header: names.header,
    headerPlace: `${path} line 1`,
    facts: new Map(),
    ...rows,
  };
}

async function* readLines(
  path: string,
  chunks: AsyncIterable<TextChunk>,
  names: { header: readonly string[] | null },
): AsyncGenerator<RowBatch> {
  let isFirst = true;
  for await (const { lines, bytes } of readLineBatches(chunks, path)) {
    const records = lines.map(parseLine);
    if (isFirst) {
      const objects = records.filter((record) => record instanceof Map);
      if (objects.length > 0) names.header = [...new Set(objects.flatMap((record) => [...record.keys()]))];
      isFirst = false;
    }
    yield { rows: lines.map((line, index) => rowOf(line, records[index], names.header)), bytes };
  }
}

function parseLine({ text }: SourceLine): Map<string, string> | string[] | null {
  try {
    const record = parseLenientJson(text);
    if (Array.isArray(record)) return record.map(toCell);
    return typeof record === 'object' && record !== null ? flatten(record) : null;
  } catch {
    return null;
  }
}

function rowOf(
  line: SourceLine,
  record: Map<string, string> | string[] | null | undefined,
  header: readonly string[] | null,
): Row {
  if (record instanceof Map && header !== null)
    return { line: line.number, cells: header.map((name) => record.get(name) ?? '') };
  if (Array.isArray(record) && header === null) return { line: line.number, cells: record };
  const expected = header === null ? 'a list in JSON' : 'an object in JSON';
  return { line: line.number, cells: [], broken: { expected, value: line.text } };
}
