import type { TextChunk } from '../bytes/decode.js';

/** JSON is parsed as a whole; ninety thousand days are about this long, five thousand (14 years) about 2 MB. */
export const MAX_JSON_BYTES = 32 << 20;

/** A JSON document. Throws Error for one that is too large, or not whole. */
export async function readJson(
  path: string,
  chunks: AsyncIterable<TextChunk>,
): Promise<{ document: unknown; bytes: number }> {
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes = chunk.bytes;
    if (bytes > MAX_JSON_BYTES) {
      throw new Error(
        `${path} is larger than ${MAX_JSON_BYTES >> 20} MB, the most that a JSON document may have: split it by years, or write one record a line, or CSV; those may be of any size`,
      );
    }
    parts.push(chunk.text);
  }
  return { document: parseJson(parts.join('').trim(), path), bytes };
}

/** Strings, which are ignored, and the numbers that some programs write although JSON has none such. */
const STRING_OR_NOTHING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[+-]?\b(?:NaN|Infinity)\b/g;

/** Parses JSON in which NaN and Infinity stand for nothing. Throws SyntaxError. */
export function parseLenientJson(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NOTHING, (found) => (found.startsWith('"') ? found : 'null')));
}

function parseJson(text: string, path: string): unknown {
  try {
    return parseLenientJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} is not whole JSON: expected daily prices, found: ${reason}`, { cause: error });
  }
}
