import { isOfSymbol, splitSymbol, wholeMoney } from '../cells/pairs.js';
import { placeInFile } from '../cells/place.js';
import type { Layout } from '../formats/parts/format.js';
import type { Row } from '../read/rows/rows.js';
import { cellOf, type Reading } from './reading.js';

/**
 * Tells the rows of the asset that is meant from those of others. A file with a column of symbols holds one asset, or
 * --symbol says which of them: what it gives throws Error for a row of another, for it would be stored as a day of ours.
 */
export function refuseOtherAssets({ source, layout, symbol, command }: Reading): (row: Row) => boolean {
  const place = layout.places.get('symbol') ?? layout.places.get('assetName');
  if (place === undefined) return () => true;
  const isWanted = (text: string) => isOfSymbol(text, symbol);
  const chosen = source.sample.some((row) => isWanted(cellOf(row, place) ?? ''));
  let first: string | undefined;
  return (row) => {
    const text = cellOf(row, place);
    if (text === undefined || text === '') return true;
    if (chosen) return isWanted(text);
    first ??= text;
    if (text === first) return true;
    const which = splitSymbol(first).symbol;
    throw new Error(
      `${placeInFile(source, row.line)}: expected rows of one asset, found ${JSON.stringify(text.slice(0, 40))} after ${JSON.stringify(first.slice(0, 40))}. Load one of them at a time: ${command('--symbol', which)}`,
    );
  };
}

/** Gives what throws Error for a row in another currency than the first one that says its own, by a column or by its pair. */
export function refuseOtherCurrencies({ source, layout }: Reading): (row: Row) => void {
  let first: string | null = null;
  return (row) => {
    const code = currencyOfRow(row, layout);
    first ??= code;
    if (code === null || code === first) return;
    throw new Error(
      `${placeInFile(source, row.line)}: expected prices in one currency, found ${JSON.stringify(code)} after ${JSON.stringify(first)}. Put each currency into a file of its own, and load it as an asset of its own`,
    );
  };
}

function currencyOfRow(row: Row, { places }: Layout): string | null {
  const said =
    cellOf(row, places.get('currency')) || splitSymbol(cellOf(row, places.get('symbol')) ?? '').currency;
  return (
    wholeMoney(said || null)
      ?.toUpperCase()
      .slice(0, 40) ?? null
  );
}
