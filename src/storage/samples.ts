/** Sample data in a schema: prices of the market never come to lie beside it. */
import { UsageError } from '../domain/errors.js';
import type { Tx } from './database.js';

/** What the rows of sample data have in source_file. */
export const SAMPLE_SOURCE = 'sample data (synthetic)';

/** Throws UsageError when the schema holds sample data of these ids: prices that come in belong into another one. */
export async function checkNoSamples(tx: Tx, ids: readonly number[]): Promise<void> {
  const rows = await tx.query<[boolean]>(
    `select exists (select from unnest($1::int[]) sample (id)
       join cmc_price_histories7 p on p.id = sample.id and p.source_file = $2)`,
    [ids, SAMPLE_SOURCE],
  );
  if (rows[0]?.[0] !== true) return;
  throw new UsageError(
    'this schema holds sample data, which never mixes with prices of the market: make another one with ' +
      '"barwright init --schema NAME", and type --schema NAME here too (left out: public)',
  );
}
