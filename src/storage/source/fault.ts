/** Looks at some rows of a source before a run reads it: is it wrong as a whole? */
import type { DailyPrice } from '../../domain/prices/price.js';
import { describeFault, findFault, notRead } from '../../domain/source/fault.js';
import { type ColumnType, readRows } from '../copy/copy.js';
import type { Tx } from '../session/database.js';
import { PRICE_TYPES, priceOfCells } from './prices.js';
import { readProposal } from './propose.js';
import { readGuarded } from './readable.js';
import { selectNewestOf } from './select.js';
import type { Source, SourcePart } from './source.js';

const ASSETS = 20;
const ROWS = 60;

/**
 * The source with what is wrong with its parts, each with the description that would fit. Tables whose changes are noted
 * are read row by row and were judged when they were filled. A part of which some rows cannot be read is not judged: who
 * has them is found asset by asset.
 */
export async function readFaults(tx: Tx, source: Source, ids: readonly number[]): Promise<Source> {
  const parts: SourcePart[] = [];
  for (const part of source.parts) {
    const looked = part.isTracked ? null : await readGuarded(tx, () => faultOf(tx, part, ids));
    parts.push({ ...part, fault: looked !== null && 'found' in looked ? looked.found : null });
  }
  return { ...source, parts };
}

async function faultOf(tx: Tx, part: SourcePart, ids: readonly number[]): Promise<string | null> {
  const prices = new Map<number, DailyPrice[]>();
  const scope = { ids: ids.slice(0, ASSETS), rows: ROWS };
  await readRows(tx, { select: selectNewestOf(part, scope), types: PRICE_TYPES as ColumnType[] }, (cells) => {
    const [id, price] = priceOfCells(cells);
    prices.set(id, [...(prices.get(id) ?? []), price]);
  });
  const fault = findFault([...prices.values()], part.rowsOf);
  if (fault === null) return null;
  const table = part.description?.table ?? `${part.schema}.${part.name}`;
  const { description } = await readProposal(tx, table);
  return (
    `${notRead(part.label)}: ${describeFault(fault)}. ` +
    `"barwright source add ${table}" proposes how it can be described, as "sources": ${JSON.stringify({ [part.name]: description })}; ` +
    'rows that are no days need a view that makes days of them'
  );
}
