/** Columns that code of the replaced system asks for: they follow from what is stored. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 800 }]);
  await warehouse.execute(
    `update cmc_price_histories7 set timelow = timelow + interval '2 days'
     where id = 52 and extract(day from timestamp at time zone 'UTC') = 20`,
  );
  await warehouse.execute(
    `update cmc_price_histories7 set open = null where id = 52 and extract(day from timestamp at time zone 'UTC') in (5, 6)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all', '--allow-late']));
});
afterAll(() => warehouse?.drop());

test('a timeframe is the same in all of its rows, and has a place of its own in the order', async () => {
  const [counts] = await warehouse.query<[number, number, number]>(
    `select count(distinct (to_jsonb(t) - 'alignment')), count(distinct tf), count(distinct sort_order) from dim_timeframe t`,
  );
  expect(counts?.[0]).toBeGreaterThan(150);
  expect(new Set(counts).size).toBe(1);
  const [kinds] = await warehouse.query<[number, number]>(
    `select count(distinct tf) filter (where alignment_type = 'tf_day' and tf_qty >= 2), count(*) filter (
       where (alignment_type = 'calendar') <> (calendar_anchor is not null)
         or allow_partial_start <> (alignment in ('cal_anchor_us', 'cal_anchor_iso'))
         or calendar_scheme <> upper(substring(alignment::text from '(us|iso)$'))) from dim_timeframe`,
  );
  expect(kinds).toEqual([90, 0]);
});

test('lengths of windows lie between the bounds, and reach them', async () => {
  const [found] = await warehouse.query<[number, number]>(
    `with windows as (
       select t.tf, t.tf_days_min, t.tf_days_max,
         (m + t.tf_qty * case t.base_unit when 'M' then interval '1 month' else interval '1 year' end)::date - m::date as days
       from dim_timeframe t cross join generate_series(date '1904-01-01', date '1992-12-01', interval '1 month') m
       where t.alignment = 'cal_us' and t.base_unit in ('M', 'Y') and (t.base_unit = 'M' or extract(month from m) = 1)
     )
     select count(*) filter (where days not between tf_days_min and tf_days_max),
       (select count(*) from (
          select tf from windows group by tf, tf_days_min, tf_days_max
          having min(days) <> tf_days_min or max(days) <> tf_days_max) t)
     from windows`,
  );
  expect(found).toEqual([0, 0]);
  const bars = await warehouse.query(
    `select b.tf, b.tf_days from price_bars b join dim_timeframe t on t.alignment = b.alignment and t.tf = b.tf
     where b.tf_days not between t.tf_days_min and t.tf_days_max limit 5`,
  );
  expect(bars).toEqual([]);
});

test('a timeframe that is added has its columns', async () => {
  await warehouse.execute(
    `insert into dim_timeframe (alignment, tf) values ('cal_anchor_us', '18M_CAL_ANCHOR')`,
  );
  const rows = await warehouse.query(
    `select label, base_unit, tf_qty, tf_days_nominal, calendar_anchor, tf_days_min, tf_days_max
     from dim_timeframe where tf = '18M_CAL_ANCHOR'`,
  );
  expect(rows).toEqual([['18 months, anchored', 'M', 18, 540, 'EOQ', 1, 550]]);
  await warehouse.execute(`delete from dim_timeframe where tf = '18M_CAL_ANCHOR'`);
});

test('a repaired row has the number of its 1D bar, a refused one that of the next bar', async () => {
  const rows = await warehouse.query<[string, number, number]>(
    `select r.action, r.bar_seq, (select count(*) from cmc_price_bars_1d b where b.id = r.id and b.timestamp < r.timestamp)
     from cmc_price_bars_1d_rejects r order by r.timestamp`,
  );
  expect(new Set(rows.map(([action]) => action))).toEqual(new Set(['repaired', 'rejected']));
  expect(rows.length).toBeGreaterThan(50);
  for (const [, barSeq, before] of rows) expect(barSeq).toBe(before + 1);
});

test('ingested_at moves with new days of the asset, in every daily view, and with nothing else', async () => {
  const views = await warehouse.query<[string]>(
    `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'ingested_at'
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'v' order by 1`,
  );
  expect(views).toHaveLength(12);
  const newest = async () => {
    const times = new Map<string, unknown>();
    for (const [view] of views)
      for (const [id, first, last] of await warehouse.query(
        `select id, min(ingested_at), max(ingested_at) from ${view}
         where id = any($1) and tf in ('2D', '1M_CAL', '1M_CAL_ANCHOR') group by id`,
        [[1, 52]],
      )) {
        expect(first).toEqual(last);
        times.set(`${view} ${id}`, last);
      }
    return times;
  };
  const before = await newest();
  expect(before.size).toBe(24);
  await expectExit(0, warehouse.run(['refresh', '--all', '--allow-late']));
  expect(await newest()).toEqual(before);
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 1 and timestamp = (select max(timestamp) from cmc_price_histories7)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all', '--allow-late']));
  for (const [key, time] of await newest())
    if (key.endsWith(' 1')) expect(time).not.toEqual(before.get(key));
    else expect(time).toEqual(before.get(key));
});

test('each day has its EMAs beside it, once', async () => {
  const sums = (view: string, ts: string) =>
    warehouse.query(
      `select period, count(*), count(distinct ${ts}), sum(ema) from ${view} where id = 1 and tf = '2D' group by 1 order by 1`,
    );
  const rows = await sums('cmc_ema_multi_tf', 'ts');
  expect(rows.length).toBeGreaterThan(10);
  expect(await sums('all_emas', 'ts')).toEqual(rows);
  expect(await sums('cmc_price_with_emas', 'bar_ts')).toEqual(rows);
});
