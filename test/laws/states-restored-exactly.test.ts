/** Lost and damaged states come back bit for bit, and a refresh continues from them as if nothing had happened. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LeaseLostError } from '../../src/storage/failures/lease-lost.js';
import type { Database, Tx } from '../../src/storage/session/database.js';
import { dumpResults, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { allowStateEdits } from '../support/state-edits.js';
import { inRolledBack, keepTimeframes, listFindings, restoreStates } from '../support/verify.js';

const SHAPE: HistoryShape = {
  ...{ seed: 11, firstDay: 17_999, rows: 200, gapRate: 0.05, longestGap: 3 },
  ...{ ties: false, badRate: 0.04, longestChunk: 30 },
};
const IDS = [1, 52];
const DAYS_AT_FIRST = 190;

let warehouse: TestDatabase;
let database: Database;
let before: Record<string, string[]>;

const historyOf = (id: number) => pricesOf({ ...SHAPE, seed: id });

beforeAll(async () => {
  warehouse = await createTestDatabase();
  database = warehouse.database;
  await allowStateEdits(database);
  await keepTimeframes(database);
  for (const id of IDS) await insertPrices(database, id, historyOf(id).slice(0, DAYS_AT_FIRST));
  await runBars(database, { ids: IDS });
  await runEmas(database, { ids: IDS });
  before = await dumpAll(database);
});
afterAll(async () => {
  await warehouse?.drop();
});

async function dumpAll(source: Database): Promise<Record<string, string[]>> {
  const lags = await source.read((tx) =>
    tx.query<[string]>('select t::text from ema_series_lag t order by 1'),
  );
  return { ...(await dumpResults(source)), ema_series_lag: lags.map(([row]) => row) };
}

const STATES = ['price_bars_state', 'ema_state', 'ema_asset_state', 'cmc_price_bars_1d_state'];
const NEXT = '1.0000000000000002';

/** Statements that damage the states of asset 1. */
const DAMAGES: Record<string, string[]> = {
  ...Object.fromEntries(STATES.map((table) => [`all of ${table}`, [`delete from ${table} where id = 1`]])),
  'every state': STATES.map((table) => `delete from ${table} where id = 1`),
  'one state of a bar series': [`delete from price_bars_state where id = 1 and tf = '7D'`],
  'one carry': [`delete from ema_state where id = 1 and alignment = 'v2' and tf = '7D'`],
  'open bars': [
    `update price_bars_state set high = high * ${NEXT}, volume = volume + 1 where id = 1 and bar_seq > 3`,
  ],
  watermarks: [
    `update price_bars_state set watermark_day = watermark_day - 3 where id = 1 and bar_seq is not null`,
    `update ema_asset_state set watermark_day = watermark_day - 3 where id = 1`,
  ],
  'watermarks too far': [
    `update price_bars_state set watermark_day = watermark_day + 30 where id = 1`,
    `update ema_asset_state set watermark_day = watermark_day + 30, row_count = row_count + 30 where id = 1`,
  ],
  'carries and sums': [
    `update ema_state set ema[1] = ema[1] * ${NEXT}, input_count = input_count + 1 where id = 1 and cardinality(ema) > 0`,
    `update ema_asset_state set close_sum = close_sum + 1 where id = 1`,
  ],
  'cut carries': [`update ema_state set ema = ema[1:1], ema_bar = '{}' where id = 1 and tf = '7D'`],
  'a wrong header': [
    `update bar_carry set closed_bars = closed_bars - 1, newest_day = newest_day + 1 where id = 1`,
    `update ema_carry set series_hash = 0, taken_bars = 0 where id = 1`,
  ],
  'an array cut short': [
    `update bar_carry set close = close[1:2], tf_days = '{}' where id = 1 and alignment = 'multi_tf'`,
    `update ema_carry set ema = ema[1:3] where id = 1 and alignment = 'cal_us'`,
  ],
  periods: [`update ema_asset_state set periods = '{6,9}' where id = 1`],
  'a lag of its own': [
    `insert into ema_series_lag select id, alignment, '7D', watermark_day - 9, watermark_ts, row_count - 9, last_close,
       close_sum from ema_asset_state where id = 1 and alignment = 'multi_tf'`,
  ],
  'the 1D state': [
    `update cmc_price_bars_1d_state set last_src_ts = last_src_ts - interval '3 days', bar_seq = 7, src_rows = 5,
       first_day = null where id = 1`,
  ],
  'the fingerprint of the 1D state': ['update cmc_price_bars_1d_state set src_hash = 17 where id = 1'],
};

async function damage(tx: Tx, statements: readonly string[]): Promise<void> {
  for (const sql of statements) expect(await tx.execute(sql)).toBeGreaterThan(0);
}

describe('restored bit for bit', () => {
  test.each(Object.entries(DAMAGES))('%s', async (_, statements) => {
    await inRolledBack(database, async (damaged, tx) => {
      await damage(tx, statements);
      const reported = await restoreStates(damaged, { ids: IDS, isDryRun: true });
      expect(await dumpAll(damaged)).not.toEqual(before);
      const [repaired, other] = await restoreStates(damaged, { ids: IDS });
      expect(await dumpAll(damaged)).toEqual(before);
      expect(repaired).toMatchObject({ remaining: [], error: null, isSourceOther: false });
      expect(Object.keys(repaired?.restored ?? {}).length).toBeGreaterThan(0);
      expect(reported).toEqual([repaired, other]);
      expect(other).toMatchObject({ restored: {}, remaining: [], error: null });
      expect(await tx.query('select * from price_change where id = 1 and op <> $1', ['I'])).toEqual([]);
    });
  });
});

