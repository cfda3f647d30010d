/** A rewrite of everything gives the space of the old rows back while it continues; a first build has nothing to give. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute, insertPrices, runBars } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';

/** Of 3,000 days each: some 12,000 bars an asset. */
const IDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const DAYS: HistoryShape = {
  ...{ seed: 3, firstDay: 15_000, rows: 3_000, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
  for (const id of IDS) await insertPrices(live.database, id, pricesOf({ ...DAYS, seed: id }));
});
afterAll(() => live?.drop());

async function readTable(): Promise<{ vacuums: number; bytes: number }> {
  const [row] = await live.database.read((tx) =>
    tx.query<[number, number]>(
      `select vacuum_count, pg_relation_size(relid) from pg_stat_user_tables where relname = 'price_bars'`,
    ),
  );
  return { vacuums: row?.[0] ?? -1, bytes: row?.[1] ?? -1 };
}

test('bars that are all rewritten never stand twice', async () => {
  // The server's own would come at a moment of its choice.
  await execute(live.database, 'alter table price_bars set (autovacuum_enabled = off)');
  await runBars(live.database, { ids: IDS });
  const built = await readTable();
  expect(built.vacuums).toBe(0);
  await execute(
    live.database,
    'update cmc_price_histories7 set open = open * 2, high = high * 2, low = low * 2, close = close * 2',
  );
  const outcomes = await runBars(live.database, { ids: IDS });
  expect([...outcomes.values()].map(({ action, status }) => `${action} ${status}`)).toEqual(
    IDS.map(() => 'repair ok'),
  );
  const rewritten = await readTable();
  expect(rewritten.vacuums).toBeGreaterThan(0);
  expect(rewritten.bytes).toBeLessThan(1.8 * built.bytes);
});
