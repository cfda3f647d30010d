/** Splits that cannot be: by the command, and in the table itself. Nothing is recorded, so one warehouse does for all. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
  await warehouse.execute('insert into dim_assets (id) values (52)');
});
afterAll(() => warehouse?.drop());

const WRONG: readonly [what: string, args: string[], says: RegExp][] = [
  [
    'no number',
    ['52', '--on', '2020-08-31', '--ratio', 'x'],
    /'x' is invalid\. New units to old ones, such as 4:1/,
  ],
  ['zero', ['52', '--on', '2020-08-31', '--ratio', '0:1'], /'0:1' is invalid\. New units/],
  ['below zero', ['52', '--on', '2020-08-31', '--ratio', '4:-1'], /'4:-1' is invalid\. New units/],
  ['one side', ['52', '--on', '2020-08-31', '--ratio', '4'], /'4' is invalid\. New units/],
  ['NaN', ['52', '--on', '2020-08-31', '--ratio', 'NaN:1'], /'NaN:1' is invalid\. New units/],
  ['a fraction', ['52', '--on', '2020-08-31', '--ratio', '1.5:1'], /whole numbers/],
  ['too large', ['52', '--on', '2020-08-31', '--ratio', '1:1000000000000001'], /from 1 to 10\^15/],
  [
    'no change',
    ['52', '--on', '2020-08-31', '--ratio', '3:3'],
    /'3:3' is invalid\. A split into as many units changes nothing/,
  ],
  ['no day', ['52', '--on', '2020-02-30', '--ratio', '4:1'], /expected a date like .*, got "2020-02-30"/],
  ['a day out of range', ['52', '--on', '+012020-01-01', '--ratio', '4:1'], /from 0001-01-01 to 9999-12-31/],
  ['a ratio without a day', ['52', '--ratio', '4:1'], /asset split expects --on DAY/],
  ['a day alone', ['52', '--on', '2020-08-31'], /expects --ratio NEW:OLD beside --on/],
  [
    'removal of something',
    ['52', '--on', '2020-08-31', '--remove', '--ratio', '4:1'],
    /--remove with --on DAY alone/,
  ],
  ['removal without a day', ['52', '--remove'], /asset split expects --on DAY/],
  ['removal of nothing', ['52', '--on', '2020-08-31', '--remove'], /asset 52 has no split on 2020-08-31/],
  ['an empty note', ['52', '--on', '2020-08-31', '--ratio', '4:1', '--note', ' '], /--note expects a text/],
  ['an unknown asset', ['77', '--on', '2020-08-31', '--ratio', '4:1'], /no such asset: 77;/],
  ['an unknown asset to list', ['77'], /no such asset: 77;/],
  ['no id', ['btc'], /id/],
];
test.each(WRONG)('refuses %s in one sentence', async (_, args, says) => {
  const { stdout, stderr } = await expectExit(2, warehouse.run(['asset', 'split', ...args]));
  // A command that may write names its database on stderr, once the flags are in order.
  const others = stderr.replace(/^\[INFO\] database: .*\n/, '');
  expect(`${stdout}${others}`.trimEnd().split('\n')).toEqual([expect.stringMatching(says)]);
  expect(await warehouse.query('select count(*) from dim_asset_split')).toEqual([[0]]);
});

test('the table takes nothing that a price cannot be multiplied by', async () => {
  for (const values of [
    '0, 1',
    '1, 0',
    '-1, 2',
    '3, 3',
    `'NaN'::float8, 1`,
    '1, 1000000000000001',
    'null, 1',
  ])
    await expect(
      warehouse.execute(
        `insert into dim_asset_split (id, day, new_units, old_units) values (52, '2020-08-31', ${values})`,
      ),
    ).rejects.toThrow();
  for (const day of ['infinity', '-infinity', '10000-01-01'])
    await expect(
      warehouse.execute(
        `insert into dim_asset_split (id, day, new_units, old_units) values (52, '${day}', 4, 1)`,
      ),
    ).rejects.toThrow(/violates check constraint/);
});
