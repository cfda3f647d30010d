/** The money that a described source says its prices are in, beside what is known of its assets. */
import { currencyOfCode } from '../../domain/prices/currency.js';
import { notRead } from '../../domain/source/fault.js';
import type { Tx } from '../session/database.js';
import type { SourcePart } from './source.js';

/** Why assets of a part are not read: it says another currency than the one that their prices are in. By id. */
export async function readOtherCurrencies(
  tx: Tx,
  { label, description }: SourcePart,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const said = currencyOfCode(description?.currency ?? '');
  if (said === null || ids.length === 0) return new Map();
  const rows = await tx.query<[number, string]>(
    'select id, quote_currency from dim_assets where id = any($1) and quote_currency <> $2',
    [ids, said.code],
  );
  const name = said.token === null ? said.code : `${said.code} (${said.token})`;
  return new Map(
    rows.map(([id, currency]) => [
      id,
      `${notRead(label)}: it says that prices are in ${name}, and those of id ${id} are in ${currency}. ` +
        `"barwright asset add ${id} --currency ${said.code}" says that it is in ${said.code} from now on`,
    ]),
  );
}

/** What a source taught about assets that have bars of it. */
export interface LearntQuotes {
  /** Assets whose currency is counted by this token from now on. */
  token: { name: string; code: string; ids: number[] } | null;
  /** Assets whose volume counted something else until now. */
  otherUnit: number[];
}

/**
 * Writes currency and unit of volume of a described source to the assets that its bars are of, where these are not known
 * or, for the unit, others. Returns what is new.
 */
export async function writeDescribedQuotes(tx: Tx, part: SourcePart): Promise<LearntQuotes> {
  const said = currencyOfCode(part.description?.currency ?? '');
  const volume = part.description?.volume ?? null;
  const code = said?.code ?? null;
  const token = said?.token ?? null;
  if (code === null && volume === null) return { token: null, otherUnit: [] };
  // The old values are read and locked by the statement that replaces them.
  const rows = await tx.query<[number, boolean, boolean]>(
    `with learnt as (
       select a.id, $3::text is not null and $3 <> all(a.quote_tokens) as is_token, a.volume_in <> $4 as is_other
       from dim_assets a join cmc_price_bars_1d_state s on s.id = a.id
       where s.source = $1 and ($2::text is null or coalesce(a.quote_currency, $2) = $2)
         and (a.quote_currency is null and $2 is not null or $3 is not null and $3 <> all(a.quote_tokens)
              or $4::text is not null and a.volume_in is distinct from $4)
       for update of a)
     update dim_assets a set quote_currency = coalesce(a.quote_currency, $2),
       quote_tokens = case when l.is_token then a.quote_tokens || $3 else a.quote_tokens end,
       volume_in = coalesce($4, a.volume_in)
     from learnt l where a.id = l.id returning a.id, l.is_token, coalesce(l.is_other, false)`,
    [part.label, code, token, volume],
  );
  const counted = rows.filter(([, isToken]) => isToken).map(([id]) => id);
  return {
    token:
      token === null || code === null || counted.length === 0 ? null : { name: token, code, ids: counted },
    otherUnit: rows.filter(([, , isOther]) => isOther).map(([id]) => id),
  };
}
