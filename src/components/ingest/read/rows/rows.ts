/** What every kind of file is made into before a format looks at it: rows of text cells, some of them seen beforehand. */
import type { BrokenLine } from './records.js';

/** What a file is made of: CSV and similar texts, JSON, one JSON record a line, Parquet, Arrow. */
export type Container = 'csv' | 'json' | 'ndjson' | 'parquet' | 'arrow';

export interface Row {
  /** The line of a text file, counted from 1; the place in the list of any other file, counted from 0. */
  readonly line: number;
  /** As text, '' for nothing: so that every format reads numbers and days of every kind of file in one way. */
  readonly cells: readonly string[];
  /** Set for a line that cannot be split into cells, or that the end of the file has cut. */
  readonly broken?: BrokenLine & { readonly value: string };
  /** Set for a last line whose last cell may have lost its end: it is not to be used. */
  readonly cut?: BrokenLine & { readonly value: string };
  /** Set for a last line without a line end that ends in a number: whether that is whole is unknown. */
  readonly isOpen?: true;
}

export interface RowBatch {
  readonly rows: readonly Row[];
  /** Bytes of the file that have been read so far. */
  readonly bytes: number;
}

/** An opened file: what it says of itself, its first rows, and all of them. */
export interface RowSource {
  readonly container: Container;
  readonly path: string;
  readonly delimiter: Delimiter | null;
  /** Names of the cells; null: the file has none. */
  readonly header: readonly string[] | null;
  /** Where the header stands, for messages. */
  readonly headerPlace: string;
  /** Texts beside the rows by where they stand: "Meta Data.2. Symbol", or "title" for lines above the header. */
  readonly facts: ReadonlyMap<string, string>;
  /** The first rows, at least one; batches() gives them again. */
  readonly sample: readonly Row[];
  /** All rows in the order of the file. It can be read once. Cells at places that are not wanted may be empty; null: all are. */
  batches(wanted: ReadonlySet<number> | null): AsyncIterable<RowBatch>;
  /** Lets go of the file, read or not. */
  close(): Promise<void>;
}

/** What stands between the cells of a text file; a blank stands for any number of blanks and tabs. */
export type Delimiter = ';' | ',' | '\t' | '|' | ' ';

/** So many rows are looked at before a file is read: enough to know days from months in every file of daily prices. */
export const SAMPLE_ROWS = 2000;

/** Gathers the first rows, and gives all batches again after them. */
export async function sampleRows(
  batches: AsyncIterable<RowBatch>,
): Promise<Pick<RowSource, 'sample' | 'batches' | 'close'>> {
  const rest = batches[Symbol.asyncIterator]();
  const seen: RowBatch[] = [];
  let count = 0;
  while (count < SAMPLE_ROWS) {
    const { value, done } = await rest.next();
    if (done) break;
    seen.push(value);
    count += value.rows.length;
  }
  const sample = seen.flatMap(({ rows }) => rows).slice(0, SAMPLE_ROWS);
  const close = async () => {
    await rest.return?.(undefined);
  };
  return { sample, batches: () => resume(seen, rest), close };
}

async function* resume(seen: RowBatch[], rest: AsyncIterator<RowBatch>): AsyncGenerator<RowBatch> {
  // Let go one by one: what was looked at need not stay in memory.
  for (let batch = seen.shift(); batch !== undefined; batch = seen.shift()) yield batch;
  yield* { [Symbol.asyncIterator]: () => rest };
}