test('states that are right are not written', async () => {
  const versions = () => dumpResults(database, { prefix: `t.xmin::text || ' '` });
  const before = await versions();
  const restored = await restoreStates(database, { ids: IDS });
  expect(restored.map(({ restored: tables }) => tables)).toEqual([{}, {}]);
  expect(await versions()).toEqual(before);
});

test('a refresh continues from restored states to what a rebuild has', async () => {
  await inRolledBack(database, async (damaged, tx) => {
    await damage(tx, DAMAGES['every state'] ?? []);
    await restoreStates(damaged, { ids: IDS });
    for (const id of IDS) await insertPrices(damaged, id, historyOf(id).slice(DAYS_AT_FIRST));
    expect((await runBars(damaged, { ids: IDS })).get(1)).toMatchObject({ status: 'ok', action: 'append' });
    expect((await runEmas(damaged, { ids: IDS })).get(1)).toMatchObject({ status: 'ok', action: 'append' });
    expect(await listFindings(damaged, { ids: IDS, source: { relation: null } })).toEqual([]);
  });
});

test('a series that lags is restored where its rows say that it is, and catches up', async () => {
  await inRolledBack(database, async (lagging, tx) => {
    for (const id of IDS) await insertPrices(lagging, id, historyOf(id).slice(DAYS_AT_FIRST));
    await runBars(lagging, { ids: IDS, tfs: ['7D', '14D'] });
    await runEmas(lagging, { ids: IDS, tfs: ['7D', '14D'] });
    const lags = () => tx.query<[number]>('select count(*) from ema_series_lag where id = 1');
    expect((await lags())[0]?.[0]).toBeGreaterThan(5);
    expect(await listFindings(lagging, { ids: IDS, source: { relation: null } })).toEqual([]);
    await damage(tx, [...(DAMAGES['every state'] ?? []), 'delete from ema_series_lag where id = 1']);
    expect(await listFindings(lagging, { ids: [1] })).not.toEqual([]);
    const [repaired] = await restoreStates(lagging, { ids: IDS });
    expect(repaired).toMatchObject({ remaining: [], error: null });
    expect((await lags())[0]?.[0]).toBeGreaterThan(0);
    expect(await listFindings(lagging, { ids: IDS, source: { relation: null } })).toEqual([]);
    for (const outcomes of [await runBars(lagging, { ids: IDS }), await runEmas(lagging, { ids: IDS })]) {
      expect(outcomes.get(1)).toMatchObject({ status: 'ok', action: 'append' });
    }
    expect((await lags())[0]?.[0]).toBe(0);
    expect(await listFindings(lagging, { ids: IDS, source: { relation: null } })).toEqual([]);
  });
});

describe('when the source has changed meanwhile', () => {
  const CORRECTION = `update cmc_price_histories7 set close = close * 1.01, high = high * 1.02
    where id = 1 and timestamp = (select timestamp from cmc_price_bars_1d where id = 1 and bar_seq = 100)`;

  test('a lost 1D state comes back with a note, and the next run repairs', async () => {
    await inRolledBack(database, async (damaged, tx) => {
      await damage(tx, [
        CORRECTION,
        'delete from cmc_price_bars_1d_state where id = 1',
        'delete from price_change',
      ]);
      const [repaired] = await restoreStates(damaged, { ids: [1] });
      expect(repaired).toMatchObject({
        isSourceOther: true,
        remaining: [],
        restored: { cmc_price_bars_1d_state: 1 },
      });
      expect(await tx.query('select id, op from price_change')).toEqual([[1, 'U']]);
      await expectRepair(damaged);
    });
  });

  test('without notes its fingerprint is one that no source row has', async () => {
    await inRolledBack(database, async (damaged, tx) => {
      await tx.execute('alter table cmc_price_histories7 disable trigger all');
      await damage(tx, [CORRECTION, 'delete from cmc_price_bars_1d_state where id = 1']);
      await tx.execute('delete from price_change');
      await restoreStates(damaged, { ids: [1] });
      expect(await tx.query('select id, op from price_change')).toEqual([]);
      await expectRepair(damaged);
    });
  });

  async function expectRepair(damaged: Database): Promise<void> {
    expect((await runBars(damaged, { ids: [1] })).get(1)).toMatchObject({ status: 'ok', action: 'repair' });
    expect((await runEmas(damaged, { ids: [1] })).get(1)).toMatchObject({ status: 'ok', action: 'repair' });
    expect(await listFindings(damaged, { ids: [1], source: { relation: null } })).toEqual([]);
  }
});

test('what states cannot repair is named, and EMAs that wait for a repair are left alone', async () => {
  await inRolledBack(database, async (damaged, tx) => {
    await damage(tx, [
      `update ema_asset_state set watermark_day = watermark_day - 5, repair_from = watermark_day - 4
         where id = 1 and alignment = 'v2'`,
      `delete from price_bars where id = 1 and tf = '7D' and bar_seq = 3`,
      `delete from price_bars_state where id = 1 and tf = '3D'`,
      `delete from cmc_price_bars_1d where id = 52 and bar_seq = 3`,
    ]);
    const [first, second] = await restoreStates(damaged, { ids: IDS });
    expect(first).toMatchObject({
      restored: { price_bars_state: 1 },
      remaining: ['1 of its rows in price_bars not what a rebuild makes'],
      waiting: [{ alignment: 'v2' }],
      error: null,
    });
    expect(second?.error).toMatch(/bar_seq 3 of its 1D bars is not there/);
  });
});

test('without the lease nothing is written', async () => {
  const lease = { name: 'refresh', owner: randomUUID(), token: 1 };
  await expect(restoreStates(database, { ids: IDS, lease })).rejects.toThrow(LeaseLostError);
});
