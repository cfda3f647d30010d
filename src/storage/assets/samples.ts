/** Sample data in a schema: prices of the market never come to lie beside it. */
import type { Tx } from '../session/database.js';

/** What the rows of sample data have in source_file. */
export const SAMPLE_SOURCE = 'sample data (synthetic)';

/** Whether the schema holds sample data of these ids. */
export async function findHasSamples(tx: Tx, ids: readonly number[]): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select exists (select from unnest($1::int[]) sample (id)
       join cmc_price_histories7 p on p.id = sample.id and p.source_file = $2)`,
    [ids, SAMPLE_SOURCE],
  );
  return rows[0]?.[0] === true;
}
