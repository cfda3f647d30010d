/** Decision 115: whatever changes after whatever base, a repair stores what a rebuild stores, bit for bit, and reads no more than it must. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestoredAsset, rebuildStates } from '../../src/components/states/rebuild-states.js';
import type { AssetVerdict } from '../../src/components/verify/verdict.js';
import { verifyAssets } from '../../src/components/verify/verify-assets.js';
import { DAY_US, formatDay } from '../../src/domain/calendar/day.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { EMA_CARRY_COLUMNS } from '../../src/storage/emas/ema-states.js';
import { hashOf } from '../../src/storage/series/bases.js';
import type { Database } from '../../src/storage/session/database.js';
import {
  copyTable,
  dumpResults,
  execute,
  insertPrices,
  runBars,
  runEmas,
} from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, historyShapes, pricesOf } from '../support/histories.js';
import { runsOf } from '../support/long.js';
import { tally } from '../support/tally.js';

const RUNS = runsOf('HISTORIES', 12);
const LIMIT_MS = 60_000 + RUNS * 15_000;
const IDS = [1, 52] as const;
const RESULTS = `cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars, bar_carry, ema_points,
  ema_carry, series_built, price_kept, daily_base, bar_base, ema_base`;

let live: TestDatabase;
let fresh: TestDatabase;

beforeAll(async () => {
  live = await createTestDatabase();
  fresh = await createTestDatabase();
});
afterAll(async () => {
  await live?.drop();
  await fresh?.drop();
});

async function clear({ database }: TestDatabase): Promise<void> {
  await execute(database, `truncate cmc_price_histories7, price_change, dim_asset_split, ${RESULTS}`);
}

async function refresh(database: Database): Promise<void> {
  for (const outcomes of [await runBars(database, { ids: IDS }), await runEmas(database, { ids: IDS })])
    for (const outcome of outcomes.values()) {
      if (outcome.action === 'skip') continue;
      expect(outcome).toMatchObject({ status: 'ok', rowsWritten: outcome.rowsNeeded });
    }
}

async function expectRebuild(): Promise<void> {
  await clear(fresh);
  for (const table of ['cmc_price_histories7', 'dim_asset_split', 'price_kept'])
    await copyTable(live.database, fresh.database, table);
  await refresh(fresh.database);
  expect(await dumpResults(live.database)).toEqual(await dumpResults(fresh.database));
}

/** What happens to the row so many rows before the newest. */
const CHANGES = {
  none: null,
  close: 'update cmc_price_histories7 set close = (low + high) / 2 where ROW',
  high: 'update cmc_price_histories7 set high = high * 1.01 where ROW',
  refused: `update cmc_price_histories7 set close = 'NaN' where ROW`,
  deleted: 'delete from cmc_price_histories7 where ROW',
  split: `insert into dim_asset_split (id, day, new_units, old_units) select id, timestamp::date, 2, 1
    from cmc_price_histories7 where ROW on conflict do nothing`,
  secondRow: `insert into cmc_price_histories7 select id, name, timeopen, timeclose, timehigh, timelow,
      timestamp - interval '1 second', open, high, low, low, volume, marketcap, circulatingsupply, source_file, load_ts
    from cmc_price_histories7 where ROW on conflict do nothing`,
} as const;
const ROW = `(id, timestamp) = (select id, timestamp from cmc_price_histories7 where id = $1
  order by timestamp desc offset $2 limit 1)`;

const mornings = fc.record({
  days: fc.integer({ min: 0, max: 4 }),
  change: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[]), 'close', 'deleted', 'none'),
  id: fc.constantFrom(...IDS),
  back: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 25 })),
  /** Days that come later than those after them. */
  late: fc.integer({ min: 0, max: 2 }),
});

