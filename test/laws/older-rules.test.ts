/** Bars of an older warehouse whose rows would be refused today stay, and their asset is named, until somebody says otherwise. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpResults, execute, insertPrices, runBars } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';

const IDS = [1, 52];

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
  const shape = { firstDay: 18_000, rows: 60, gapRate: 0, longestGap: 1, ties: false, badRate: 0 };
  for (const id of IDS)
    await insertPrices(live.database, id, pricesOf({ ...shape, seed: id, longestChunk: 10 }));
  await runBars(live.database, { ids: IDS });
});
afterAll(() => live?.drop());

test('an hourly row that older rules took for a day', async () => {
  await execute(
    live.database,
    `update cmc_price_histories7 set timeopen = timeclose - interval '1 hour', timehigh = null, timelow = null
     where id = 52 and timestamp = (select timestamp from cmc_price_bars_1d where id = 52 and bar_seq = 30)`,
  );
  await execute(live.database, 'update cmc_price_bars_1d_state set rules = 1');
  const before = await dumpResults(live.database, { ids: [52] });
  const first = await runBars(live.database, { ids: IDS });
  expect(first.get(1)).toMatchObject({ status: 'ok', action: 'repair' });
  expect(first.get(52)).toMatchObject({ status: 'failed', rowsWritten: 0 });
  expect(first.get(52)?.reason).toMatch(/^1 of its source rows would be refused now.*--accept-deletions/);
  expect(await dumpResults(live.database, { ids: [52] })).toEqual(before);
  const accepted = await runBars(live.database, { ids: IDS, acceptDeletions: true });
  expect(accepted.get(52)).toMatchObject({ status: 'ok', action: 'repair' });
  const after = await dumpResults(live.database, { ids: [52] });
  expect(after.cmc_price_bars_1d).toHaveLength(59);
  expect((await runBars(live.database, { ids: IDS })).get(52)).toMatchObject({
    status: 'ok',
    action: 'none',
  });
});
