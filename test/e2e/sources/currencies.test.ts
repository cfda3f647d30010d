/** The money that a described source says its prices are in: learnt, compared, and said once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
  await warehouse.execute('create schema m');
  await warehouse.execute(`create table m.days as select id, d::date as day, 10.0 as open, 12.0 as high, 9.0 as low, 11.0 as close, 5.0 as volume
    from generate_series(7, 8) id, generate_series(date '2024-01-01', date '2024-02-10', interval '24 h') d`);
  await grantSource(warehouse, 'm.days');
});
afterAll(() => warehouse?.drop());

const refresh = (description: object) =>
  warehouse.report([
    ...['refresh', '--all', '--source'],
    JSON.stringify({ sources: { theirs: { table: 'm.days', ...description } } }),
  ]);
const quotes = () =>
  warehouse.query('select id, quote_currency, quote_tokens::text, volume_in from dim_assets order by id');
/** Its days are of 2024, so that they are late too, and all alike. */
const causesOf = ({ causes }: { causes: readonly { kind: string }[] }) =>
  causes.filter(({ kind }) => kind !== 'source_late' && kind !== 'old_findings');
const addDay = (day: string) =>
  warehouse.execute(
    `insert into m.days select id, $1::date, 10, 12, 9, 11, 5 from generate_series(7, 8) id`,
    [day],
  );

test('its assets have its currency; a token counts as dollars, which is said once', async () => {
  const first = await refresh({ currency: 'USDT', volume: 'coins' });
  expect(causesOf(first.report)).toMatchObject([
    {
      kind: 'quote_said',
      severity: 'said',
      ids: [7, 8],
      sentence: 'USDT of the source "theirs" counts as USD',
    },
  ]);
  expect(await quotes()).toEqual([
    [7, 'USD', '{USDT}', 'coins'],
    [8, 'USD', '{USDT}', 'coins'],
  ]);
  expect(causesOf((await refresh({ currency: 'USDT', volume: 'coins' })).report)).toEqual([]);
});

test('another unit of its volume is said once', async () => {
  const other = await refresh({ currency: 'USD', volume: 'money' });
  expect(other.report.warnings).toEqual([
    'the volume of the source "theirs" is in money, and that of the days before was not: sums over both mean nothing: ID [7, 8]',
  ]);
  expect((await refresh({ currency: 'USD', volume: 'money' })).report.warnings).toEqual([]);
  expect((await quotes())[0]).toEqual([7, 'USD', '{USDT}', 'money']);
});

test('another currency is refused asset by asset, until a person says that it is right', async () => {
  await addDay('2024-02-11');
  const { code, report } = await refresh({ currency: 'EUR' });
  expect(code).toBe(1);
  const reason = reasonOf(report, 'bars', 7);
  expect(reason).toBe(
    'the source theirs is not read, and its bars are left as they are: it says that prices are in EUR, and those of id 7 are in USD. ' +
      '"barwright asset add 7 --currency EUR" says that it is in EUR from now on',
  );
  expect(causesOf(report)).toMatchObject([{ kind: 'source_fault', ids: [7, 8] }]);
  const [, command = ''] = /"barwright ([^"]+)"/.exec(reason) ?? [];
  await expectExit(0, warehouse.run(command.split(' ')));
  const again = await refresh({ currency: 'EUR' });
  expect(reasonOf(again.report, 'bars', 7)).toMatch(/^append 1 day/);
  expect(reasonOf(again.report, 'bars', 8)).toMatch(/those of id 8 are in USD/);
  // What says nothing is compared with nothing.
  expect(reasonOf((await refresh({})).report, 'bars', 8)).toMatch(/^append 1 day/);
});
