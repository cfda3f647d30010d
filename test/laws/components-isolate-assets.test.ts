/** Decisions 068 and 021 on the database: an asset is the unit of failure, and what has nothing new is not touched. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_US } from '../../src/domain/calendar/day.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { LeaseLostError } from '../../src/storage/failures/lease-lost.js';
import type { Database, Tx } from '../../src/storage/session/database.js';
import { dumpResults, execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';

const IDS = [1, 52, 825];
const SHAPE: HistoryShape = {
  ...{ seed: 7, firstDay: 18_000, rows: 60, gapRate: 0.1, longestGap: 3 },
  ...{ ties: false, badRate: 0.05, longestChunk: 10 },
};

let warehouse: TestDatabase;
let database: Database;

beforeEach(async () => {
  warehouse = await createTestDatabase();
  database = warehouse.database;
});
afterEach(async () => {
  await warehouse?.drop();
});

function historyOf(id: number): DailyPrice[] {
  return pricesOf({ ...SHAPE, seed: id });
}

async function insertHistories(days = Number.POSITIVE_INFINITY): Promise<void> {
  for (const id of IDS) {
    const prices = historyOf(id).filter(({ timestampUs }) => timestampUs < (SHAPE.firstDay + days) * DAY_US);
    await insertPrices(database, id, prices);
  }
}

async function insertNextDay(id: number): Promise<void> {
  const [price] = pricesOf({ ...SHAPE, seed: 99, rows: 1, badRate: 0, firstDay: SHAPE.firstDay + 300 });
  await insertPrices(database, id, price === undefined ? [] : [price]);
}

async function runBoth(): Promise<void> {
  await runBars(database, { ids: IDS });
  await runEmas(database, { ids: IDS });
}

/** Rows with the transaction that wrote them. */
const XMIN = { prefix: `t.xmin::text || ' '` };

test('a run with nothing new writes nothing; one new day touches its asset only', async () => {
  await insertHistories();
  await runBoth();
  const before = await dumpResults(database, XMIN);
  for (const outcomes of [await runBars(database, { ids: IDS }), await runEmas(database, { ids: IDS })]) {
    expect(
      [...outcomes.values()].map(({ status, action, rowsWritten }) => [status, action, rowsWritten]),
    ).toEqual(IDS.map(() => ['ok', 'none', 0]));
  }
  expect(await dumpResults(database, XMIN)).toEqual(before);

  await insertNextDay(52);
  const bars = await runBars(database, { ids: IDS });
  const emas = await runEmas(database, { ids: IDS });
  for (const outcomes of [bars, emas]) {
    expect(IDS.map((id) => outcomes.get(id)?.action)).toEqual(['none', 'append', 'none']);
    expect(outcomes.get(52)?.rowsWritten).toBeGreaterThan(0);
    expect(outcomes.get(52)?.rowsWritten).toBe(outcomes.get(52)?.rowsNeeded);
  }
  const others = { ...XMIN, ids: [1, 825] };
  const untouched = await dumpResults(database, others);
  for (const [table, rows] of Object.entries(untouched)) {
    for (const row of rows) expect(before[table]).toContain(row);
  }
});

/** Where asset 825 can be poisoned, and what its reason must say. */
const POISONS = [
  {
    where: '1D',
    sql: 'alter table cmc_price_bars_1d add constraint no_tether check (id <> 825) not valid',
    component: 'bars',
    reason: /^cmc_price_bars_1d refuses a row: constraint no_tether, Failing row contains .*SQLSTATE 23514/,
  },
  {
    where: 'one timeframe',
    sql: 'update cmc_price_histories7 set volume = 1e308 where id = 825',
    component: 'bars',
    reason:
      /^price_bars refuses a row of multi_tf 2D: constraint price_bars_volume_check, volume is Infinity/,
  },
  {
    where: 'EMAs',
    sql: 'update cmc_price_histories7 set close = 1e308, high = 1e308, open = 1e308, low = 1e308 where id = 825',
    component: 'emas',
    reason: /^ema_\w+ refuses a row of \w+ \w+: constraint ema_\w+_check, ema is Infinity/,
  },
] as const;

for (const { where, sql, component, reason } of POISONS) {
  test(`825 poisoned in ${where}: 1 and 52 are complete, 825 is named with the reason`, async () => {
    await insertHistories();
    await execute(database, sql);
    const bars = await runBars(database, { ids: IDS });
    const emas = await runEmas(database, { ids: IDS });
    const outcomes = component === 'bars' ? bars : emas;
    expect(outcomes.get(825)?.status).toBe('failed');
    expect(outcomes.get(825)?.reason).toMatch(reason);
    for (const id of [1, 52]) {
      for (const each of [bars, emas])
        expect(each.get(id)).toMatchObject({ id, status: 'ok', action: 'rebuild' });
    }
    const stored = await dumpResults(database, { ids: [825] });
    if (component === 'bars') expect(Object.values(stored).flat()).toEqual([]);
    else expect(stored.ema_carry).toEqual([]);
  });
}

