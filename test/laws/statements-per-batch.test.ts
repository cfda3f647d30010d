/** No statement per asset on the happy path, and no row read of a history that has not changed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database, Tx } from '../../src/storage/session/database.js';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';

const FIRST_DAY = 16_000;
const SHAPE: HistoryShape = {
  ...{ seed: 1, firstDay: FIRST_DAY, rows: 0, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

interface Counts {
  statements: number;
  rowsWritten: number;
}

/** The same database, with every statement counted. */
function counting(database: Database, counts: Counts): Database {
  const count = <A extends unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      counts.statements += 1;
      return call(...args);
    };
  };
  const watched = (tx: Tx): Tx => ({
    query: count(tx.query.bind(tx)) as Tx['query'],
    execute: count(tx.execute.bind(tx)),
    copyIn: count(tx.copyIn.bind(tx)),
    copyOut: count(tx.copyOut.bind(tx)),
  });
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work(watched(tx)), options),
    read: (work) => database.read((tx) => work(watched(tx))),
  };
}

/** Builds so many assets of so many days, then counts what one more day takes. */
async function countNewDay(database: Database, assets: number, days: number): Promise<Counts> {
  await execute(
    database,
    `truncate cmc_price_histories7, cmc_price_bars_1d, cmc_price_bars_1d_state, price_bars, bar_carry,
       ema_points, ema_carry, series_built, price_kept`,
  );
  await execute(database, 'truncate price_change');
  const ids = Array.from({ length: assets }, (_, index) => index + 1);
  for (const id of ids) await insertPrices(database, id, pricesOf({ ...SHAPE, seed: id, rows: days }));
  await runBars(database, { ids });
  await runEmas(database, { ids });
  for (const id of ids)
    await insertPrices(database, id, pricesOf({ ...SHAPE, firstDay: FIRST_DAY + days, rows: 1 }));
  const counts: Counts = { statements: 0, rowsWritten: 0 };
  const watched = counting(database, counts);
  for (const outcomes of [await runBars(watched, { ids }), await runEmas(watched, { ids })]) {
    for (const outcome of outcomes.values()) {
      expect(outcome).toMatchObject({ status: 'ok', action: 'append' });
      expect(outcome.rowsWritten).toBe(outcome.rowsNeeded);
      counts.rowsWritten += outcome.rowsWritten;
    }
  }
  return counts;
}

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
});
afterAll(() => live?.drop());

test('a day of 20 assets takes the statements of a day of one; a long history takes those of a short one', async () => {
  const one = await countNewDay(live.database, 1, 420);
  const many = await countNewDay(live.database, 20, 420);
  const long = await countNewDay(live.database, 1, 840);
  expect(one.statements).toBeGreaterThan(10);
  expect(one.statements).toBeLessThan(80);
  expect(many.statements).toBe(one.statements);
  expect(many.rowsWritten).toBe(20 * one.rowsWritten);
  expect(long.statements).toBe(one.statements);
});
