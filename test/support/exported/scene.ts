/** A small warehouse whose assets have what files can get wrong, and its rows as SQL has them. */
import { expect } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.js';
import { writePrices } from '../prices.js';
import { expectExit, type Warehouse, warehouseOf } from '../warehouse.js';
import type { Row } from './read-files.js';

/**
 * Asset 1 as it comes, 2 with a split, 3 with days missing and a text that a spreadsheet would compute, 4 with bars
 * and EMAs of which only some have come as far as its 1D bars, 5 without a day. Nobody is connected to it, so that it can be cloned.
 */
export async function createExportScene(): Promise<TestDatabase> {
  const template = await createTestDatabase();
  const filled = warehouseOf(template);
  await filled.execute(`delete from dim_timeframe where tf_days > 31 or tf in ('2D', '3D', '4D', '5D')`);
  await filled.execute('delete from dim_period where period > 21');
  await writePrices(filled.database, { ids: [1, 2, 3], days: 150 });
  await writePrices(filled.database, { ids: [4], days: 140, endsDaysAgo: 11 });
  await filled.execute(
    `delete from cmc_price_histories7 where id = 3 and (extract(day from timestamp) in (3, 4, 30) or extract(isodow from timestamp) = 7)`,
  );
  await filled.execute(
    `update cmc_price_histories7 set name = '=1+1', volume = null where id = 3 and extract(day from timestamp) = 8`,
  );
  await expectExit(0, filled.run(['indicator', 'add', 'rsi_14', 'macd_3_6_4']));
  await expectExit(0, filled.run(['refresh', '--all']));
  const [day] = await filled.query<[string]>(`select ((now() at time zone 'UTC')::date - 40)::text`);
  await expectExit(0, filled.run(['asset', 'split', '2', '--on', String(day?.[0]), '--ratio', '2:1']));
  await writePrices(filled.database, { ids: [4], days: 10 });
  await expectExit(0, filled.run(['refresh', '--all', '--ids', '1,2,3']));
  await expectExit(0, filled.run(['bars', '--ids', '4', '--tfs', '7D,1W_CAL_US']));
  await expectExit(0, filled.run(['emas', '--ids', '4', '--tfs', '7D']));
  await filled.execute(`insert into dim_assets (id, name) values (5, 'empty')`);
  await filled.database.close();
  return template;
}

/** A copy of the scene. */
export async function cloneScene(template: TestDatabase): Promise<Warehouse> {
  return warehouseOf(await createTestDatabase({ template: new URL(template.url).pathname.slice(1) }));
}

/** The rows of each kind by SQL, in the order of the files. */
export const SELECTS: Record<string, string> = {
  daily: `select id, bar_seq, timestamp, time_open, time_close, time_high, time_low, open, high, low, close, volume, market_cap,
    src_load_ts, repaired_timehigh, repaired_timelow, repaired_high, repaired_low, src_name, src_file,
    (timestamp at time zone 'UTC')::date as day from cmc_price_bars_1d order by id, bar_seq`,
  bars: `select v.* from (select * from price_bars_daily where not is_partial_end) v join dim_timeframe d
    on d.alignment::text = v.alignment and d.tf = v.tf order by v.id, d.alignment, d.tf_days, v.tf, v.day`,
  snapshots: `select v.* from price_bars_daily v join dim_timeframe d
    on d.alignment::text = v.alignment and d.tf = v.tf order by v.id, d.alignment, d.tf_days, v.tf, v.day`,
  emas: `select v.id, regexp_replace(alignment_source, '^multi_tf_', '') as alignment, v.tf, ts, period, v.tf_days, roll, roll_bar,
    ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar, d2_roll_bar, day
    from cmc_ema_multi_tf_u v join dim_timeframe d on d.alignment::text = regexp_replace(alignment_source, '^multi_tf_', '')
    and d.tf = v.tf order by v.id, d.alignment, d.tf_days, v.tf, period, day`,
  indicators: `select v.id, v.alignment::text as alignment, v.tf, day, ts, name, value from indicators v join dim_timeframe d
    on d.alignment = v.alignment and d.tf = v.tf order by v.id, d.alignment, d.tf_days, v.tf, name, day`,
};

/** The same rows as SQL has them, without the time at which a run last took in days. */
export async function askRows(warehouse: Warehouse, select: string): Promise<Row[]> {
  const names = await warehouse.query<[string]>(
    `select key from (${select} limit 1) r cross join lateral json_each(row_to_json(r)) with ordinality j (key, value, n) order by n`,
  );
  const rows = await warehouse.query<Row[string][]>(select);
  return rows.map((row) => {
    const { ingested_at: _, ...rest } = Object.fromEntries(
      names.map(([name], at) => [name, row[at] as Row[string]]),
    );
    return rest;
  });
}

/** What the views work out otherwise than the kernel: with powers, in one step for all days since the last close. */
const WORKED_OUT = ['ema', 'd1', 'd2', 'd1_roll', 'd2_roll'];

/** Bit for bit, but for EMAs between closes. */
export function expectSame(found: readonly Row[], expected: readonly Row[]): void {
  expect(found.length).toBe(expected.length);
  const differing = found.flatMap((row, index) => {
    const other = expected[index] ?? {};
    return Object.keys(other).flatMap((name) => {
      const [a, b] = [row[name], other[name]];
      if (Object.is(a, b)) return [];
      const isStored = row.roll === false && row.alignment !== 'v2' && !name.endsWith('_roll');
      const isNear =
        WORKED_OUT.includes(name) && !isStored && Math.abs(Number(a) - Number(b)) <= 1e-12 * Number(row.ema);
      return isNear && a !== null && b !== null ? [] : [`${JSON.stringify(row)} ${name}: ${b}`];
    });
  });
  expect(differing.slice(0, 3)).toEqual([]);
  expect(Object.keys(found[0] ?? {})).toEqual(Object.keys(expected[0] ?? {}));
}
