import type { SaidAsset } from './asset.js';
import type { OpenedSource, PriceBatch, PriceSource, SourceInput } from './price-source.js';
import { FILE_QUOTES } from './quote-formats.js';

/** JSON is parsed as a whole; ninety thousand days are about this long, five thousand (14 years) about 2 MB. */
export const MAX_JSON_BYTES = 32 << 20;
const QUOTES_PER_BATCH = 5000;

/**
 * CoinMarketCap's JSON: `quotes` as its site's data-api gives them, or as its API's cryptocurrency/ohlcv/historical does
 * (times with underscores, `quote` keyed by currency), bare or within `data`.
 */
export const JSON_SOURCE: PriceSource = {
  ...FILE_QUOTES,
  isBegunBy: (firstLetter) => firstLetter === '{' || firstLetter === '[',
  open: openJson,
};

async function openJson(input: SourceInput): Promise<OpenedSource> {
  const { absentColumns, parseQuotes } = await import('./json-quotes.js');
  const { asset, quotes, bytes } = await readQuotes(input);
  if (quotes.length === 0) throw new Error(`${input.path}: "quotes" is empty: expected one for each day`);
  const layout = { separator: null, absent: absentColumns(quotes) };
  return {
    asset,
    async *readBatches(id): AsyncGenerator<PriceBatch> {
      for (let first = 0; first < quotes.length; first += QUOTES_PER_BATCH) {
        const batch = quotes.slice(first, first + QUOTES_PER_BATCH);
        yield { ...parseQuotes(batch, { id, first, currency: asset?.currency }), bytes, layout };
      }
    },
  };
}

/** The quotes of a document, none or more, and the asset beside them. Throws Error when it holds no list of quotes. */
export async function readQuotes(
  input: SourceInput,
): Promise<{ asset: SaidAsset | null; quotes: readonly unknown[]; bytes: number }> {
  const { text, bytes } = await readText(input);
  // Only those who read JSON pay for the schema library.
  const { findQuotes } = await import('./json-quotes.js');
  return { ...findQuotes(parseJson(text, input.path), input.path), bytes };
}

async function readText({ path, chunks }: SourceInput): Promise<{ text: string; bytes: number }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) {
      throw new Error(
        `${path} is larger than ${MAX_JSON_BYTES >> 20} MB, the most that a JSON file may have: split it by years, or load a CSV file, which may be of any size`,
      );
    }
    parts.push(chunk);
  }
  return { text: Buffer.concat(parts).toString('utf8').trim(), bytes };
}

/** Strings, which are passed over, and the numbers that some programs write although JSON has none such. */
const STRING_OR_NOTHING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[+-]?\b(?:NaN|Infinity)\b/g;

function parseJson(text: string, path: string): unknown {
  const plain = text.replace(STRING_OR_NOTHING, (found) => (found.startsWith('"') ? found : 'null'));
  try {
    return JSON.parse(plain);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} is not whole JSON: expected CoinMarketCap's quotes, found: ${reason}`, {
      cause: error,
    });
  }
}
