/** What a run says and learns at its end: rows that it refused or repaired, and currencies that rows name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWarehouse, expectExit, type Warehouse } from '../../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 2, 3], days: 20 }]);
});
afterAll(() => warehouse?.drop());

const refresh = (...flags: string[]) => warehouse.report(['refresh', '--bars', ...flags]);
const currencies = () => warehouse.query('select id, quote_currency, volume_in from dim_assets order by id');

test('refused and repaired rows are named by asset, day and reason, once', async () => {
  await warehouse.execute(
    `update cmc_price_histories7 set close = null where id = 1 and timestamp::date = current_date - 5`,
  );
  await warehouse.execute(
    `update cmc_price_histories7 set low = high * 2 where id = 2 and timestamp::date = current_date - 4`,
  );
  const { report, stderr } = await refresh();
  const dates = await warehouse.query<[string]>(
    'select (current_date - 5)::text union all select (current_date - 4)::text',
  );
  const [[refused], [repaired]] = dates as [[string], [string]];
  const cause = report.causes.find(({ kind }) => kind === 'rows_judged');
  expect(cause?.sentence).toContain(`ID 1 ${refused}: refused (null_open_close)`);
  expect(cause?.sentence).toContain(`ID 2 ${repaired}: repaired_`);
  expect(cause?.ids).toEqual([1, 2]);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`ID 1 ${refused}: refused (null_open_close)`);
  expect((await refresh()).report.causes).toEqual([]);
});

test('many are named by a few and a count', async () => {
  await warehouse.execute('update cmc_price_histories7 set close = null where id = 3');
  const { report } = await refresh();
  const cause = report.causes.find(({ kind }) => kind === 'rows_judged');
  expect(cause?.sentence).toMatch(
    /^refused or repaired: (\S+: refused \(null_open_close\); ){3}and 17 more$/,
  );
});

test('currencies are learnt from the rows of a warehouse of before, where they agree', async () => {
  expect(await currencies()).toEqual([
    [1, 'USD', 'money'],
    [2, 'USD', 'money'],
    // All of its days were refused in the meantime: what was learnt stays.
    [3, 'USD', 'money'],
  ]);
  await warehouse.execute(`update cmc_price_bars_1d set src_name = '2790' where id = 2 and bar_seq = 3;`);
  await warehouse.execute('update dim_assets set quote_currency = null, volume_in = null');
  await expectExit(0, warehouse.run(['refresh', '--bars']));
  expect((await currencies()).slice(0, 2)).toEqual([
    [1, 'USD', 'money'],
    [2, null, null],
  ]);
  const { stdout } = await expectExit(0, warehouse.run(['explain', '1']));
  expect(stdout).toMatch(/\n {2}prices +in USD\n/);
});
