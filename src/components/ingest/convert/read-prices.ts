/** Rows of a file as prices of an asset, in the order of the file. Judging prices is not done here (semantics.md §2). */
import { type Day, dayOfUs } from '../../../domain/calendar/day.js';
import type { AbsentColumn, StagedPrice } from '../../../storage/prices/staging.js';
import { type BadLine, cutValue, type PriceBatch } from '../prices/price-source.js';
import type { Row } from '../read/rows/rows.js';
import { refuseOtherAssets, refuseOtherCurrencies } from './assets-of-rows.js';
import { readRow } from './read-row.js';
import type { Reading } from './reading.js';

/** The prices of a file, batch by batch. Throws Error for rows of several assets or in several currencies. */
export async function* readPrices(reading: Reading, id: number): AsyncGenerator<PriceBatch> {
  const { source, layout } = reading;
  const priceLayout = { separator: source.delimiter, absent: absentColumns(reading) };
  const isOurs = refuseOtherAssets(reading);
  const checkCurrency = refuseOtherCurrencies(reading);
  const wanted = new Set(layout.places.values());
  const isLastRead = wanted.has(layout.width - 1);
  for await (const { rows, bytes } of source.batches(wanted)) {
    const prices: StagedPrice[] = [];
    const bad: BadLine[] = [];
    const unfinished: Day[] = [];
    let open: PriceBatch['open'];
    for (const row of rows) {
      if (!isOurs(row)) continue;
      checkCurrency(row);
      const found = row.broken === undefined ? readRow(row, reading, id) : brokenLine(row, row.broken);
      if ('expected' in found) bad.push(found);
      else if (layout.format.isOpen?.(row.cells, source.facts)) unfinished.push(dayOfUs(found.timestampUs));
      else {
        prices.push(found);
        if (row.isOpen && isLastRead) open = { line: row.line, value: cutValue(row.cells.at(-1) ?? '') };
      }
    }
    yield { prices, bad, unfinished, bytes, layout: priceLayout, ...(open !== undefined && { open }) };
  }
}

function brokenLine({ line }: Row, { expected, value }: { expected: string; value: string }): BadLine {
  return { line, column: null, value: cutValue(value), expected };
}

function absentColumns({ layout: { places, format } }: Reading): AbsentColumn[] {
  const absent: AbsentColumn[] = [];
  if (!places.has('name')) absent.push('name');
  if (!(format.hasTimes && places.has('timeHigh'))) absent.push('timehigh');
  if (!(format.hasTimes && places.has('timeLow'))) absent.push('timelow');
  if (!places.has('volume')) absent.push('volume');
  if (!places.has('marketCap')) absent.push('marketcap');
  if (!places.has('circulatingSupply')) absent.push('circulatingsupply');
  return absent;
}
