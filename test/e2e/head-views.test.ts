/** init --head-views: views with the names and columns of the replaced system's head, which compare finds equal to ours. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReport } from '../support/comparing.js';
import { keepOriginSeries, ORIGIN } from '../support/origin/warehouse.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const VIEWS = ['price_bars_multi_tf_u', 'ema_multi_tf_u'];
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 150 }]);
  await keepOriginSeries(warehouse);
  // Gaps, also at the end of a month, and a repaired day.
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 52 and extract(day from timestamp at time zone 'UTC') in (1, 12, 13, 28)`,
  );
  await warehouse.execute(
    `update cmc_price_histories7 set timelow = timelow + interval '2 days'
     where id = 52 and extract(day from timestamp at time zone 'UTC') = 20`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
});
afterAll(() => warehouse?.drop());

test('they are made when they are asked for, also twice, and stay out of what init repairs', async () => {
  const first = await expectExit(0, warehouse.run(['init', '--head-views']));
  expect(first.stdout).toContain('[OK] views price_bars_multi_tf_u and ema_multi_tf_u are there');
  await expectExit(0, warehouse.run(['init', '--head-views']));
  const { stdout } = await expectExit(0, warehouse.run(['init']));
  expect(stdout).not.toContain('multi_tf_u was');
});

test('their rows are ours: compared as tables of theirs, nothing differs', async () => {
  await warehouse.execute(`create schema ${ORIGIN}`);
  for (const view of VIEWS)
    await warehouse.execute(`create table ${ORIGIN}.${view} as select * from ${view}`);
  const { reader } = warehouse.roles ?? {};
  await warehouse.execute(`grant usage on schema ${ORIGIN} to ${reader}`);
  await warehouse.execute(`grant select on all tables in schema ${ORIGIN} to ${reader}`);
  const { assets } = await readReport(warehouse, 0);
  const tables = assets.flatMap((asset) => asset.tables);
  expect(tables.map(({ table }) => table)).toEqual([...VIEWS, ...VIEWS]);
  for (const table of tables) {
    expect(table.theirs).toBeGreaterThan(500);
    expect(table).toMatchObject({ differing: 0, unexplained: 0, ours: table.theirs });
  }
});
