/** A row is a UTC day, and its times must show it. The same for files and for what is fetched. */
import { describeShape, spanOfRow } from '../../../domain/prices/span.js';
import type { StagedPrice } from '../../../storage/prices/staging.js';
import { type BadLine, cutValue, type PriceBatch } from './price-source.js';

/** Moves prices whose times span anything but their UTC day to the bad records, in the order of the file. */
export function refuseOtherSpans<T extends Omit<PriceBatch, 'bytes'>>(batch: T): T {
  const refused: BadLine[] = [];
  const prices = batch.prices.filter((price) => {
    const span = spanOfRow(price);
    if (span.isDay) return true;
    const expected = `a row that spans one UTC day (this is ${describeShape(span.shape)})`;
    const advice = ADVICE[span.shape.kind] ?? LONGER;
    refused.push({ line: price.line, column: null, value: formatTimes(price), expected, advice });
    return false;
  });
  if (refused.length === 0) return batch;
  return { ...batch, prices, bad: [...batch.bad, ...refused].toSorted((a, b) => a.line - b.line) };
}

const LONGER =
  'Load the daily rows of the same source: barwright makes weeks, months and years of days itself';
const LOCAL = 'Load days that begin at midnight UTC, or describe a table of such days as a source';

/** What to do about rows of a shape. */
const ADVICE: Readonly<Record<string, string>> = {
  intraday: 'Load the daily rows of the same source',
  session: LOCAL,
  zone: LOCAL,
  other_day: 'Its timestamp and its times must be of one day',
};

function formatTimes({ timeOpenUs, timeCloseUs, timestampUs }: StagedPrice): string {
  const [open = '', close = '', stamp = ''] = [timeOpenUs, timeCloseUs, timestampUs].map((us) =>
    us === null ? '' : new Date(us / 1000).toISOString(),
  );
  return cutValue(close === stamp ? `${open} to ${close}` : `${open} to ${close}, timestamp ${stamp}`);
}
