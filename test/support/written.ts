/** Counts rows that were written and committed, however often: by triggers, which no process of a test can go around. */
import type { Warehouse } from './warehouse.js';

const TABLES = ['cmc_price_bars_1d', 'price_bars', 'ema_points'];

/** Writes of one table: how many, of how many rows, and of which. */
export interface Written {
  table: string;
  writes: number;
  rows: number;
  hash: string;
}

/** Begins to count. */
export async function countWrites(warehouse: Warehouse): Promise<void> {
  await warehouse.execute('create table barwright_test_written (place text not null, key text not null)');
  await warehouse.execute(
    `create function barwright_test_write() returns trigger language plpgsql security definer set search_path = public as $$
     begin
       insert into barwright_test_written
       select tg_table_name, concat_ws(' ', r ->> 'id', r ->> 'alignment', r ->> 'tf', r ->> 'bar_seq')
       from (select to_jsonb(n) as r from written n) q;
       return null;
     end $$`,
  );
  for (const table of TABLES) {
    for (const event of ['insert', 'update'])
      await warehouse.execute(
        `create trigger barwright_test_${event} after ${event} on ${table}
         referencing new table as written for each statement execute function barwright_test_write()`,
      );
  }
}

/** What was written since, table by table. */
export async function readWrites(warehouse: Warehouse): Promise<Written[]> {
  const rows = await warehouse.query<[string, number, number, string]>(
    `select place, count(*), count(distinct key), md5(string_agg(key, ',' order by key collate "C"))
     from barwright_test_written group by place order by place`,
  );
  return rows.map(([table, writes, rowCount, hash]) => ({ table, writes, rows: rowCount, hash }));
}
