/** A text as a file of prices, read in memory. */

import { readPrices } from '../../../src/components/ingest/convert/read-prices.js';
import { decideReading } from '../../../src/components/ingest/convert/reading.js';
import { headerTest, recognise } from '../../../src/components/ingest/formats/recognise.js';
import { readDelimited } from '../../../src/components/ingest/read/text/delimited.js';
import { UsageError } from '../../../src/domain/text/errors.js';

/** The prices of a text, or undefined when it is refused in words. Throws what JavaScript throws. */
export async function pricesOfText(text: string): Promise<object[] | undefined> {
  const command = (flags: string) => `barwright ingest f.csv ${flags}`;
  const flags = { dateFormat: null, decimal: null, zone: null, isAdjusted: false, symbol: null, command };
  async function* chunks() {
    yield { text, bytes: text.length };
  }
  try {
    const source = await readDelimited({ path: 'f.csv', chunks: chunks(), isHeader: headerTest(null) });
    const layout = recognise(source, { columns: null, command });
    const prices: object[] = [];
    for await (const batch of readPrices(decideReading(source, layout, flags), 1))
      prices.push(...batch.prices);
    return prices;
  } catch (error) {
    // Errors of our own words: none of those that JavaScript throws.
    if (!(error instanceof UsageError) && (error as Error).constructor !== Error) throw error;
    if ((error as Error).message.length < 10 || (error as Error).message.length > 3000) throw error;
    return undefined;
  }
}
