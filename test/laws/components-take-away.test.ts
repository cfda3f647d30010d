/** What is taken away goes: the last timeframe of an alignment, bars that are rebuilt, an asset without any day. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpResults, execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { keepTimeframes, listFindings, verify } from '../support/verify.js';

const IDS = [1, 52];
const DAYS: HistoryShape = {
  ...{ seed: 3, firstDay: 18_000, rows: 90, gapRate: 0.1, longestGap: 3 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
  await keepTimeframes(live.database);
});
afterAll(() => live?.drop());
beforeEach(async () => {
  await execute(
    live.database,
    `truncate cmc_price_histories7, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars,
       bar_carry, ema_points, ema_carry, series_built, price_kept`,
  );
  await execute(live.database, 'truncate price_change');
  for (const id of IDS) await insertPrices(live.database, id, pricesOf({ ...DAYS, seed: id }));
  await runBars(live.database, { ids: IDS });
  await runEmas(live.database, { ids: IDS });
});

test('the last timeframe of an alignment leaves nothing of it behind, and nothing else is touched', async () => {
  const before = await dumpResults(live.database, { prefix: `t.xmin::text || ' '` });
  const isOther = (row: string) => !row.includes(',cal_iso,');
  const removed = await live.database.transaction(async (tx) => {
    const rows = await tx.query<[string]>(
      `delete from dim_timeframe where alignment = 'cal_iso' returning tf`,
    );
    return rows.map(([tf]) => tf);
  });
  expect(removed.length).toBeGreaterThan(3);
  await runBars(live.database, { ids: IDS });
  const [first, second] = (await runEmas(live.database, { ids: IDS })).values();
  expect(first).toMatchObject({ status: 'ok', action: 'append' });
  expect(first?.reason).toMatch(/^cal_iso: remove \d+ series, the last of their alignment$/);
  expect(first?.rowsWritten).toBeGreaterThan(0);
  expect(second?.rowsWritten).toBe(second?.rowsNeeded);
  const after = await dumpResults(live.database, { prefix: `t.xmin::text || ' '` });
  for (const [table, rows] of Object.entries(after)) expect(rows).toEqual(before[table]?.filter(isOther));
  const [again] = (await runEmas(live.database, { ids: IDS })).values();
  expect(again).toMatchObject({ action: 'none', rowsWritten: 0 });
  await live.database.transaction(async (tx) => {
    for (const tf of removed) await tx.execute(`insert into dim_timeframe values ('cal_iso', $1)`, [tf]);
  });
  await runBars(live.database, { ids: IDS });
  await runEmas(live.database, { ids: IDS });
  const restored = await dumpResults(live.database);
  const xminless = Object.fromEntries(
    Object.entries(before).map(([table, rows]) => [
      table,
      rows.map((row) => row.replace(/^\d+ /, '')).sort(),
    ]),
  );
  expect(Object.fromEntries(Object.entries(restored).map(([table, rows]) => [table, rows.sort()]))).toEqual(
    xminless,
  );
});

test('bars rebuilt alone: the EMA views show nothing, verify says what waits, and EMAs that are equal stay', async () => {
  const points = await dumpResults(live.database, { prefix: `t.xmin::text || ' '` });
  const bars = await runBars(live.database, { ids: [1], fullRebuild: true });
  expect(bars.get(1)).toMatchObject({ status: 'ok', action: 'rebuild' });
  const shown = await live.database.read((tx) =>
    tx.query<[number, number]>('select id, count(*) from cmc_ema_multi_tf_u group by id order by id'),
  );
  expect(shown.map(([id]) => id)).toEqual([52]);
  const { verdicts } = await verify(live.database, { ids: IDS });
  expect(verdicts.map(({ differences }) => differences)).toEqual([0, 0]);
  expect(verdicts[0]?.waiting.length).toBeGreaterThan(3);
  const emas = await runEmas(live.database, { ids: IDS });
  expect(emas.get(1)).toMatchObject({ status: 'ok', action: 'repair' });
  expect(emas.get(52)).toMatchObject({ status: 'ok', action: 'none' });
  const after = await dumpResults(live.database, { prefix: `t.xmin::text || ' '` });
  expect(after.ema_points).toEqual(points.ema_points);
  // Its header was lowered and came back: the rows are new ones that say the same, and xmin sorts them elsewhere.
  const contents = (rows: readonly string[] | undefined) =>
    rows?.map((row) => row.slice(row.indexOf(' '))).sort();
  expect(contents(after.ema_carry)).toEqual(contents(points.ema_carry));
  expect(await listFindings(live.database, { ids: IDS, source: { relation: null } })).toEqual([]);
});

test('a full rebuild of an asset whose days have all gone, once that is accepted, leaves nothing of it', async () => {
  await execute(live.database, 'delete from cmc_price_histories7 where id = 1');
  const blocked = await runBars(live.database, { ids: [1], fullRebuild: true });
  expect(blocked.get(1)).toMatchObject({ status: 'failed' });
  const bars = await runBars(live.database, { ids: [1], fullRebuild: true, acceptDeletions: true });
  expect(bars.get(1)).toMatchObject({ status: 'ok', action: 'repair' });
  const left = await dumpResults(live.database, { ids: [1] });
  expect(Object.values(left).flat()).toEqual([]);
});

test('EMAs rebuilt while a series lags: the lag goes with them, and no row is counted twice', async () => {
  for (const id of IDS) {
    await execute(live.database, 'delete from cmc_price_histories7 where id = $1', [id]);
    await insertPrices(live.database, id, pricesOf({ ...DAYS, seed: id, rows: 95 }));
  }
  await runBars(live.database, { ids: IDS });
  await runEmas(live.database, { ids: IDS, tfs: ['1D'] });
  const countLags = () =>
    live.database.read((tx) => tx.query<[number]>('select count(*)::int from ema_series_lag'));
  expect((await countLags())[0]?.[0]).toBeGreaterThan(3);
  const emas = await runEmas(live.database, { ids: IDS, fullRebuild: true });
  for (const outcome of emas.values()) {
    expect(outcome).toMatchObject({ status: 'ok', action: 'rebuild' });
    expect(outcome.rowsWritten).toBe(outcome.rowsNeeded);
  }
  expect(await countLags()).toEqual([[0]]);
  const { verdicts } = await verify(live.database, { ids: IDS });
  expect(verdicts.map(({ differences }) => differences)).toEqual([0, 0]);
});

test('a timeframe in the place of another: as many as before, and still the old series goes and the new one comes', async () => {
  const change = (from: string, to: string) =>
    live.database.transaction(async (tx) => {
      await tx.execute(`delete from dim_timeframe where alignment = 'multi_tf' and tf = $1`, [from]);
      await tx.execute(`insert into dim_timeframe values ('multi_tf', $1)`, [to]);
    });
  const listSeries = async (table: string) => {
    const rows = await live.database.read((tx) =>
      tx.query<[string]>(`select distinct tf from ${table} where alignment = 'multi_tf'`),
    );
    return rows.map(([tf]) => tf);
  };
  const [old = ''] = (await listSeries('price_bars')).filter((tf) => tf !== '11D');
  await change(old, '11D');
  try {
    for (const outcomes of [
      await runBars(live.database, { ids: IDS }),
      await runEmas(live.database, { ids: IDS }),
    ])
      for (const outcome of outcomes.values())
        expect(outcome).toMatchObject({ status: 'ok', action: 'append', rowsWritten: outcome.rowsNeeded });
    for (const table of ['price_bars', 'price_bars_state', 'ema_points', 'ema_state']) {
      const series = await listSeries(table);
      expect(series).toContain('11D');
      expect(series).not.toContain(old);
    }
    expect(await listFindings(live.database, { ids: IDS })).toEqual([]);
  } finally {
    await change('11D', old);
  }
});
