/** Some rows of a source, and what it holds in all. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import type { DailyPrice } from '../../domain/prices/price.js';
import { readRows } from '../copy/copy.js';
import type { Tx } from '../session/database.js';
import { PRICE_TYPES, priceOfCells } from './prices.js';
import { selectNewest } from './select.js';
import type { Source, SourcePart } from './source.js';

/** The newest rows of a source of one part, whatever their asset, newest first. */
export async function readSample(
  tx: Tx,
  source: Source,
  rows: number,
): Promise<{ id: number; price: DailyPrice }[]> {
  const part = source.parts[0] as SourcePart;
  const found: { id: number; price: DailyPrice }[] = [];
  await readRows(tx, { select: selectNewest(part, rows), types: PRICE_TYPES }, (cells) => {
    const [id, price] = priceOfCells(cells);
    found.push({ id, price });
  });
  return found;
}

/** How many assets a part has rows of, and its first and last day. */
export async function readSourceSpan(
  tx: Tx,
  { relation, projection }: SourcePart,
): Promise<{ assets: number; firstDay: Day | null; lastDay: Day | null }> {
  const rows = await tx.query<[number, number | null, number | null]>(
    `select count(distinct id), min(ts), max(ts) from (
       select ${projection.idColumn}::bigint as id, ${projection.ts} as ts from ${relation} src where ${projection.isFinite}) q`,
  );
  const [assets, firstUs, lastUs] = rows[0] ?? [0, null, null];
  const day = (us: number | null) => (us === null ? null : dayOfUs(us));
  return { assets, firstDay: day(firstUs), lastDay: day(lastUs) };
}
