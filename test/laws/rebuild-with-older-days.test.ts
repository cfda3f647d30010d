/** Bars are rebuilt on demand just when older history has arrived: views show nothing of it until EMAs have followed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { expectViewsAsKernel } from '../support/model/view-check.js';
import { verify } from '../support/verify.js';

const SHAPE = { gapRate: 0, longestGap: 1, ties: false, badRate: 0, longestChunk: 30 };
const FIRST_DAY = 18_000;

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
});
afterAll(() => live?.drop());

test('the EMA watermark is lowered below the new first day, not the old one', async () => {
  const { database } = live;
  // With the period 1 every row has a value, the very first too.
  await execute(database, 'truncate dim_period');
  await execute(database, 'insert into dim_period values (1), (2)');
  await insertPrices(database, 1, pricesOf({ ...SHAPE, seed: 1, firstDay: FIRST_DAY, rows: 60 }));
  await runBars(database, { ids: [1] });
  await runEmas(database, { ids: [1] });
  expect(await expectViewsAsKernel(database, 1)).toBeGreaterThan(1000);

  await insertPrices(database, 1, pricesOf({ ...SHAPE, seed: 2, firstDay: FIRST_DAY - 20, rows: 20 }));
  await runBars(database, { ids: [1], fullRebuild: true });
  const lowered = await database.read((tx) =>
    tx.query<[number, number]>('select distinct watermark_day, repair_from from ema_asset_state'),
  );
  expect(lowered).toEqual([[FIRST_DAY - 21, FIRST_DAY - 20]]);
  await expectViewsAsKernel(database, 1);

  await runEmas(database, { ids: [1] });
  await expectViewsAsKernel(database, 1);
  const { verdicts } = await verify(database, { ids: [1], source: { relation: null } });
  expect(verdicts).toMatchObject([{ differences: 0, waiting: [] }]);
});