test('poisoned while appending in a batch of three: the others continue, 825 stays as it was', async () => {
  await insertHistories();
  await runBoth();
  const before = await dumpResults(database, { ...XMIN, ids: [825] });
  await execute(database, 'alter table bar_carry add constraint no_tether check (id <> 825) not valid');
  for (const id of IDS) await insertNextDay(id);
  const bars = await runBars(database, { ids: IDS });
  expect(IDS.map((id) => bars.get(id)?.status)).toEqual(['ok', 'ok', 'failed']);
  expect(bars.get(825)?.reason).toMatch(/^bar_carry refuses a row of multi_tf: constraint no_tether/);
  expect(await dumpResults(database, { ...XMIN, ids: [825] })).toEqual(before);
});

test('a source without any row of an asset that has bars: blocked, nothing deleted', async () => {
  await insertHistories();
  await runBoth();
  const before = await dumpResults(database, XMIN);
  await execute(database, 'delete from cmc_price_histories7 where id = 825');
  for (const fullRebuild of [false, true]) {
    const bars = await runBars(database, { ids: [825], fullRebuild });
    expect(bars.get(825)).toMatchObject({ status: 'failed', action: 'skip', rowsWritten: 0 });
    expect(bars.get(825)?.reason).toMatch(/^all \d+ source rows have vanished/);
  }
  expect(await dumpResults(database, XMIN)).toEqual(before);
});

test('an asset whose rows are all rejected has a 1D state and no bars', async () => {
  await insertHistories();
  await runBoth();
  await execute(database, 'update cmc_price_histories7 set close = null where id = 825');
  const bars = await runBars(database, { ids: IDS });
  expect(bars.get(825)).toMatchObject({ status: 'ok', action: 'repair' });
  expect(bars.get(825)?.rejects).toBeGreaterThan(50);
  expect((await runEmas(database, { ids: IDS })).get(825)).toMatchObject({ status: 'ok', action: 'none' });
  const stored = await dumpResults(database, { ids: [825] });
  expect(stored.cmc_price_bars_1d_state).toHaveLength(1);
  for (const table of [
    'cmc_price_bars_1d',
    'price_bars',
    'bar_carry',
    'ema_points',
    'ema_carry',
    'series_built',
  ]) {
    expect(stored[table]).toEqual([]);
  }
  expect((await runBars(database, { ids: IDS })).get(825)).toMatchObject({ action: 'none', rowsWritten: 0 });
});

test('a lost lease ends the component and writes nothing', async () => {
  await insertHistories();
  const lease = { name: 'refresh', owner: randomUUID(), token: 1 };
  await expect(runBars(database, { ids: IDS, lease })).rejects.toThrow(LeaseLostError);
  await expect(runEmas(database, { ids: IDS, lease })).rejects.toThrow(LeaseLostError);
  expect(Object.values(await dumpResults(database)).flat()).toEqual([]);
});

/** The database with its statements counted. */
function countStatements(inner: Database): { database: Database; count: () => number } {
  let statements = 0;
  const counted = (tx: Tx): Tx => ({
    query: (sql, params) => {
      statements += 1;
      return tx.query(sql, params);
    },
    execute: (sql, params) => {
      statements += 1;
      return tx.execute(sql, params);
    },
    copyIn: (sql, chunks) => {
      statements += 1;
      return tx.copyIn(sql, chunks);
    },
    copyOut: (sql) => {
      statements += 1;
      return tx.copyOut(sql);
    },
  });
  const transaction: Database['transaction'] = (work, options) =>
    inner.transaction((tx) => work(counted(tx)), options);
  return {
    database: { ...inner, transaction, read: (work) => inner.read((tx) => work(counted(tx))) },
    count: () => statements,
  };
}

test('the number of statements does not depend on the number of assets', async () => {
  await insertHistories(40);
  await runBoth();
  const countsOf = async (ids: number[]): Promise<number[]> => {
    for (const id of ids) {
      await insertPrices(
        database,
        id,
        historyOf(id).filter(({ timestampUs }) => timestampUs >= (SHAPE.firstDay + 40) * DAY_US),
      );
    }
    const counts: number[] = [];
    for (const run of [runBars, runEmas]) {
      const counter = countStatements(database);
      const outcomes = await run(counter.database, { ids });
      expect([...outcomes.values()].map(({ action }) => action)).toEqual(ids.map(() => 'append'));
      counts.push(counter.count());
    }
    return counts;
  };
  const one = await countsOf([1]);
  expect(await countsOf([52, 825])).toEqual(one);
  console.log(`[INFO] statements of a batch that appends: bars ${one[0]}, EMAs ${one[1]}`);
});
