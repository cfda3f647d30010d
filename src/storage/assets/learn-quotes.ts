/** Currencies of assets whose sources have said them and that dim_assets does not know yet. */

import type { Tx } from '../session/database.js';
import type { RowMarks } from './quotes.js';

/** The marks of the newest 1D bar of each asset without a currency: most say nothing, and cost one row. */
async function listNewestMarks(tx: Tx): Promise<(RowMarks & { id: number })[]> {
  const rows = await tx.query<[number, string | null, string | null]>(
    `select a.id, b.src_name, b.src_file from dim_assets a
     join cmc_price_bars_1d_state s on s.id = a.id
     join cmc_price_bars_1d b on b.id = s.id and b.bar_seq = s.bar_seq
     where a.quote_currency is null order by a.id`,
  );
  return rows.map(([id, name, source]) => ({ id, name, source }));
}

/**
 * The marks of all 1D bars of those assets without a currency whose newest bar passes `isTelling`, each pair once, by
 * asset.
 */
export async function listUnknownMarks(
  tx: Tx,
  isTelling: (marks: RowMarks) => boolean,
): Promise<Map<number, RowMarks[]>> {
  const ids = (await listNewestMarks(tx)).filter(isTelling).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, string | null, string | null]>(
    `select id, src_name, src_file from cmc_price_bars_1d where id = any($1) group by 1, 2, 3 order by 1, 2, 3`,
    [ids],
  );
  const marks = rows.map(([id, name, source]) => ({ id, name, source }));
  return Map.groupBy(marks, ({ id }) => id);
}
