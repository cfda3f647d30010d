/** Sums over series are written with the states that they are about, and believed only while nobody else writes those. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALIGNMENTS, BAR_ALIGNMENTS } from '../../src/domain/timeframe.js';
import type { Database, Tx } from '../../src/storage/database.js';
import { readEmaFacts } from '../../src/storage/ema-facts.js';
import { listWrongSums, readKeptBarSums, writeBarSums, writeSumsKept } from '../../src/storage/kept-sums.js';
import { readBarFacts } from '../../src/storage/plan-facts.js';
import {
  listBarSums,
  listCarrySums,
  readBarSumRows,
  readCarrySumRows,
} from '../../src/storage/series-sums.js';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { inRolledBack, listFindings, restoreStates } from '../support/verify.js';

const IDS = [1, 52, 825];
const SHAPE = { rows: 80, gapRate: 0.05, longestGap: 3, ties: false, badRate: 0.02, longestChunk: 10 };
const FIRST_DAY = 18_000;

let live: TestDatabase;
let database: Database;
let nextDay = FIRST_DAY + 200;

beforeAll(async () => {
  live = await createTestDatabase();
  database = live.database;
  for (const id of IDS) {
    await insertPrices(database, id, pricesOf({ ...SHAPE, seed: id, firstDay: FIRST_DAY }));
  }
});
afterAll(() => live?.drop());

/** The next day of these assets arrives. */
async function addDay(ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await insertPrices(
      database,
      id,
      pricesOf({ ...SHAPE, seed: id, firstDay: nextDay, rows: 1, badRate: 0 }),
    );
  }
  nextDay += 1;
}

/** A day more for every asset, so that every run writes all sums. */
beforeEach(async () => {
  await addDay(IDS);
  await runBars(database, { ids: IDS });
  await runEmas(database, { ids: IDS });
});

/** How many rows of sums are believed, by table. */
async function countBelieved(tx: Tx): Promise<{ bars: number; emas: number }> {
  const rows = await tx.query<[number, number]>(
    `select (select count(*) from price_bars_sum join series_epoch using (epoch) where states = 'price_bars_state'),
            (select count(*) from ema_sum join series_epoch using (epoch) where states = 'ema_state')`,
  );
  return { bars: rows[0]?.[0] ?? 0, emas: rows[0]?.[1] ?? 0 };
}

const ALL = { bars: IDS.length * BAR_ALIGNMENTS.length, emas: IDS.length * ALIGNMENTS.length };

/** Rows of states that this connection has read since its counts were last handed in. */
async function countStatesRead(tx: Tx): Promise<number> {
  const rows = await tx.query<[number]>(
    `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 from pg_stat_xact_user_tables
     where schemaname = current_schema() and relname in ('price_bars_state', 'ema_state')`,
  );
  return rows[0]?.[0] ?? Number.NaN;
}

/** Both kinds of sums as plans see them. */
async function readSums(tx: Tx) {
  return {
    bars: listBarSums(await readBarSumRows(tx, IDS, ALIGNMENTS)),
    emas: listCarrySums(await readCarrySumRows(tx, IDS, ALIGNMENTS)),
  };
}

test('after a run every sum is believed, and is what the states make', async () => {
  const { believed, wrong, kept } = await database.read(async (tx) => ({
    believed: await countBelieved(tx),
    wrong: [
      ...(await listWrongSums(tx, 1)),
      ...(await listWrongSums(tx, 52)),
      ...(await listWrongSums(tx, 825)),
    ],
    kept: await readSums(tx),
  }));
  expect(believed).toEqual(ALL);
  expect(wrong).toEqual([]);
  const made = await inRolledBack(database, async (_, tx) => {
    await tx.execute('delete from price_bars_sum');
    await tx.execute('delete from ema_sum');
    return readSums(tx);
  });
  expect(kept).toEqual(made);
});

test('planning assets with nothing new reads no state of a series', async () => {
  const read = await database.read(async (tx) => {
    const before = await countStatesRead(tx);
    await readBarFacts(tx, { ids: IDS, source: null, only: null });
    await readEmaFacts(tx, { ids: IDS, only: null });
    return (await countStatesRead(tx)) - before;
  });
  expect(read).toBe(0);
});

