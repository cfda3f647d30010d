/** A table of prices in wide types, in a schema `other` of the test's: what a source may have and ours may not. */
import type { Warehouse } from './warehouse.js';

/** A day in the middle of every history. */
export const BAD_DAY = `timestamp::date = (now() at time zone 'UTC')::date - 20`;

/** Makes it with forty days of these assets, up to yesterday; `tail` follows its columns. */
export async function createRaw(
  warehouse: Warehouse,
  name: string,
  { ids, tail = '' }: { ids: readonly number[]; tail?: string },
): Promise<void> {
  await warehouse.execute(`create table other.${name} (id bigint, timestamp timestamptz, timeopen timestamptz,
    timeclose timestamptz, timehigh timestamptz, timelow timestamptz, open numeric, high numeric, low numeric,
    close numeric, volume numeric, marketcap numeric)${tail}`);
  if (tail.includes('partition'))
    await warehouse.execute(`create table other.${name}_all partition of other.${name} default`);
  await warehouse.execute(
    `insert into other.${name} select id, t + interval '86399 s', t, t + interval '86399 s', t + interval '5 h',
       t + interval '7 h', close - 1, close + 2, close - 2, close, 1000, null
     from unnest($1::int[]) id, generate_series(1, 40) k,
       lateral (select ((now() at time zone 'UTC')::date - k)::timestamp at time zone 'UTC' as t, 50 + id + k % 7 as close) p`,
    [ids],
  );
}
