/** The day of a row is the UTC day in every view and function, and what an argument names must be there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const ID = 1;
const DAYS = 60;
const ZONES = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'];
/** The functions with the arguments that give everything. */
const FUNCTIONS = [
  `bar_series(${ID}, '7D')`,
  `bar_series(${ID}, '1D')`,
  `bar_series(${ID}, '1M_CAL')`,
  `ema_series(${ID}, '7D', 6)`,
  `ema_series(${ID}, '7D', 6, alignment => 'v2')`,
  `ema_asof('2020-01-20')`,
  `indicator_series(${ID}, '1D', 'rsi_14')`,
];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createWarehouse(options);
    await warehouse.execute(
      `insert into dim_assets (id, symbol) values (${ID}, 'ONE') on conflict do nothing`,
    );
    await warehouse.execute(`insert into dim_indicator values ('rsi_14')`);
    await warehouse.execute(
      `insert into cmc_price_histories7 (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close,
         volume, load_ts)
       select ${ID}, midnight + interval '23 h', midnight, midnight + interval '23 h', midnight + interval '5 h',
         midnight + interval '7 h', 10 + n % 7, 20, 5, case when n = 30 then 'NaN'::float8 else 10 + (n + 1) % 7 end, 1,
         midnight + interval '30 h'
       from generate_series(0, ${DAYS - 1}) n,
         lateral (select (date '2020-01-01' + n)::timestamp at time zone 'UTC' as midnight) m`,
    );
    await expectExit(0, warehouse.run(['refresh', '--all', '--skip-stale-check']));
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  const readIn = (zone: string, sql: string) =>
    warehouse.database.read(async (tx) => {
      await tx.query(`select set_config('timezone', $1, true)`, [zone]);
      return tx.query<[string]>(`select day::text from ${sql} order by 1`);
    });

  test('every view with a time has a day, and three time zones of the session give the same days', async () => {
    const views = await warehouse.query<[string]>(
      `select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace and a.attname in ('ts', 'time_close', 'bar_ts')
         and c.relname not in ('price_bars_state', 'ema_asset_state')`,
    );
    expect(views.length).toBeGreaterThan(14);
    for (const [name] of views) {
      const columns = await warehouse.query(
        `select from pg_attribute where attrelid = $1::regclass and attname = 'day'`,
        [name],
      );
      expect(columns.length, `${name} has a day`).toBe(1);
    }
    for (const from of [...views.map(([name]) => `${name} where id = ${ID}`), ...FUNCTIONS]) {
      const [utc, ...others] = await Promise.all(ZONES.map((zone) => readIn(zone, from)));
      expect(utc?.length, from).toBeGreaterThan(0);
      for (const other of others) expect(other, from).toEqual(utc);
    }
  });

  test('bar_series of 1D is the 1D bars, each closed on its day', async () => {
    const shared = `id, tf, bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, volume, market_cap`;
    const rows = await warehouse.query<[number, number]>(
      `with shown as (select * from bar_series(${ID}, '1d', '2020-01-01', '2020-01-30'))
       select (select count(*) from shown where not is_partial_end and count_days = 1 and count_days_remaining = 0),
         (select count(*) from (select ${shared}, day from shown intersect
            select ${shared}, timestamp::date from cmc_price_bars_1d where id = ${ID}) q)`,
    );
    expect(rows).toEqual([[30, 30]]);
  });

  test('names of timeframes may be typed in small letters', async () => {
    const [small, large] = await Promise.all(
      ['7d', '7D'].map((tf) => warehouse.query('select * from ema_series($1, $2, 6) order by ts', [ID, tf])),
    );
    expect(large?.length).toBeGreaterThan(0);
    expect(small).toEqual(large);
  });

  test.each([
    [`bar_series(7, '7D')`, 'there is no asset 7'],
    [`bar_series(${ID}, '8X')`, /^there is no timeframe "8X": there are 1D, 2D, 3D/],
    [
      `bar_series(${ID}, '1D', alignment => 'cal_us')`,
      /^there is no timeframe "1D" of cal_us: there are 1W_CAL_US, /,
    ],
    [`bar_series(${ID}, '7D', alignment => 'weekly')`, 'there is no alignment "weekly"'],
    [`ema_series(7, '7D', 6)`, 'there is no asset 7'],
    [`ema_series(${ID}, '8X', 6)`, /^there is no timeframe "8X": there are 1D, /],
    [`ema_series(${ID}, '7D', 7)`, /^there is no period 7: there are 6, 9, /],
    [
      `ema_series(${ID}, '1M_CAL', 6, alignment => 'v2')`,
      /^there is no timeframe "1M_CAL" of v2: there are 1D, /,
    ],
    [`indicator_series(7, '1D', 'rsi_14')`, 'there is no asset 7'],
    [`indicator_series(${ID}, '8X', 'rsi_14')`, /^there is no timeframe "8X"/],
    [`indicator_series(${ID}, '1D', 'rsi_15')`, `asset ${ID} has no indicator "rsi_15": it has rsi_14`],
  ])('%s is refused: %s', async (call, message) => {
    const refused = expect(warehouse.query(`select * from ${call}`)).rejects;
    await refused.toThrow(message);
    await expect(warehouse.query(`select * from ${call}`)).rejects.toMatchObject({ code: '22023' });
  });

  test('whatever the plan is, a warehouse with nothing in it refuses too', async () => {
    const empty = await createWarehouse(options);
    await empty.execute('analyze');
    try {
      for (const settings of ['', 'set local enable_nestloop = off', 'set local enable_hashjoin = off'])
        for (const call of [
          `bar_series(7, '7D')`,
          `ema_series(7, '7D', 6)`,
          `indicator_series(7, '1D', 'rsi_14')`,
        ]) {
          const asked = empty.database.read(async (tx) => {
            if (settings !== '') await tx.execute(settings);
            return tx.query(`select * from ${call}`);
          });
          await expect(asked, call).rejects.toThrow('there is no asset 7');
        }
    } finally {
      await empty.drop();
    }
  });
});
