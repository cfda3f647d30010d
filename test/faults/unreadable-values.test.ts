/** Values that no double and no day can hold, and views that fail: they cost their asset, by name, and nobody else. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { grantSource } from '../support/user-table.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const SOURCE = 'market.feed';
const REFRESH = ['refresh', '--all', '--source', SOURCE];
const IDS = [1, 2, 3];
/** A day of asset 2 in the middle of its history. */
const BAD = `id = 2 and timestamp::date = (now() at time zone 'UTC')::date - 20`;

/** A table of wide types, and a view of it that reads like a source. */
async function createFeed(warehouse: Warehouse): Promise<void> {
  await warehouse.execute('create schema market');
  await warehouse.execute(`create table market.raw (id int, timestamp timestamptz, timeopen timestamptz,
    timeclose timestamptz, timehigh timestamptz, timelow timestamptz, late date, open numeric, high numeric, low numeric,
    close numeric, volume numeric, marketcap numeric, divisor numeric default 1)`);
  await warehouse.execute(
    `insert into market.raw (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close)
     select id, t + interval '86399 s', t, t + interval '86399 s', t + interval '5 h', t + interval '7 h', close - 1,
       close + 2, close - 2, close
     from unnest($1::int[]) id, generate_series(1, 40) k,
       lateral (select ((now() at time zone 'UTC')::date - k)::timestamp at time zone 'UTC' as t, 50 + id + k % 7 as close) p`,
    [IDS],
  );
  await warehouse.execute(`create function market.check_id(asset int) returns boolean language plpgsql immutable as
    $$ begin if asset = 2 then raise exception 'asset % is not licensed', asset; end if; return true; end $$`);
}

const COLUMNS =
  'id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap';
const PLAIN = `create view ${SOURCE} as select ${COLUMNS} from market.raw`;

const CASES: readonly [what: string, view: string, poison: string, reason: RegExp, isWarned?: boolean][] = [
  [
    'a date BC',
    PLAIN,
    `update market.raw set timestamp = '0044-03-15 23:59:59+00 BC' where ${BAD}`,
    /a row dated 0044-03-15 BC/,
  ],
  [
    'a price that is no double',
    PLAIN,
    `update market.raw set close = 1e400 where ${BAD}`,
    /, close of \d{4}-\d\d-\d\d: .*out of range/,
  ],
  [
    'a price that is too small for a double',
    PLAIN,
    `update market.raw set low = 1e-400 where ${BAD}`,
    /, low of \d{4}-\d\d-\d\d: .*out of range/,
  ],
  [
    'a date that is no time',
    PLAIN.replace('timehigh,', 'coalesce(late, timehigh::date) as timehigh,'),
    `update market.raw set late = '5874897-12-31' where ${BAD}`,
    /, time_high of \d{4}-\d\d-\d\d: .*out of range/,
  ],
  [
    'a view that divides by zero for one of its rows',
    PLAIN.replace('volume,', 'volume / divisor as volume,').replace('volume, marketcap', 'volume, marketcap'),
    `update market.raw set divisor = 0, volume = 1 where ${BAD}`,
    /, volume of \d{4}-\d\d-\d\d: division by zero/,
  ],
  [
    'a view that fails for one id',
    `${PLAIN} where market.check_id(id)`,
    'select 1',
    /its source cannot be read: asset 2 is not licensed/,
    true,
  ],
];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await createWarehouse(options);
    await warehouse.execute('insert into dim_assets (id) select unnest($1::int[])', [IDS]);
    await createFeed(warehouse);
  });
  afterEach(() => warehouse?.drop());

  test.each(CASES)('%s costs its asset, by name', async (_what, view, poison, reason, isWarned = false) => {
    await warehouse.execute(view);
    await grantSource(warehouse, SOURCE);
    for (const isFirst of [false, true]) {
      if (!isFirst) await warehouse.execute(poison);
      const { code, report } = await warehouse.report(REFRESH);
      expect(code).toBe(1);
      expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '2 failed', '3 ok']);
      expect(outcomesOf(report, 'emas').filter((each) => each.endsWith(' ok'))).toEqual(['1 ok', '3 ok']);
      expect(reasonOf(report, 'bars', 2)).toMatch(reason);
      expect(report.warnings.some((text) => text.includes('could not be asked for new assets'))).toBe(
        isWarned,
      );
    }
    const env = { BARWRIGHT_SOURCE: SOURCE };
    const plan = await expectExit(0, warehouse.run(['plan'], { env }));
    expect(plan.stdout).toMatch(reason);
    expect((await warehouse.run(['status'], { env })).stdout).toMatch(/\b3\b/);
    expect((await expectExit(0, warehouse.run(['explain', '2'], { env }))).stdout).toMatch(reason);
    // Repaired at its source, it is there with the next run.
    await warehouse.execute(`delete from market.raw where (${BAD}) or timestamp < '1900-01-01'`);
    await warehouse.execute(
      `create or replace function market.check_id(asset int) returns boolean language sql as 'select true'`,
    );
    expect(outcomesOf((await warehouse.report(REFRESH)).report, 'bars')).toEqual(['1 ok', '2 ok', '3 ok']);
  });

  test('a date BC in our own table, beside prices that were taken in', async () => {
    await warehouse.execute(
      `insert into cmc_price_histories7 (${COLUMNS}, load_ts) select ${COLUMNS}, now() from market.raw`,
    );
    await warehouse.run(['refresh', '--all']);
    await warehouse.execute(
      `update cmc_price_histories7 set timestamp = '0044-03-15 23:59:59+00 BC' where ${BAD}`,
    );
    const { report } = await warehouse.report(['refresh', '--all']);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '2 failed', '3 ok']);
    expect(reasonOf(report, 'bars', 2)).toMatch(/a row dated 0044-03-15 BC/);
    for (const command of ['status', 'plan']) expect((await warehouse.run([command])).stdout).not.toBe('');
  });
});
