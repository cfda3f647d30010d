/** While EMAs wait for the repair of changed bars, no view and no function shows what the change has made untrue. */
import { describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { keepTimeframes } from '../support/verify.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const CHANGED = 52;
const OTHER = 1;
const DAYS = 120;
const DAYS_AGO = 30;
const TODAY = `(now() at time zone 'UTC')::date`;

/** Everything that shows EMAs day by day, as something to select from. */
const SHOWN = [
  ...['', '_cal_us', '_cal_iso', '_cal_anchor_us', '_cal_anchor_iso', '_v2'].map(
    (name) => `cmc_ema_multi_tf${name}`,
  ),
  'cmc_ema_multi_tf_u',
  `(select s.* from dim_assets a cross join lateral ema_series(a.id, '7D', 6) s) v`,
  `(select s.* from dim_assets a cross join lateral ema_series(a.id, '3D', 6, alignment => 'v2') s) v`,
];

/** Rows of an asset before the changed day, and from it on. */
async function countRows(warehouse: Warehouse, shown: string, id: number): Promise<unknown[] | undefined> {
  const day = `(ts at time zone 'UTC')::date`;
  const [counts] = await warehouse.query(
    `select count(*) filter (where ${day} < ${TODAY} - ${DAYS_AGO})::int,
       count(*) filter (where ${day} >= ${TODAY} - ${DAYS_AGO})::int from ${shown} where id = $1`,
    [id],
  );
  return counts;
}

const countAll = (warehouse: Warehouse, id: number) =>
  Promise.all(SHOWN.map(async (shown) => [shown, ...((await countRows(warehouse, shown, id)) ?? [])]));

/** What shows the newest values: rows of an asset, and whether one is of a day that has changed. */
async function readNewest(warehouse: Warehouse, id: number) {
  const newest = ['ema_latest', `(select * from ema_asof(${TODAY})) v`].map(async (shown) => {
    const [row] = await warehouse.query<[number, boolean]>(
      `select count(*)::int, coalesce(bool_or((ts at time zone 'UTC')::date >= ${TODAY} - ${DAYS_AGO}), false)
       from ${shown} where id = $1`,
      [id],
    );
    return row;
  });
  return Promise.all(newest);
}

describe.each(SERVERS)('on $server', ({ options }) => {
  test('a close of a month ago is corrected and only bars are refreshed', async () => {
    const warehouse = await createWarehouse(options, [{ ids: [OTHER, CHANGED], days: DAYS }]);
    await keepTimeframes(warehouse.database);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const before = { changed: await countAll(warehouse, CHANGED), other: await countAll(warehouse, OTHER) };
    for (const [shown, earlier, later] of before.changed)
      expect([Number(earlier) > 0, Number(later) > 0], String(shown)).toEqual([true, true]);
    const newest = await readNewest(warehouse, CHANGED);
    expect(newest.map((row) => row?.[1])).toEqual([true, true]);
    await warehouse.execute(
      `update cmc_price_histories7 set close = close * 1.5, high = high * 2
       where id = $1 and (timestamp at time zone 'UTC')::date = ${TODAY} - ${DAYS_AGO}`,
      [CHANGED],
    );
    await expectExit(0, warehouse.run(['refresh', '--bars']));

    expect(await countAll(warehouse, CHANGED)).toEqual(
      before.changed.map(([shown, earlier]) => [shown, earlier, 0]),
    );
    expect(await countAll(warehouse, OTHER)).toEqual(before.other);
    const [latest, asOf] = await readNewest(warehouse, CHANGED);
    expect(latest).toEqual([0, false]);
    expect(asOf?.[1]).toBe(false);
    expect((await readNewest(warehouse, OTHER)).map((row) => row?.[1])).toEqual([true, true]);

    await expectExit(0, warehouse.run(['refresh', '--emas']));
    expect(await countAll(warehouse, CHANGED)).toEqual(before.changed);
    expect(await readNewest(warehouse, CHANGED)).toEqual(newest);
    await warehouse.drop();
  });
});
