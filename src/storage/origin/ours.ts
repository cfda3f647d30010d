/** How far ours has come, and the prices that both sides are made of. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Repairs } from '../../domain/origin/ours.js';
import type { DailyPrice } from '../../domain/prices/price.js';
import { quoteIdentifier, type Tx } from '../session/database.js';
import { readPrices } from '../source/prices.js';
import { readSource, type Source } from '../source/source.js';

/** How far ours has come; null: nothing of the asset. */
export async function readOurLastDay(tx: Tx, id: number, emasOf: Alignment | null): Promise<Day | null> {
  const rows = await tx.query<[Day | null]>(
    emasOf === null
      ? 'select last_day from cmc_price_bars_1d_state where id = $1'
      : 'select watermark_day from ema_asset_state where id = $1 and alignment = $2::bar_alignment',
    emasOf === null ? [id] : [id, emasOf],
  );
  return rows[0]?.[0] ?? null;
}

/** Days whose 1D bars were repaired, with what was. */
export async function readRepairs(tx: Tx, id: number): Promise<Map<Day, Repairs>> {
  const rows = await tx.query<[Day, boolean, boolean, boolean, boolean]>(
    `select timestamp::date, repaired_timehigh, repaired_timelow, repaired_high, repaired_low from cmc_price_bars_1d
     where id = $1 and (repaired_timehigh or repaired_timelow or repaired_high or repaired_low)`,
    [id],
  );
  return new Map(rows.map(([day, timeHigh, timeLow, high, low]) => [day, { timeHigh, timeLow, high, low }]));
}

/** Where prices may be: their own table, and the one that ours are read from. */
export interface PricePlaces {
  theirs: Source | null;
  ours: Source;
}

/** Looks for both; theirs counts when it can be read. Throws when the source of ours cannot be. */
export async function readPricePlaces(
  tx: Tx,
  { origin, source }: { origin: string; source: string | null },
): Promise<PricePlaces> {
  const ours = await readSource(tx, source);
  const [found] = await tx.query<[boolean]>(
    `select exists (
       select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = $2
         and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))`,
    [origin, THEIR_PRICES],
  );
  if (found?.[0] !== true) return { theirs: null, ours };
  const name = [origin, THEIR_PRICES].map(quoteIdentifier).join('.');
  // One that lacks a column of ours is no reason to end the comparison: then ours has to do.
  return { theirs: await readSource(tx, name).catch(() => null), ours };
}

const THEIR_PRICES = 'cmc_price_histories7';

/** All rows of an asset as they were delivered, by timestamp: those of the table that theirs is made of, where it has some. */
export async function readGiven(tx: Tx, { theirs, ours }: PricePlaces, id: number): Promise<DailyPrice[]> {
  for (const source of theirs === null ? [ours] : [theirs, ours]) {
    const rows = (await readPrices(tx, source, { ids: [id], isFromStart: true })).get(id) ?? [];
    if (rows.length > 0) return rows;
  }
  return [];
}
