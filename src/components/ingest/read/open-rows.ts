import type { OpenedSource } from '../prices/price-source.js';
import { openChunks } from './bytes/chunks.js';
import { decodeText, type TextChunk } from './bytes/decode.js';
import { unpack } from './bytes/unpack.js';
import type { IsHeader } from './json/json-records.js';
import type { RowSource } from './rows/rows.js';
import { readDelimited } from './text/delimited.js';

export interface OpenRowsOptions {
  readonly chunkBytes: number | undefined;
  readonly isHeader: IsHeader;
}

/** Letters that distinguish JSON, JSON lines and tables. */
const LOOKED_AT = 1 << 16;

/** The rows of a file, whatever it is made of; CoinMarketCap's JSON is no table, and is opened as it is. */
export async function openRows(
  path: string,
  { chunkBytes, isHeader }: OpenRowsOptions,
): Promise<RowSource | OpenedSource> {
  const file = await unpack(path, openChunks(path, chunkBytes));
  if (file.kind === 'parquet') return (await import('./columns/parquet.js')).readParquet(path, file);
  if (file.kind === 'arrow') return (await import('./columns/arrow.js')).readArrow(path, file);
  const text = await peekText(decodeText(path, file));
  const start = text.start.trimStart();
  if (!/^[{[]/.test(start)) return readDelimited({ path, chunks: text.chunks, isHeader });
  const { isJsonLines, readJsonLines, rowsOfDocument } = await import('./json/json-rows.js');
  if (isJsonLines(start)) return readJsonLines(path, text.chunks);
  const { readJson } = await import('./json/json-text.js');
  const { document, bytes } = await readJson(path, text.chunks);
  const { openQuotes } = await import('../quotes/json-source.js');
  return (await openQuotes(document, { path, bytes })) ?? rowsOfDocument(document, { path, bytes, isHeader });
}

async function peekText(
  chunks: AsyncGenerator<TextChunk>,
): Promise<{ start: string; chunks: AsyncGenerator<TextChunk> }> {
  const seen: TextChunk[] = [];
  let start = '';
  while (start.trimStart().length < LOOKED_AT) {
    const { value, done } = await chunks.next();
    if (done) break;
    seen.push(value);
    start += value.text;
    // What begins like a table is no JSON.
    if (/^\s*[^\s{[]/.test(start.slice(0, LOOKED_AT)) || start.length > 16 * LOOKED_AT) break;
  }
  return { start, chunks: resume(seen, chunks) };
}

async function* resume(seen: TextChunk[], rest: AsyncGenerator<TextChunk>): AsyncGenerator<TextChunk> {
  try {
    yield* seen.splice(0);
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
