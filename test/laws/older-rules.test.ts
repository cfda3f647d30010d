/** Bars of an older warehouse whose rows would be refused today stay, until somebody says otherwise. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpResults, execute, insertPrices, runBars } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { listFindings } from '../support/verify.js';

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
  expect(first.get(52)).toMatchObject({ status: 'ok', action: 'repair', rejects: 1 });
  const { cmc_price_bars_1d, price_bars } = await dumpResults(live.database, { ids: [52] });
  expect({ cmc_price_bars_1d, price_bars }).toEqual({
    cmc_price_bars_1d: before.cmc_price_bars_1d,
    price_bars: before.price_bars,
  });
  expect(await listKeptRows()).toEqual(['52 refused']);
  // It counts from then on: for verify, for a rebuild, and for repairs of other days.
  await expectAsRebuilt();
  expect((await runBars(live.database, { ids: [52], fullRebuild: true })).get(52)?.status).toBe('ok');
  await expectAsRebuilt();
  await execute(live.database, 'update cmc_price_histories7 set close = close * 1.01 where id = 52');
  expect((await runBars(live.database, { ids: IDS })).get(52)).toMatchObject({ action: 'repair' });
  await expectAsRebuilt();
  const accepted = await runBars(live.database, { ids: IDS, acceptDeletions: true });
  expect(accepted.get(52)).toMatchObject({ status: 'ok', action: 'repair' });
  expect(accepted.get(52)?.reason).toMatch(/^repair: drop 1 day kept so far$/);
  expect((await dumpResults(live.database, { ids: [52] })).cmc_price_bars_1d).toHaveLength(59);
  expect(await listKeptRows()).toEqual([]);
  expect((await runBars(live.database, { ids: IDS })).get(52)).toMatchObject({
    status: 'ok',
    action: 'none',
  });
});

test('a row that is set right ends it silently', async () => {
  const spoil = (interval: string) =>
    execute(
      live.database,
      `update cmc_price_histories7 set timeopen = timeclose - interval '${interval}'
       where id = 1 and timestamp = (select timestamp from cmc_price_bars_1d where id = 1 and bar_seq = 20)`,
    );
  await spoil('1 hour');
  await execute(live.database, 'update cmc_price_bars_1d_state set rules = 1 where id = 1');
  await runBars(live.database, { ids: IDS });
  expect(await listKeptRows()).toEqual(['1 refused']);
  await spoil('23:59:59.999');
  await runBars(live.database, { ids: IDS });
  expect(await listKeptRows()).toEqual([]);
  await expectAsRebuilt();
});

async function listKeptRows(): Promise<string[]> {
  const rows = await live.database.read((tx) =>
    tx.query<[string]>(`select id || ' ' || reason from price_kept order by 1`),
  );
  return rows.map(([row]) => row);
}

async function expectAsRebuilt(): Promise<void> {
  expect(await listFindings(live.database, { ids: IDS, source: { relation: null } })).toEqual([]);
  expect(await listFindings(live.database, { ids: IDS })).toEqual([]);
}