describe('whoever writes states without keeping sums voids all of that table', () => {
  const WHERE = `where id = 52 and alignment = 'cal_iso' and tf = '1W_CAL_ISO'`;
  test.each([
    ['price_bars_state', `update price_bars_state set closed_seq = closed_seq ${WHERE}`],
    ['price_bars_state', `delete from price_bars_state ${WHERE}`],
    ['price_bars_state', 'truncate price_bars_state'],
    ['ema_state', `update ema_state set bar_seq = bar_seq ${WHERE}`],
    ['ema_state', `delete from ema_state ${WHERE}`],
    ['ema_state', 'truncate ema_state'],
    [
      'ema_state',
      `insert into ema_state select id, alignment, input_count, bar_seq, last_close_day, close_sum, ema, ema_bar, 'X'
       from ema_state ${WHERE}`,
    ],
  ])('%s: %s', async (table, sql) => {
    const { believed, sums, made } = await inRolledBack(database, async (_, tx) => {
      await tx.execute(sql);
      const believed = await countBelieved(tx);
      const sums = await readSums(tx);
      await tx.execute('delete from price_bars_sum');
      await tx.execute('delete from ema_sum');
      return { believed, sums, made: await readSums(tx) };
    });
    expect(believed).toEqual(table === 'price_bars_state' ? { ...ALL, bars: 0 } : { ...ALL, emas: 0 });
    expect(sums).toEqual(made);
  });

  test('the next run of an asset makes its sums believed again', async () => {
    await execute(database, `update price_bars_state set closed_seq = closed_seq ${WHERE}`);
    await addDay([1]);
    await runBars(database, { ids: IDS });
    expect(await database.read(countBelieved)).toEqual({ ...ALL, bars: BAR_ALIGNMENTS.length });
  });
});

describe('beside a run', () => {
  const TOUCH = `update price_bars_state set watermark_day = watermark_day where id = 52`;

  test('states written after its snapshot and before its sums end it with a serialization failure', async () => {
    const failing = database.transaction(
      async (tx) => {
        const kept = await writeSumsKept(tx);
        await tx.query('select count(*) from price_bars_state');
        await execute(database, TOUCH);
        if (kept !== null) await writeBarSums(kept, IDS);
      },
      { isolation: 'repeatable read' },
    );
    await expect(failing).rejects.toMatchObject({ code: '40001' });
  });

  test('states written after its sums wait for its commit, and void them', async () => {
    const writing = await database.transaction(
      async (tx) => {
        const kept = await writeSumsKept(tx);
        if (kept !== null) await writeBarSums(kept, IDS);
        return database
          .transaction(async (other) => {
            await other.execute(`set local lock_timeout = '200ms'`);
            await other.execute(TOUCH);
          })
          .catch((error: unknown) => error);
      },
      { isolation: 'repeatable read' },
    );
    expect(writing).toMatchObject({ code: '55P03' });
    await execute(database, TOUCH);
    expect(await database.read((tx) => readKeptBarSums(tx, IDS, BAR_ALIGNMENTS))).toEqual([]);
  });
});

describe('without the triggers sums are neither written nor believed', () => {
  test.each([
    ['dropped', 'drop trigger series_sums_void on price_bars_state'],
    ['switched off', 'alter table price_bars_state disable trigger series_sums_void'],
  ])('%s', async (_, sql) => {
    const { kept, believed } = await inRolledBack(database, async (_database, tx) => {
      await tx.execute(sql);
      return { kept: await writeSumsKept(tx), believed: await readKeptBarSums(tx, IDS, BAR_ALIGNMENTS) };
    });
    expect(kept).toBeNull();
    expect(believed).toEqual([]);
  });
});

test('a sum that is believed and wrong is found by verify, and mended by state rebuild', async () => {
  await database.transaction(async (tx) => {
    await writeSumsKept(tx);
    await tx.execute(`delete from price_bars_state where id = 52 and alignment = 'multi_tf' and tf = '7D'`);
    await tx.execute(`update ema_sum set taken_bars = taken_bars + 1 where id = 1 and alignment = 'cal_us'`);
  });
  const found = await listFindings(database, { ids: IDS });
  expect(found).toEqual([
    expect.stringMatching(/^1: ema_sum cal_us: stored \(\d+,-?\d+,\d+\), expected \(/),
    expect.stringMatching(/^52: price_bars_sum multi_tf: stored \(90,/),
    expect.stringMatching(/^52: price_bars_state multi_tf 7D.*: missing/),
  ]);
  const restored = await restoreStates(database, { ids: IDS });
  expect(restored.map((each) => each.restored)).toEqual([{ ema_sum: 1 }, { price_bars_state: 1 }, {}]);
  expect(await listFindings(database, { ids: IDS })).toEqual([]);
});
