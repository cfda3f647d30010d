import type { SaidAsset } from '../cells/asset.js';
import { NO_HINTS } from '../prices/hints.js';
import type { OpenedSource, PriceBatch } from '../prices/price-source.js';
import { readJson } from '../read/json/json-text.js';
import { FILE_QUOTES } from './quote-formats.js';

const QUOTES_PER_BATCH = 5000;

/**
 * CoinMarketCap's JSON: `quotes` as its site's data-api gives them, or as its API's cryptocurrency/ohlcv/historical does
 * (times with underscores, `quote` keyed by currency), bare or within `data`. null: the document is something else.
 */
export async function openQuotes(
  document: unknown,
  { path, bytes }: { path: string; bytes: number },
): Promise<OpenedSource | null> {
  // Only those who read JSON pay for the schema library.
  const { absentColumns, findQuotes, isQuotesDocument, parseQuotes } = await import('./json-quotes.js');
  if (!isQuotesDocument(document)) return null;
  const { asset, quotes } = findQuotes(document, path);
  if (quotes.length === 0) throw new Error(`${path}: "quotes" is empty: expected one for each day`);
  const layout = { separator: null, absent: absentColumns(quotes) };
  return {
    format: FILE_QUOTES.format,
    label: 'CoinMarketCap',
    asset,
    hints: { ...NO_HINTS, currency: asset?.currency ?? null, volume: 'money' },
    async *readBatches(id): AsyncGenerator<PriceBatch> {
      for (let first = 0; first < quotes.length; first += QUOTES_PER_BATCH) {
        const batch = quotes.slice(first, first + QUOTES_PER_BATCH);
        yield { ...parseQuotes(batch, { id, first, currency: asset?.currency }), bytes, layout };
      }
    },
    close: async () => {},
  };
}

/** The quotes of an answer, none or more, and the asset beside them. Throws Error when it holds no list of quotes. */
export async function readQuotes({
  path,
  chunks,
}: {
  path: string;
  chunks: AsyncIterable<Buffer>;
}): Promise<{ asset: SaidAsset | null; quotes: readonly unknown[]; bytes: number }> {
  const { document, bytes } = await readJson(path, decode(chunks));
  const { findQuotes } = await import('./json-quotes.js');
  return { ...findQuotes(document, path), bytes };
}

async function* decode(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ text: string; bytes: number }> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    yield { text: decoder.decode(chunk, { stream: true }), bytes };
  }
  yield { text: decoder.decode(), bytes };
}
