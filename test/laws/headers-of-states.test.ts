/** The headers of packed states, by which plans are made: a wrong one is found by verify and rewritten by state rebuild. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { keepTimeframes, listFindings, restoreStates } from '../support/verify.js';

const IDS = [1, 52];

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
  await keepTimeframes(live.database);
  const shape = { firstDay: 18_000, rows: 120, gapRate: 0.05, longestGap: 2, ties: false, badRate: 0 };
  for (const id of IDS)
    await insertPrices(live.database, id, pricesOf({ ...shape, seed: id, longestChunk: 10 }));
  await runBars(live.database, { ids: IDS });
  await runEmas(live.database, { ids: IDS });
});
afterAll(() => live?.drop());

test.each([
  ['bars that count a closed bar less', 'bar_carry', 'closed_bars = closed_bars - 1', 'cal_us'],
  [
    'bars whose slowest series is said to be a day further',
    'bar_carry',
    'oldest_day = oldest_day + 1',
    'multi_tf',
  ],
  ['bars of another number of series', 'bar_carry', 'series = series + 1', 'cal_iso'],
  ['EMAs of other series', 'ema_carry', 'series_hash = series_hash + 1', 'v2'],
  ['EMAs that have taken in a bar more', 'ema_carry', 'taken_bars = taken_bars + 1', 'cal_us'],
])('%s', async (_, table, change, alignment) => {
  expect(await listFindings(live.database, { ids: IDS })).toEqual([]);
  await execute(live.database, `update ${table} set ${change} where id = 52 and alignment = '${alignment}'`);
  const [found, ...others] = await listFindings(live.database, { ids: IDS });
  expect(found).toContain(`52: ${table} ${alignment}: stored (`);
  expect(others).toEqual([]);
  const [, restored] = await restoreStates(live.database, { ids: IDS });
  expect(restored?.restored).toEqual({ [table]: 1 });
  expect(await listFindings(live.database, { ids: IDS })).toEqual([]);
});
