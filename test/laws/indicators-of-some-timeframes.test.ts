/** Indicators of some timeframes, where others have bars: what is needed is what is written, also where that is nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute, insertPrices, runBars, runIndicators } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { listFindings } from '../support/verify.js';

const SHAPE: HistoryShape = {
  ...{ seed: 3, firstDay: 18_001, rows: 90, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 30 },
};
const TFS = ['2D', '7D', '1W_CAL_ISO', '1M_CAL'];
let warehouse: TestDatabase;

beforeAll(async () => {
  warehouse = await createTestDatabase();
  await execute(warehouse.database, 'delete from dim_timeframe where tf <> all ($1)', [TFS]);
  await execute(warehouse.database, `insert into dim_indicator values ('sma_20'), ('rsi_14')`);
});
afterAll(async () => {
  await warehouse?.drop();
});

/** Every pair of choices: which timeframes have bars, and which are asked for. */
const SUBSETS = Array.from({ length: 2 ** TFS.length - 1 }, (_, bits) =>
  TFS.filter((_tf, index) => ((bits + 1) >> index) % 2 === 1),
);

test('whichever have bars, and whichever are asked for', async () => {
  const { database } = warehouse;
  let id = 0;
  for (const built of SUBSETS) {
    id += 1;
    await insertPrices(database, id, pricesOf(SHAPE));
    await runBars(database, { ids: [id], tfs: built });
    for (const tfs of SUBSETS) {
      const outcome = (await runIndicators(database, { ids: [id], tfs })).get(id);
      expect(outcome?.status, `${built} built, ${tfs} asked for: ${outcome?.reason}`).not.toBe('failed');
      expect(outcome?.rowsWritten, `${built} built, ${tfs} asked for`).toBe(outcome?.rowsNeeded);
    }
  }
  const ids = SUBSETS.map((_, index) => index + 1);
  for (const id of ids) await runBars(database, { ids: [id] });
  await runIndicators(database, { ids });
  expect(await listFindings(database, { ids })).toEqual([]);
});
