/** What a run reads is bounded by what is new: no table of a history is read as far as it goes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute, insertPrices } from '../support/component-runs.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const FIRST_DAY = 16_000;
const DAYS = 2_000;
const IDS = [1, 2, 3, 4];
const SHAPE: HistoryShape = {
  ...{ seed: 1, firstDay: FIRST_DAY, rows: 0, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};
/** Rows of each asset that one new day may read of these: the ends, the days from a base on, what the screens and sums look at. */
const FEW = 120;
const SOURCE = 'cmc_price_histories7';
const HISTORIES = [SOURCE, 'cmc_price_bars_1d', 'price_bars', 'ema_points', 'indicator_points'];

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
  await expectExit(0, warehouse.run(['indicator', 'add', '--set', 'common']));
  await addDays(FIRST_DAY, DAYS);
  await refresh();
  await execute(warehouse.database, 'analyze');
});
afterAll(() => warehouse?.drop());

async function addDays(firstDay: number, rows: number): Promise<void> {
  for (const id of IDS)
    await insertPrices(warehouse.database, id, pricesOf({ ...SHAPE, seed: id, firstDay, rows }));
}

async function refresh(): Promise<void> {
  const { report } = await warehouse.report(['refresh', '--all', '--allow-late']);
  expect(report.exitCode).toBe(0);
}

/** Rows that the sessions that have ended read of each table, those that were not found to count too. */
async function rowsRead(): Promise<Map<string, number>> {
  const rows = await warehouse.query(
    `select relname, coalesce(seq_tup_read, 0) + greatest(coalesce(idx_tup_fetch, 0), (
       select coalesce(sum(i.idx_tup_read), 0) from pg_stat_user_indexes i where i.relid = t.relid))
     from pg_stat_user_tables t`,
  );
  return new Map(rows.map(([name, read]) => [String(name), Number(read)]));
}

test.each([
  ['one new day', 0],
  ['the next one', 1],
  ['nothing new', null],
] as const)('%s', async (_what, day) => {
  if (day !== null) await addDays(FIRST_DAY + DAYS + day, 1);
  const before = await rowsRead();
  await refresh();
  const after = await rowsRead();
  const read = Object.fromEntries(
    HISTORIES.map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)]),
  );
  // A run proves the source of an asset or two from its first day on (decision 019).
  if (day === null) expect(read[SOURCE]).toBeLessThan(2 * DAYS);
  for (const name of day === null ? HISTORIES.filter((each) => each !== SOURCE) : HISTORIES)
    expect.soft(read[name], JSON.stringify(read)).toBeLessThan(FEW * IDS.length);
});
