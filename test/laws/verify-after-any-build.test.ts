/** Whatever way the rows came about: verify finds nothing, and the hashes are those of a rebuild somewhere else. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_US } from '../../src/domain/calendar/day.js';
import { BAR_BUILDERS, type BarBuilder } from '../../src/domain/planning/plan.js';
import { EMA_FAMILIES, type EmaFamily } from '../../src/domain/planning/plan-emas.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { migrate } from '../../src/storage/schema/migrate.js';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { copyTable, execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, historyShapes, pricesOf } from '../support/histories.js';
import { runsOf } from '../support/long.js';
import { tally } from '../support/tally.js';
import { keepTimeframes, verify } from '../support/verify.js';

const IDS = [1, 52];
const TFS = ['1D', '3D', '7D', '1W_CAL_US', '1M_CAL', '1W_CAL_ANCHOR_ISO', '3Y_CAL_ANCHOR'];
const DIMENSIONS = ['dim_timeframe', 'dim_period'];

let live: TestDatabase;
let elsewhere: Database;
let pristine: TestDatabase;

beforeAll(async () => {
  live = await createTestDatabase();
  pristine = await createTestDatabase();
  await keepTimeframes(pristine.database);
  // A schema with an unfriendly name in the same database as the untouched reference tables.
  elsewhere = openDatabase(pristine.url, { schema: 'Some "where" else' });
  await migrate(elsewhere);
});
afterAll(async () => {
  await elsewhere?.close();
  await live?.drop();
  await pristine?.drop();
});

/** Changes of the source and of the reference tables; PICKED stands for one source row. */
const CHANGES = [
  null,
  null,
  'update cmc_price_histories7 set close = close * 1.5 where (id, timestamp) = PICKED',
  'update cmc_price_histories7 set high = high * 2 where (id, timestamp) = PICKED',
  'delete from cmc_price_histories7 where (id, timestamp) = PICKED',
  `insert into dim_timeframe values ('multi_tf', '6D'), ('v2', '6D'), ('cal_us', '5W_CAL_US') on conflict do nothing`,
  `delete from dim_timeframe where tf in ('3D', '1M_CAL')`,
  'insert into dim_period values (2) on conflict do nothing',
] as const;
const PICKED = `(select id, timestamp from cmc_price_histories7 where id = $1 order by timestamp
  offset $2 % (select greatest(count(*), 1) from cmc_price_histories7 where id = $1) limit 1)`;

interface Step {
  /** Tenths of each asset's remaining rows that arrive. */
  share: number;
  change: string | null;
  row: number;
  id: number;
  bars: BarBuilder[] | null;
  emas: EmaFamily[] | null;
  tfs: string[] | null;
}

const subset = <T>(names: readonly T[]) =>
  fc.option(fc.subarray([...names], { minLength: 1 }), { nil: null, freq: 2 });
const steps: fc.Arbitrary<Step> = fc.record({
  share: fc.integer({ min: 0, max: 10 }),
  change: fc.constantFrom(...CHANGES),
  row: fc.nat({ max: 5000 }),
  id: fc.constantFrom(...IDS),
  bars: subset(BAR_BUILDERS),
  emas: subset(EMA_FAMILIES),
  tfs: subset(TFS),
});
const worlds = fc.record({
  shapes: fc.array(historyShapes(fc.integer({ min: 30, max: 200 })), { minLength: 2, maxLength: 2 }),
  steps: fc.array(steps, { minLength: 2, maxLength: 6 }),
});

async function clear(database: Database): Promise<void> {
  await execute(
    database,
    `truncate cmc_price_histories7, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars,
       bar_carry, ema_points, ema_carry, series_built, price_kept, price_change`,
  );
}

async function takeStep(database: Database, step: Step, rest: Map<number, DailyPrice[]>): Promise<void> {
  for (const id of IDS) {
    const prices = rest.get(id) ?? [];
    const count = Math.ceil((prices.length * step.share) / 10);
    await insertPrices(database, id, prices.slice(0, count));
    rest.set(id, prices.slice(count));
  }
  if (step.change !== null) {
    const params = step.change.includes('PICKED') ? [step.id, step.row] : [];
    await execute(database, step.change.replace('PICKED', PICKED), params);
  }
  await runBars(database, { ids: IDS, only: step.bars, tfs: step.tfs });
  await runEmas(database, { ids: IDS, only: step.emas, tfs: step.tfs });
}

/** What verify finds; series that were taken out of dim_timeframe are there until a run of their family comes by. */
async function listWrong(database: Database, source: { relation: null } | null): Promise<unknown[]> {
  const { verdicts } = await verify(database, { ids: IDS, source });
  return verdicts.flatMap(({ findings, error }) => [
    ...findings.filter(({ remark }) => remark !== 'its timeframe is not in dim_timeframe'),
    ...(error === null ? [] : [error]),
  ]);
}

function pastPrices(shape: HistoryShape): DailyPrice[] {
  const prices = pricesOf({ ...shape, firstDay: Math.min(shape.firstDay, 17_000) });
  return prices.filter(({ timestampUs }) => timestampUs < 20_000 * DAY_US);
}

const RUNS = runsOf('HISTORIES', 10);
const LIMIT_MS = 60_000 + RUNS * 10_000;

test(
  'after every run, in parts or whole, what is stored is equal to a rebuild, and so is its hash elsewhere',
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ shapes, steps: sequence }) => {
        await clear(live.database);
        for (const table of DIMENSIONS) await copyTable(pristine.database, live.database, table);
        const rest = new Map(IDS.map((id, index) => [id, pastPrices(shapes[index] as HistoryShape)]));
        for (const step of sequence) {
          await takeStep(live.database, step, rest);
          expect(await listWrong(live.database, null)).toEqual([]);
        }
        await runBars(live.database, { ids: IDS });
        await runEmas(live.database, { ids: IDS });
        expect(await listWrong(live.database, { relation: null })).toEqual([]);
        const { verdicts, sha256 } = await verify(live.database, { ids: IDS });
        expect(verdicts.flatMap(({ waiting }) => waiting)).toEqual([]);
        await clear(elsewhere);
        for (const table of [...DIMENSIONS, 'cmc_price_histories7', 'price_kept'])
          await copyTable(live.database, elsewhere, table);
        await runBars(elsewhere, { ids: IDS });
        await runEmas(elsewhere, { ids: IDS });
        const rebuilt = await verify(elsewhere, { ids: IDS });
        expect(rebuilt.verdicts).toEqual(verdicts);
        expect(rebuilt.sha256).toBe(sha256);
      }),
      { numRuns: RUNS },
    );
    tally('histories', RUNS);
  },
  LIMIT_MS,
);
