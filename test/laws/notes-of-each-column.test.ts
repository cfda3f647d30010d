/** A source row that changes in any column of which something is made, or known, files a note; equal rows file none. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';

let created: TestDatabase;
beforeAll(async () => {
  created = await createTestDatabase();
  await writePrices(created.database, { ids: [1, 52], days: 3 });
});
afterAll(() => created?.drop());

/** Updates the middle day of asset 1; gives the notes that this filed. */
async function notesOf(change: string): Promise<unknown[][]> {
  await execute(created.database, 'delete from price_change');
  const changed = await execute(
    created.database,
    `update cmc_price_histories7 set ${change} where id = 1 and timestamp =
       (select timestamp from cmc_price_histories7 where id = 1 order by timestamp offset 1 limit 1)`,
  );
  expect(changed).toBe(1);
  return created.database.read((tx) =>
    tx.query(
      `select id, op, rows::int, from_day = to_day and from_day =
         (select (min(timestamp) at time zone 'UTC')::date + 1 from cmc_price_histories7 where id = 1) from price_change`,
    ),
  );
}

test.each([
  ...['timeopen', 'timeclose', 'timehigh', 'timelow', 'load_ts'].map(
    (name) => `${name} = ${name} + interval '1 s'`,
  ),
  ...['open', 'high', 'low', 'close', 'volume', 'marketcap'].map((name) => `${name} = ${name} + 1`),
  ...['name', 'source_file'].map((name) => `${name} = ${name} || '!'`),
  ...['open', 'volume', 'marketcap', 'load_ts', 'timehigh'].map((name) => `${name} = null`),
])('%s', async (change) => {
  expect(await notesOf(change)).toEqual([[1, 'U', 1, true]]);
});

test.each(['close = close', 'circulatingsupply = 7', 'load_ts = load_ts, name = name'])(
  '%s changes nothing that is read',
  async (change) => {
    expect(await notesOf(change)).toEqual([]);
  },
);
