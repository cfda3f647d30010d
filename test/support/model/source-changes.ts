/** Writes to the source of a world: what a loader, a correction or an accident does to it. */
import { DAY_US } from '../../../src/domain/calendar/day.js';
import type { Database, Tx } from '../../../src/storage/session/database.js';
import { insertPrices } from '../component-runs.js';
import { type HistoryShape, pricesOf } from '../histories.js';
import type { Change, ChangeKind } from './operations.js';

/** Rows that a source has lost, by its retention or by accident. */
export const LOST_ROWS = 'lost_rows';

/** No generated day lies in the future. */
const LAST_DAY = 20_000;
const FIRST_DAY = 17_000;

const PICKED = `(select id, timestamp from SOURCE where id = $1 order by timestamp
  offset $2 % (select greatest(count(*), 1) from SOURCE where id = $1) limit 1)`;

/** A copy of a row, some time later or earlier. */
const copyShifted = (shift: string, where: string) =>
  `insert into SOURCE (id, name, timeopen, timeclose, timehigh, timelow, timestamp, open, high, low, close, volume,
     marketcap, source_file, load_ts)
   select id, name, timeopen + d, timeclose + d, timehigh + d, timelow + d, timestamp + d, open * 1.25, high * 1.25,
     low * 1.25, close * 1.25, volume, marketcap, source_file, load_ts
   from SOURCE, (select ${shift}) x (d) where ${where} on conflict do nothing`;

/** Some ratio, of units in which volume is counted or not. */
const recordSplit = (day: string, where: string) =>
  `insert into dim_asset_split (id, day, new_units, old_units, volume_in_units)
   select id, ${day}, (array[2, 3, 1, 10, 7])[1 + $2 % 5], (array[1, 2, 10, 1, 3])[1 + $2 % 5], $2 % 3 = 0
   from SOURCE where ${where} on conflict do nothing`;

const update = (set: string) => `update SOURCE set ${set} where (id, timestamp) = PICKED`;

/** SQL of a change; $1 the asset, $2 a number that picks a row. SOURCE stands for the table. */
const CHANGE_SQL: Readonly<Record<ChangeKind, string>> = {
  close: update('close = close * 1.5'),
  newest_close: `update SOURCE set close = close * 1.5 where (id, timestamp) = (
    select id, timestamp from SOURCE where id = $1 order by timestamp desc offset $2 % 5 limit 1)`,
  high: update('high = high * 2'),
  volume: update('volume = coalesce(volume, 0) + 1'),
  close_time: update("timeclose = timeclose - interval '1 s'"),
  not_a_number: update("close = 'NaN'"),
  negative: update('low = -1'),
  touch: update('source_file = source_file'),
  delete: 'delete from SOURCE where (id, timestamp) = PICKED',
  delete_newest: `delete from SOURCE where id = $1 and $2 >= 0
    and timestamp = (select max(timestamp) from SOURCE where id = $1)`,
  duplicate_day: copyShifted("interval '-1 s'", '(id, timestamp) = PICKED'),
  older_day: copyShifted(
    "interval '1 day' * -(1 + $2 % 40)",
    'id = $1 and timestamp = (select min(timestamp) from SOURCE where id = $1)',
  ),
  fill_gap: copyShifted("interval '1 day'", '(id, timestamp) = PICKED'),
  new_day: copyShifted(
    "interval '1 day' * (1 + $2 % 9)",
    `id = $1 and timestamp = (select max(timestamp) from SOURCE where id = $1)
     and timestamp < timestamptz '1970-01-01Z' + ${LAST_DAY - 10} * interval '1 day'`,
  ),
  first_day: `insert into SOURCE (id, name, timeopen, timeclose, timehigh, timelow, timestamp, open, high, low, close,
      volume, marketcap, source_file, load_ts)
    select $1, 'first', d, d + l, d, d, d + l, 10, 11, 9, 10, 1, 1, 'first', d + interval '2 days'
    from (select timestamptz '1970-01-01Z' + interval '1 day' * (15000 + $2 % 900) as d, interval '86399.999 s' as l) x
    where not exists (select from SOURCE where id = $1)`,
  split: recordSplit('timestamp::date', '(id, timestamp) = PICKED'),
  announce_split: recordSplit(
    'timestamp::date + 1 + $2 % 9',
    'id = $1 and timestamp = (select max(timestamp) from SOURCE where id = $1)',
  ),
  remove_split: `delete from dim_asset_split where (id, day) = (
    select id, day from dim_asset_split where id = $1 order by day
    offset $2 % (select greatest(count(*), 1) from dim_asset_split where id = $1) limit 1)`,
};

/** Makes one change in the open transaction; returns how many rows it wrote. */
export function writeChange(tx: Tx, source: string, { kind, id, row }: Change): Promise<number> {
  return tx.execute(CHANGE_SQL[kind].replaceAll('PICKED', PICKED).replaceAll('SOURCE', source), [id, row]);
}

/** New days after the newest of an asset (its first ones when it has none). */
export async function appendPrices(
  database: Database,
  source: string,
  { id, shape }: { id: number; shape: HistoryShape },
): Promise<number> {
  const rows = await database.read((tx) =>
    tx.query<[number | null]>(`select max(timestamp) from ${source} where id = $1`, [id]),
  );
  const newestUs = rows[0]?.[0] ?? null;
  const firstDay =
    newestUs === null ? Math.min(shape.firstDay, FIRST_DAY) : Math.floor(newestUs / DAY_US) + 1;
  const prices = pricesOf({ ...shape, firstDay }).filter(
    ({ timestampUs }) => timestampUs < LAST_DAY * DAY_US,
  );
  return insertPrices(database, id, prices, { table: source });
}

/** Deletes a share of an asset's rows; they are put aside in LOST_ROWS. */
export function deleteShare(
  database: Database,
  source: string,
  { id, share }: { id: number; share: number },
): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `with gone as (
         delete from ${source} where id = $1 and timestamp in (
           select timestamp from ${source} where id = $1 order by md5(timestamp::text)
           limit (select ceil(count(*) * $2::float8) from ${source} where id = $1))
         returning *)
       insert into ${LOST_ROWS} select * from gone`,
      [id, share],
    ),
  );
}

/** The oldest days of an asset leave the source, never the last one; they are put aside in LOST_ROWS. */
export function loseOldest(
  database: Database,
  source: string,
  { id, days }: { id: number; days: number },
): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `with gone as (
         delete from ${source} where id = $1 and timestamp::date in (
           select day from (select distinct timestamp::date as day from ${source} where id = $1) d
           where day < (select max(timestamp)::date from ${source} where id = $1) order by day limit $2)
         returning *)
       insert into ${LOST_ROWS} select * from gone`,
      [id, days],
    ),
  );
}

/** Rows that were put aside come back as they were, all of them or every n-th. */
export function bringBack(
  database: Database,
  source: string,
  { id, every }: { id: number; every: number },
): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `with back as (
         delete from ${LOST_ROWS} where id = $1 and (timestamp::date - date '1970-01-01') % $2 = 0 returning *)
       insert into ${source} select * from back on conflict do nothing`,
      [id, every],
    ),
  );
}

/** The upsert of a loader that delivers the same rows again. */
export function upsertAgain(database: Database, source: string, id: number): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `insert into ${source} select * from ${source} where id = $1
       on conflict (id, timestamp) do update set open = excluded.open, close = excluded.close`,
      [id],
    ),
  );
}