test(
  'a change of any day, after any mornings, leaves the rows of a rebuild',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(historyShapes(fc.integer({ min: 60, max: 200 })), { minLength: 2, maxLength: 2 }),
        fc.array(mornings, { minLength: 6, maxLength: 14 }),
        async (shapes, sequence) => {
          await clear(live);
          const rest = new Map<number, DailyPrice[]>();
          for (const [index, id] of IDS.entries()) {
            const shape = shapes[index] as HistoryShape;
            const prices = pricesOf({ ...shape, firstDay: Math.min(shape.firstDay, 17_000) });
            await insertPrices(live.database, id, prices.slice(0, -50));
            rest.set(id, prices.slice(-50));
          }
          await refresh(live.database);
          const late: { id: number; price: DailyPrice }[] = [];
          for (const morning of sequence) {
            for (const { id, price } of late.splice(0)) await insertPrices(live.database, id, [price]);
            for (const id of IDS) {
              const arriving = rest.get(id)?.splice(0, morning.days) ?? [];
              const [held] = morning.late > 0 && arriving.length > 1 ? arriving.splice(0, 1) : [];
              if (held !== undefined) late.push({ id, price: held });
              await insertPrices(live.database, id, arriving);
            }
            const sql: string | null = CHANGES[morning.change];
            if (sql !== null)
              await execute(live.database, sql.replace('ROW', ROW), [morning.id, morning.back]);
            await refresh(live.database);
          }
          await expectRebuild();
        },
      ),
      { numRuns: RUNS },
    );
    tally('histories', RUNS);
  },
  LIMIT_MS,
);

