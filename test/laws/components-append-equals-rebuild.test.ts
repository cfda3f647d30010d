/** Decision 014 on the database: after any sequence of runs the stored rows are those of a rebuild, bit for bit. */
import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_US, dayOfUs } from '../../src/domain/calendar/day.js';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { usualNameOf } from '../../src/domain/indicators/name.js';
import { BAR_BUILDERS, type BarBuilder } from '../../src/domain/planning/plan.js';
import { EMA_FAMILIES, type EmaFamily } from '../../src/domain/planning/plan-emas.js';
import { INDICATOR_FAMILIES, type IndicatorFamily } from '../../src/domain/planning/plan-indicators.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { configureModules } from '../../src/storage/own-indicators/modules.js';
import type { Database } from '../../src/storage/session/database.js';
import {
  copyTable,
  dumpResults,
  execute,
  insertPrices,
  runBars,
  runEmas,
  runIndicators,
} from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, historyShapes, pricesOf } from '../support/histories.js';
import { runsOf } from '../support/long.js';
import { tally } from '../support/tally.js';

const IDS = [1, 52, 825] as const;
const DIMENSIONS = ['dim_timeframe', 'dim_period', 'dim_indicator'] as const;

let live: TestDatabase;
let fresh: TestDatabase;

beforeAll(async () => {
  configureModules(
    ['my-rsi', 'my-dema', 'my-bands'].map((name) =>
      resolve(import.meta.dirname, `../fixtures/indicators/${name}.mjs`),
    ),
  );
  live = await createTestDatabase();
  fresh = await createTestDatabase();
});
afterAll(async () => {
  configureModules([]);
  await live?.drop();
  await fresh?.drop();
});

const RESTORE = `insert into dim_timeframe values ('multi_tf', '3D'), ('v2', '3D'), ('cal_iso', '1W_CAL_ISO'),
  ('cal_anchor_us', '2M_CAL_ANCHOR'), ('cal_anchor_iso', '2M_CAL_ANCHOR') on conflict do nothing`;

/** Changes to what is already there; PICKED stands for one row of one asset. */
const MUTATIONS = {
  none: null,
  restate: `update cmc_price_histories7 set close = close * 1.5 where (id, timestamp) = PICKED`,
  remove: `delete from cmc_price_histories7 where (id, timestamp) = PICKED`,
  touch: `update cmc_price_histories7 set source_file = source_file where (id, timestamp) = PICKED`,
  backfill: `insert into cmc_price_histories7 select id, name, timeopen - d, timeclose - d, timehigh - d, timelow - d,
      timestamp - d, open, high, low, close, volume, marketcap, circulatingsupply, source_file, load_ts
    from cmc_price_histories7, (select interval '3000 days') x (d) where (id, timestamp) = PICKED on conflict do nothing`,
  addTimeframes: `insert into dim_timeframe values ('multi_tf', '6D'), ('v2', '6D'), ('cal_us', '5W_CAL_US')
    on conflict do nothing`,
  dropTimeframes: `delete from dim_timeframe where tf in ('3D', '1W_CAL_ISO', '2M_CAL_ANCHOR')`,
  restoreTimeframes: RESTORE,
  addPeriod: `insert into dim_period values (2) on conflict do nothing`,
  dropPeriod: `delete from dim_period where period = 9`,
  addIndicators: `insert into dim_indicator select unnest(array['rsi_14', 'sma_20', 'macd_12_26_9', 'obv'])
    on conflict (name) do update set active = true`,
  dropIndicators: `delete from dim_indicator where name in ('rsi_14', 'obv')`,
  everyIndicator: `insert into dim_indicator select unnest(array[${INDICATOR_KINDS.map((kind) => `'${usualNameOf(kind)}'`).join(', ')}])
    on conflict (name) do update set active = true`,
  ownIndicators: `insert into dim_indicator values ('my_rsi_14'), ('my_dema_5'), ('my_bands_20_2'), ('rsi_14')
    on conflict (name) do update set active = true`,
  idleIndicators: `update dim_indicator set active = false`,
} as const;
type MutationName = keyof typeof MUTATIONS;

const PICKED = `(select id, timestamp from cmc_price_histories7 where id = $1
  order by timestamp offset $2 % (select greatest(count(*), 1) from cmc_price_histories7 where id = $1) limit 1)`;

const RUNS = runsOf('HISTORIES', 12);
const LIMIT_MS = 60_000 + RUNS * 10_000;

interface Step {
  /** Share of each asset's remaining rows that arrives, 0 to 10 tenths. */
  shares: number[];
  mutation: MutationName;
  picks: [asset: number, row: number];
  bars: BarBuilder[] | null;
  emas: EmaFamily[] | null;
  indicators: IndicatorFamily[] | null;
  batchAssets: number;
}

