/** Daily prices made by the database: a wave that depends on asset and day only, whichever call inserts it. */
import type { Database } from '../../src/storage/session/database.js';

export interface PriceSpan {
  ids: readonly number[];
  /** Number of days. */
  days: number;
  /** Days from the newest one to today (UTC, database clock): 1 is yesterday, which is fresh. */
  endsDaysAgo?: number;
  /** The table to insert into, with the columns of cmc_price_histories7. */
  table?: string;
}

/** Inserts prices of consecutive days; returns how many rows. `load_ts` is some hours after the end of the day, so that equal days are equal rows. */
export function writePrices(
  database: Database,
  { ids, days, endsDaysAgo = 1, table = 'cmc_price_histories7' }: PriceSpan,
): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `insert into ${table} (id, name, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close,
         volume, marketcap, source_file, load_ts)
       select id, '2781', midnight + interval '86399.999 s', midnight, midnight + interval '86399.999 s',
         midnight + interval '5 h', midnight + interval '7 h', open, greatest(open, close) * 1.01,
         least(open, close) * 0.99, close, 1000 + n % 17, close * 1e6, 'generated', midnight + interval '30 h'
       from unnest($1::int[]) id, generate_series(1, $2::int) k,
         lateral (select (now() at time zone 'UTC')::date - $3::int - ($2::int - k) as day) d,
         lateral (select day - date '2000-01-01' as n, day::timestamp at time zone 'UTC' as midnight) m,
         lateral (select (id % 7 + 1) * (100 + 20 * sin((n - 1) / 5.0) + 7 * sin((n - 1) * 1.7)) as open,
           (id % 7 + 1) * (100 + 20 * sin(n / 5.0) + 7 * sin(n * 1.7)) as close) p`,
      [ids, days, endsDaysAgo],
    ),
  );
}