const SHAPE: HistoryShape = {
  ...{ seed: 11, firstDay: 16_000, rows: 320, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

/** So many days at once, then so many mornings of one day. */
async function build(mornings: number, shape: HistoryShape = SHAPE): Promise<DailyPrice[]> {
  await clear(live);
  const prices = pricesOf(shape);
  await insertPrices(live.database, 1, prices.slice(0, -mornings));
  await refresh(live.database);
  for (let at = mornings; at > 0; at -= 1) {
    await insertPrices(live.database, 1, prices.slice(-at, prices.length - at + 1));
    await refresh(live.database);
  }
  return prices;
}

async function basesOf(): Promise<{ daily: unknown[]; bars: unknown[]; emas: unknown[] }> {
  return live.database.read(async (tx) => ({
    daily: await tx.query('select slot, last_day from daily_base order by last_day'),
    bars: await tx.query('select distinct slot, newest_day from bar_base order by newest_day'),
    emas: await tx.query('select distinct slot, watermark_day from ema_base order by watermark_day'),
  }));
}

async function verify(): Promise<AssetVerdict[]> {
  const verdicts: AssetVerdict[] = [];
  await verifyAssets(live.database, { ids: [1], source: null }, (verdict) => verdicts.push(verdict));
  return verdicts;
}

const restate = (back: number) => execute(live.database, CHANGES.close.replace('ROW', ROW), [1, back]);

test('mornings leave two bases, a fortnight apart, the younger of before the newest day', async () => {
  const prices = await build(30);
  const lastDay = Math.floor((prices.at(-1)?.timestampUs ?? 0) / DAY_US);
  const { daily, bars, emas } = await basesOf();
  expect(bars).toEqual(daily);
  expect(emas).toEqual(daily);
  const days = daily.map((row) => (row as number[])[1] as number);
  expect(days).toHaveLength(2);
  expect((days[1] as number) - (days[0] as number)).toBe(14);
  expect(lastDay - (days[1] as number)).toBeGreaterThan(0);
  expect(lastDay - (days[1] as number)).toBeLessThan(15);
});

test.each([0, 3, 15])('%i days back: what lies before the base is not looked at', async (back) => {
  const prices = await build(20);
  // Rows that a whole comparison would take away, before every base.
  await execute(live.database, `update cmc_price_bars_1d set close = close + 1 where bar_seq = 100`);
  await execute(
    live.database,
    `update ema_points set ema = array_fill(1::float8, array[cardinality(ema)]) where tf = '3D' and bar_seq = 50`,
  );
  await restate(back);
  await refresh(live.database);
  const touched = await live.database.read((tx) =>
    tx.query<[number, number]>(
      `select (select count(*) from cmc_price_bars_1d where bar_seq = 100 and close <> $1),
         (select count(*) from ema_points where tf = '3D' and bar_seq = 50 and ema[1] = 1 and alignment = 'multi_tf')`,
      [prices[99]?.close],
    ),
  );
  expect(touched).toEqual([[1, 1]]);
});

test('verify finds a base that is another one though its hash is right, and state rebuild takes it away', async () => {
  await build(20);
  expect(await verify()).toMatchObject([{ differences: 0 }]);
  await execute(live.database, `update ema_base b set close_sum = close_sum + 1 where alignment = 'v2'`);
  await execute(live.database, `update ema_base b set hash = ${hashOf('b', EMA_CARRY_COLUMNS)}`);
  expect(await verify()).toMatchObject([{ differences: 2, byTable: { ema_base: 2 } }]);
  const restored: RestoredAsset[] = [];
  await rebuildStates(live.database, { ids: [1], source: null, lease: null, isDryRun: false }, (each) =>
    restored.push(each),
  );
  expect(restored).toMatchObject([{ restored: { ema_base: 2 } }]);
  expect(await verify()).toMatchObject([{ differences: 0 }]);
});

test('the very day of a base, when it changes, is computed from the base before it', async () => {
  await build(20);
  const [older, newer] = (await basesOf()).daily as [number, number][];
  const [[lastDay]] = (await live.database.read((tx) =>
    tx.query('select last_day from cmc_price_bars_1d_state'),
  )) as [[number]];
  await restate(lastDay - (newer?.[1] ?? 0));
  await refresh(live.database);
  expect(await basesOf()).toEqual({ daily: [older], bars: [older], emas: [older] });
  await expectRebuild();
});

test('a change before every base is read from the first day, and the bases after it go', async () => {
  await build(20);
  await restate(40);
  await refresh(live.database);
  expect(await basesOf()).toEqual({ daily: [], bars: [], emas: [] });
  await expectRebuild();
});

test.each([
  ['bar_base', 'close = array_fill(1::float8, array[cardinality(close)])'],
  ['bar_base', 'closed_seq = array_fill(0, array[cardinality(closed_seq)])'],
  ['ema_base', 'ema = array_fill(1::float8, array[cardinality(ema)])'],
  ['ema_base', 'close_sum = close_sum + 1'],
  ['daily_base', 'bar_seq = bar_seq + 1'],
  ['daily_base', 'src_hash = src_hash + 1'],
])('a damaged %s (%s) stores nothing false', async (table, damage) => {
  await build(20);
  expect(await execute(live.database, `update ${table} set ${damage}`)).toBeGreaterThan(1);
  const verdicts = await verify();
  expect(Object.keys(verdicts[0]?.byTable ?? {})).toEqual([table]);
  await restate(0);
  await refresh(live.database);
  await expectRebuild();
});

test('without notes the fingerprint up to the base says whether it counts', async () => {
  await build(20);
  const before = await basesOf();
  await execute(live.database, 'alter table cmc_price_histories7 disable trigger user');
  try {
    await restate(0);
    await refresh(live.database);
    expect(await basesOf()).toEqual(before);
    await restate(1);
    await restate(60);
    await refresh(live.database);
    expect(await basesOf()).toEqual({ daily: [], bars: [], emas: [] });
    await expectRebuild();
  } finally {
    await execute(live.database, 'alter table cmc_price_histories7 enable trigger user');
  }
});

test('a timeframe that comes and goes, and other periods, take the base away', async () => {
  const prices = await build(20);
  const more = pricesOf({ ...SHAPE, seed: 12, firstDay: SHAPE.firstDay + SHAPE.rows, rows: 2 });
  expect(formatDay(SHAPE.firstDay)).toBe('2013-10-22');
  await execute(live.database, `delete from dim_timeframe where tf = '3D'`);
  await insertPrices(live.database, 1, more.slice(0, 1));
  await refresh(live.database);
  await execute(live.database, `insert into dim_timeframe values ('multi_tf', '3D'), ('v2', '3D')`);
  await refresh(live.database);
  await restate(0);
  await refresh(live.database);
  await expectRebuild();
  await execute(live.database, 'delete from dim_period where period = 9');
  await execute(fresh.database, 'delete from dim_period where period = 9');
  await restate(0);
  await refresh(live.database);
  await expectRebuild();
  for (const { database } of [live, fresh]) await execute(database, 'insert into dim_period values (9)');
  expect(prices).toHaveLength(SHAPE.rows);
});
