import { type Header, parseHeader } from './header.js';
import { readLineBatches, type SourceLine } from './lines.js';
import type { PriceBatch, PriceSource, SourceInput } from './price-source.js';
import { parsePrices } from './prices.js';

/** CoinMarketCap's CSV export (semantics.md §1), read line by line: memory does not grow with the file. */
export const CSV_SOURCE: PriceSource = {
  format: 'csv',
  words: { records: 'lines', record: 'line', field: 'column', whole: 'file' },
  describePlace: (line) => `line ${line}`,
  // Whatever no other source claims: its header says what is wrong with it.
  isBegunBy: () => true,
  open: async (input) => ({ asset: null, readBatches: (id) => readCsv(input, id) }),
};

async function* readCsv({ path, chunks }: SourceInput, id: number): AsyncGenerator<PriceBatch> {
  let header: Header | null = null;
  let previous: SourceLine | null = null;
  let count = 0;
  for await (const { lines, bytes } of readLineBatches(chunks, path)) {
    if (header === null) {
      const first = lines.shift();
      if (first === undefined) continue;
      header = parseHeader(first.text, `${path} line ${first.number}`);
    }
    const { separator, hasCirculatingSupply } = header;
    const absent = hasCirculatingSupply ? [] : (['circulatingsupply'] as const);
    yield { ...parsePrices(lines, { header, id, previous }), bytes, layout: { separator, absent } };
    previous = lines.at(-1) ?? previous;
    count += lines.length;
  }
  if (header === null)
    throw new Error(`${path} is empty: expected the header line of a CoinMarketCap export`);
  if (count === 0) throw new Error(`${path} has a header but no lines after it: expected one line per day`);
}
