/** A source of which nearly all rows fail in one way is one error with a way out, not a flood of rejects. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectExit, type Warehouse } from '../../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
  await warehouse.execute('create schema m');
  await warehouse.execute(`create table m.shares (id int, "timestamp" timestamptz, timeopen timestamptz, timeclose timestamptz,
    timehigh timestamptz, timelow timestamptz, open float8, high float8, low float8, close float8, volume float8, marketcap float8)`);
  await warehouse.execute('insert into dim_assets (id) values (7)');
  await grantSource(warehouse, 'm.shares');
});
afterAll(() => warehouse?.drop());

const fill = (from: string, to: string) =>
  warehouse.execute(`insert into m.shares select 7, d + ${to}, d + ${from}, d + ${to}, null, null, 10, 12, 9, 11, 5, null
    from generate_series(timestamptz '2024-01-01Z', timestamptz '2024-02-10Z', interval '24 h') d`);
const refresh = (code: number, source = 'm.shares') =>
  expectExit(code, warehouse.run(['refresh', '--all', '--source', source]));
/** The words of a summary, without the lines that it is broken into and the quotes that it escapes. */
const plain = (text: string) => text.replaceAll(/\n\s*/g, ' ').replaceAll('\\"', '"');
const counts = () =>
  warehouse.query(
    `select (select count(*) from cmc_price_bars_1d), (select count(*) from cmc_price_bars_1d_rejects)`,
  );

test('trading hours that nobody described: what they are, the description that fits, no reject; bars stay', async () => {
  await fill(`interval '0'`, `interval '23:59:59.999'`);
  await refresh(0);
  expect(await counts()).toEqual([[41, 0]]);
  await warehouse.execute('delete from m.shares');
  await fill(`interval '14:30'`, `interval '21:00'`);
  const stdout = plain((await refresh(1)).stdout);
  expect(stdout).toMatch(
    /41 of 41 rows looked at are not days of UTC: each looks like a trading session \(6 h 30 min\)/,
  );
  expect(stdout.replaceAll(' ', '')).toContain('"session":true');
  expect(await counts()).toEqual([[41, 0]]);
});

test('the description of the message reads it', async () => {
  const described =
    'm.shares day=timestamp session=true timeOpen=timeopen timeClose=timeclose marketCap=marketcap zone=America/New_York';
  await expectExit(0, warehouse.run(['refresh', '--all', '--source', described, '--accept-deletions']));
  expect(await warehouse.query('select count(*), min(time_open)::text from cmc_price_bars_1d')).toEqual([
    [41, '2024-01-01 14:30:00+00'],
  ]);
});
