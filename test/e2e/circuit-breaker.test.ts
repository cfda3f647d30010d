/** The same cause, not in the data, on more than half of the assets and more than ten: stop early, one error that names it. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';
import { type Warehouse, warehouseOf } from '../support/warehouse.js';

const IDS = Array.from({ length: 100 }, (_, index) => index + 1);
/** As from a trigger of somebody else's that has begun to refuse. */
const REFUSE = `
  create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'asset % has no license', new.id; end $$;
  create trigger refuse before insert on cmc_price_bars_1d for each row when (new.id > 3) execute function refuse()`;

let template: TestDatabase;
let warehouse: Warehouse;

beforeAll(async () => {
  template = await createTestDatabase();
  await writePrices(template.database, { ids: IDS, days: 5 });
  await template.database.transaction((tx) => tx.execute(REFUSE));
  await template.database.close();
  return () => template.drop();
});
beforeEach(async () => {
  warehouse = warehouseOf(await createTestDatabase({ template: new URL(template.url).pathname.slice(1) }));
  return () => warehouse.drop();
});

test.each([
  ['one child', []],
  ['two workers, counted over both', ['-n', '2']],
])('%s: the rest is not finished, with the cause as its reason; EMAs do not run', async (_what, flags) => {
  const { code, stderr, report } = await warehouse.report(['refresh', '--all', ...flags]);
  expect(code).toBe(1);
  const [bars, emas] = report.components;
  const why =
    /stopped early, the same cause met 5[1-9] of 100 assets: asset # has no license \(SQLSTATE P0001\)/;
  expect(bars?.errorMessage).toMatch(why);
  expect(bars?.errorMessage).toMatch(/--continue-on-error/);
  expect(stderr).toMatch(why);
  const outcomes = bars?.outcomes ?? [];
  expect(outcomes).toHaveLength(IDS.length);
  expect(outcomes.filter(({ status }) => status === 'ok').map(({ id }) => id)).toEqual([1, 2, 3]);
  const unfinished = outcomes.filter(({ reason }) => reason.startsWith('not finished: stopped early'));
  const tried = outcomes.filter(({ reason }) => reason.startsWith('asset '));
  expect(tried.length).toBeGreaterThan(50);
  expect(unfinished.length).toBeGreaterThan(0);
  expect(tried.length + unfinished.length).toBe(97);
  expect(emas).toMatchObject({ component: 'emas', notRun: true });
  // No asset is at fault, so none comes nearer to its quarantine.
  expect(await warehouse.query('select * from asset_quarantine')).toEqual([]);
});

test('with --continue-on-error every asset is tried', async () => {
  const { code, report } = await warehouse.report(['refresh', '--bars', '--continue-on-error']);
  expect(code).toBe(1);
  const reasons = report.components[0]?.outcomes?.map(({ reason }) => reason) ?? [];
  expect(reasons.filter((reason) => / has no license \(SQLSTATE P0001/.test(reason))).toHaveLength(97);
});

test('values of the assets themselves are no such cause', async () => {
  await warehouse.execute('drop trigger refuse on cmc_price_bars_1d');
  await warehouse.execute('update cmc_price_histories7 set volume = 1.7e308 where id > 3');
  const { code, report } = await warehouse.report(['refresh', '--bars']);
  expect(code).toBe(1);
  expect(report.components[0]?.errorMessage).toBeUndefined();
  const failed = report.components[0]?.outcomes?.filter(({ status }) => status === 'failed') ?? [];
  expect(failed.map(({ reason }) => /volume is Infinity/.test(reason))).toEqual(failed.map(() => true));
  expect(failed).toHaveLength(97);
});
