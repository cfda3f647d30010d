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

test('plan, status, explain and the causes of the run say it in the same words', async () => {
  const says = /the source m\.shares is not read, and its bars are left as they are: 41 of 41 rows/;
  const source = ['--source', 'm.shares'];
  const { report } = await warehouse.report(['refresh', '--all', ...source]);
  expect(report.causes[0]).toMatchObject({
    ...{ kind: 'source_fault', severity: 'failed', ids: [7] },
    command: 'barwright source add m.shares',
  });
  for (const args of [['plan'], ['refresh', '--all', '--dry-run'], ['status'], ['explain', '7']])
    expect(plain((await warehouse.run([...args, ...source])).stdout), args[0]).toMatch(says);
  const { plan } = JSON.parse((await warehouse.run(['plan', '--json', ...source])).stdout);
  expect(plan[0]).toMatchObject({ component: 'bars', id: 7, fails: true });
});

test('the description of the message reads it', async () => {
  const described =
    'm.shares day=timestamp session=true timeOpen=timeopen timeClose=timeclose marketCap=marketcap zone=America/New_York';
  await expectExit(0, warehouse.run(['refresh', '--all', '--source', described, '--accept-deletions']));
  expect(await warehouse.query('select count(*), min(time_open)::text from cmc_price_bars_1d')).toEqual([
    [41, '2024-01-01 14:30:00+00'],
  ]);
});

test('of two sources the one that is right is read', async () => {
  await warehouse.execute(`create table m.days as select 8 as id, d::date as day, 10.0 as open, 12.0 as high, 9.0 as low, 11.0 as close
    from generate_series(date '2024-01-01', date '2024-02-10', interval '24 h') d`);
  await grantSource(warehouse, 'm.days');
  const sources = { shares: { table: 'm.shares', columns: { day: 'timestamp' } }, days: { table: 'm.days' } };
  const both = JSON.stringify({ sources });
  const { report } = await warehouse.report(['refresh', '--all', '--source', both]);
  expect(report.components[0]?.outcomes?.map(({ id, status }) => [id, status]).sort()).toEqual([
    [7, 'failed'],
    [8, 'ok'],
  ]);
  expect(report.causes.filter(({ severity }) => severity === 'failed')).toMatchObject([
    { kind: 'source_fault', ids: [7] },
  ]);
});