const subset = <T>(names: readonly T[]) => fc.option(fc.subarray([...names]), { nil: null });
const steps: fc.Arbitrary<Step> = fc.record({
  shares: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 3, maxLength: 3 }),
  mutation: fc.constantFrom(...(Object.keys(MUTATIONS) as MutationName[]), 'none', 'none', 'none', 'none'),
  picks: fc.tuple(fc.constantFrom(...IDS), fc.nat({ max: 5000 })),
  bars: subset(BAR_BUILDERS),
  emas: subset(EMA_FAMILIES),
  indicators: subset(INDICATOR_FAMILIES),
  batchAssets: fc.integer({ min: 1, max: 3 }),
});
const histories = fc.record({
  shapes: fc.array(historyShapes(fc.integer({ min: 1, max: 260 })), { minLength: 3, maxLength: 3 }),
  steps: fc.array(steps, { minLength: 2, maxLength: 7 }),
});

async function clear({ database }: TestDatabase): Promise<void> {
  await execute(
    database,
    `truncate cmc_price_histories7, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars,
       bar_carry, ema_points, ema_carry, indicator_points, indicator_carry, series_built, price_kept, dim_indicator`,
  );
}

async function mutate(database: Database, { mutation, picks }: Step): Promise<void> {
  const sql: string | null = MUTATIONS[mutation];
  if (sql === null) return;
  const needsRow = sql.includes('PICKED');
  await execute(database, sql.replace('PICKED', PICKED), needsRow ? picks : []);
}

async function takeStep(database: Database, step: Step, rest: Map<number, DailyPrice[]>): Promise<void> {
  for (const [index, id] of IDS.entries()) {
    const prices = rest.get(id) ?? [];
    const count = Math.ceil((prices.length * (step.shares[index] ?? 0)) / 10);
    await insertPrices(database, id, prices.slice(0, count));
    rest.set(id, prices.slice(count));
  }
  await mutate(database, step);
  const { batchAssets } = step;
  await expectNoFailure(runBars(database, { ids: IDS, only: step.bars, batchAssets }));
  await expectNoFailure(runEmas(database, { ids: IDS, only: step.emas, batchAssets }));
  await expectNoFailure(runIndicators(database, { ids: IDS, only: step.indicators, batchAssets }));
}

/** Failures are allowed for one reason only: all rows of an asset were deleted. */
async function expectNoFailure(run: ReturnType<typeof runBars>): Promise<void> {
  for (const { status, reason, rowsNeeded, rowsWritten } of (await run).values()) {
    expect(rowsWritten).toBe(rowsNeeded);
    if (status === 'failed') expect(reason).toMatch(/source rows have vanished/);
  }
}

/** What a rebuild stores: a second database with the same source and dimensions, built at once. */
async function rebuildElsewhere(): Promise<void> {
  await clear(fresh);
  for (const table of [...DIMENSIONS, 'cmc_price_histories7', 'price_kept']) {
    await copyTable(live.database, fresh.database, table);
  }
  await runBars(fresh.database, { ids: IDS });
  await runEmas(fresh.database, { ids: IDS });
  await runIndicators(fresh.database, { ids: IDS });
}

/** Days up to the database's now only: the generated ones may reach beyond. */
function pastPrices(shape: HistoryShape): DailyPrice[] {
  const prices = pricesOf({ ...shape, firstDay: Math.min(shape.firstDay, 17_000) });
  return prices.filter(({ timestampUs }) => timestampUs < 20_000 * DAY_US);
}

test(
  'after any sequence of appends, changes and partial runs, every row is the one of a rebuild',
  async () => {
    const pristine = await createTestDatabase();
    try {
      await fc.assert(
        fc.asyncProperty(histories, async ({ shapes, steps: sequence }) => {
          await clear(live);
          for (const table of DIMENSIONS) await copyTable(pristine.database, live.database, table);
          const rest = new Map(
            IDS.map((id, index) => [id as number, pastPrices(shapes[index] as HistoryShape)]),
          );
          for (const step of sequence) await takeStep(live.database, step, rest);
          await execute(live.database, RESTORE);
          // An asset whose rows have all gone is left as it is: the law is about assets with a source.
          await expectNoFailure(runBars(live.database, { ids: IDS }));
          await expectNoFailure(runEmas(live.database, { ids: IDS }));
          await expectNoFailure(runIndicators(live.database, { ids: IDS }));
          await rebuildElsewhere();
          const sources = await live.database.read((tx) =>
            tx.query<[number]>('select distinct id from cmc_price_histories7'),
          );
          const ids = sources.map(([id]) => id);
          expect(await dumpResults(live.database, { ids })).toEqual(
            await dumpResults(fresh.database, { ids }),
          );
        }),
        { numRuns: RUNS },
      );
      tally('histories', RUNS);
    } finally {
      await pristine.drop();
    }
  },
  LIMIT_MS,
);

