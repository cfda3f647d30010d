/** What the prices of assets are in, as dim_assets and stored rows say. */
import type { VolumeUnit } from '../../domain/prices/currency.js';
import type { Tx } from '../session/database.js';

export interface AssetQuote {
  /** USD; null: no source has said. */
  currency: string | null;
  /** Tokens that were taken for it, and of which that was said. */
  tokens: string[];
  volume: VolumeUnit | null;
}

/** The quote of an asset; of one that is not registered nothing is known. */
export async function readAssetQuote(tx: Tx, id: number): Promise<AssetQuote> {
  const rows = await tx.query<[string | null, string[], VolumeUnit | null]>(
    'select quote_currency, quote_tokens, volume_in from dim_assets where id = $1',
    [id],
  );
  const [currency, tokens, volume] = rows[0] ?? [null, [], null];
  return { currency, tokens, volume };
}

/** Remembers the quote of a registered asset; returns how many rows that changed. */
export async function writeAssetQuote(tx: Tx, id: number, quote: AssetQuote): Promise<number> {
  return tx.execute(
    `update dim_assets set quote_currency = $2, quote_tokens = $3, volume_in = $4
     where id = $1 and (quote_currency, quote_tokens, volume_in) is distinct from ($2, $3::text[], $4)`,
    [id, quote.currency, quote.tokens, quote.volume],
  );
}

/** The marks of rows that say what they are in (see claimOfRow), each pair once. */
export interface RowMarks {
  name: string | null;
  source: string | null;
}

/** The marks of an asset's rows in our price table. */
export async function readStoredMarks(tx: Tx, id: number): Promise<RowMarks[]> {
  const rows = await tx.query<[string | null, string | null]>(
    'select distinct name, source_file from cmc_price_histories7 where id = $1',
    [id],
  );
  return rows.map(([name, source]) => ({ name, source }));
}

/** The texts in "name" of the rows that are staged for an asset. */
export async function readStagedNames(tx: Tx): Promise<(string | null)[]> {
  return (await tx.query<[string | null]>('select distinct name from staged_prices')).map(([name]) => name);
}

/** Whether the stored prices of an asset are adjusted; null: none is stored. */
export async function readIsAdjusted(tx: Tx, id: number): Promise<boolean | null> {
  const rows = await tx.query<[boolean]>(
    `select is_adjusted from dim_assets a
     where id = $1 and exists (select from cmc_price_histories7 p where p.id = a.id)`,
    [id],
  );
  return rows[0]?.[0] ?? null;
}

/** Remembers whether the prices of a registered asset are adjusted. */
export async function writeIsAdjusted(tx: Tx, id: number, isAdjusted: boolean): Promise<void> {
  await tx.execute('update dim_assets set is_adjusted = $2 where id = $1 and is_adjusted <> $2', [
    id,
    isAdjusted,
  ]);
}