const DAYS: HistoryShape = {
  ...{ seed: 3, firstDay: 18_000, rows: 90, gapRate: 0.1, longestGap: 3 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

test('a rebuild by the 1d builder alone leaves no series behind: those that were there are rebuilt with it', async () => {
  await clear(live);
  await insertPrices(live.database, 1, pricesOf(DAYS));
  await runBars(live.database, { ids: [1], only: ['1d', 'cal_us'] });
  await execute(live.database, 'update cmc_price_histories7 set close = close + 1');
  const bars = await runBars(live.database, { ids: [1], only: ['1d'] });
  expect(bars.get(1)).toMatchObject({ status: 'ok', action: 'repair' });
  await rebuildElsewhere();
  const [stored, rebuilt] = [await dumpResults(live.database), await dumpResults(fresh.database)];
  for (const table of ['price_bars', 'bar_carry']) {
    expect(stored[table]?.length).toBeGreaterThan(table === 'price_bars' ? 30 : 0);
    expect(stored[table]).toEqual(rebuilt[table]?.filter((row) => row.includes(',cal_us,')));
  }
});

test('EMAs go as far as their bars: a series without bars is left out, and built when it has them', async () => {
  await clear(live);
  const prices = pricesOf(DAYS);
  const watermarkOf = async (): Promise<unknown[]> => {
    const rows = await live.database.read((tx) =>
      tx.query('select distinct watermark_day from ema_asset_state order by 1'),
    );
    return rows.flat();
  };
  await insertPrices(live.database, 1, prices.slice(0, 60));
  await runBars(live.database, { ids: [1] });
  await runEmas(live.database, { ids: [1] });
  const tf = `('multi_tf', '3D')`;
  await execute(live.database, `delete from dim_timeframe where (alignment, tf) = ${tf}`);
  await insertPrices(live.database, 1, prices.slice(60));
  await runBars(live.database, { ids: [1] });
  await execute(live.database, `insert into dim_timeframe values ${tf}`);
  const emas = await runEmas(live.database, { ids: [1], fullRebuild: true });
  expect(emas.get(1)).toMatchObject({ status: 'ok', action: 'rebuild' });
  expect(await watermarkOf()).toEqual([dayOfUs(prices.at(-1)?.timestampUs ?? 0)]);
  await runBars(live.database, { ids: [1] });
  expect((await runEmas(live.database, { ids: [1] })).get(1)).toMatchObject({
    status: 'ok',
    action: 'append',
  });
  await rebuildElsewhere();
  expect(await dumpResults(live.database)).toEqual(await dumpResults(fresh.database));
});

test('a timeframe that was taken away and comes back waits for its bars, then is built from the first day', async () => {
  await clear(live);
  const prices = pricesOf(DAYS);
  const tf = `('multi_tf', '3D')`;
  const refresh = async () => {
    await runBars(live.database, { ids: [1] });
    return (await runEmas(live.database, { ids: [1] })).get(1);
  };
  await insertPrices(live.database, 1, prices.slice(0, 60));
  await refresh();
  await execute(live.database, `delete from dim_timeframe where (alignment, tf) = ${tf}`);
  await insertPrices(live.database, 1, prices.slice(60));
  expect(await refresh()).toMatchObject({ status: 'ok', action: 'append' });
  await execute(live.database, `insert into dim_timeframe values ${tf}`);
  const early = (await runEmas(live.database, { ids: [1] })).get(1);
  expect(early).toMatchObject({ status: 'ok', action: 'none', rowsWritten: 0 });
  expect(await refresh()).toMatchObject({ status: 'ok', action: 'append' });
  await rebuildElsewhere();
  expect(await dumpResults(live.database)).toEqual(await dumpResults(fresh.database));
});

test('one timeframe of each alignment takes in new days: the next run has no new day, and still the others catch up', async () => {
  await clear(live);
  const prices = pricesOf(DAYS);
  await insertPrices(live.database, 1, prices.slice(0, 60));
  await runBars(live.database, { ids: [1] });
  await runEmas(live.database, { ids: [1] });
  await insertPrices(live.database, 1, prices.slice(60));
  const tfs = ['7D', '1W_CAL_US', '1W_CAL_ISO', '1W_CAL_ANCHOR_US', '1W_CAL_ANCHOR_ISO'];
  await runBars(live.database, { ids: [1], tfs });
  await runEmas(live.database, { ids: [1], tfs });
  for (const outcomes of [
    await runBars(live.database, { ids: [1] }),
    await runEmas(live.database, { ids: [1] }),
  ]) {
    expect(outcomes.get(1)).toMatchObject({ status: 'ok', action: 'append' });
    expect(outcomes.get(1)?.rowsWritten).toBeGreaterThan(0);
  }
  await rebuildElsewhere();
  expect(await dumpResults(live.database)).toEqual(await dumpResults(fresh.database));
});
