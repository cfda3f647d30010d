/**
 * A source that loses its oldest days, again and again: its bars and EMAs are those of a source that never loses any, bit for
 * bit, and what is stored is what the source and the days that are kept make.
 */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { DAY_US } from '../../src/domain/calendar/day.js';
import { RETRY_POLICY } from '../../src/storage/failures/retry.js';
import type { Database } from '../../src/storage/session/database.js';
import {
  copyTable,
  dumpResults,
  execute,
  insertPrices,
  runBars,
  runEmas,
} from '../support/component-runs.js';
import { createTestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { IS_SHRUNK, SEED } from '../support/long.js';
import { failAt } from '../support/nth-statement.js';
import { tally } from '../support/tally.js';
import { listFindings } from '../support/verify.js';

const ID = 52;
const FIRST_DAY = 17_000;
const RUNS = 8;
/** What does not depend on where the days come from. */
const NUMBERS = ['cmc_price_bars_1d', 'price_bars', 'bar_carry', 'ema_points', 'ema_carry'] as const;
const ONCE = { ...RETRY_POLICY, attempts: 1, lockAttempts: 1 };
const SOURCES = { noted: 'cmc_price_histories7', fingerprinted: 'feed_prices' } as const;

interface Step {
  /** Days that the source loses at its beginning, of those that it has. */
  lost: number;
  /** Which of the lost days come back: every n-th; 0: none. */
  back: number;
  appended: number;
  /** Picks a day that the source has, and what becomes of its close. */
  corrected: { day: number; factor: number } | null;
  fullRebuild: boolean;
  /** The run dies at this statement, and another one follows. */
  killedAt: number | null;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    lost: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 2, max: 80 })),
    back: fc.constantFrom(0, 0, 0, 1, 3),
    appended: fc.integer({ min: 0, max: 9 }),
    corrected: fc.option(fc.record({ day: fc.nat({ max: 1000 }), factor: fc.constantFrom(0, 0.5, 1.25) }), {
      freq: 2,
    }),
    fullRebuild: fc.constantFrom(false, false, false, true),
    killedAt: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 2 }),
  }),
  { minLength: 3, maxLength: 6 },
);

const open: { drop(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of open) await each.drop();
});

async function createDatabases(table: string): Promise<Record<'live' | 'whole' | 'fresh', Database>> {
  const create = async () => {
    const created = await createTestDatabase();
    open.push(created);
    const { database } = created;
    if (table !== 'cmc_price_histories7')
      await execute(database, `create table ${table} (like cmc_price_histories7 including all)`);
    await execute(database, `alter table ${table} alter load_ts set default timestamptz '2026-01-01Z'`);
    await execute(database, 'insert into dim_assets (id) values ($1)', [ID]);
    await execute(
      database,
      `delete from dim_timeframe where tf not in ('1D', '2D', '7D', '1W_CAL_US', '1M_CAL', '1W_CAL_ANCHOR_ISO')`,
    );
    await execute(database, 'delete from dim_period where period not in (6, 21)');
    return database;
  };
  const [live, whole, fresh] = [await create(), await create(), await create()];
  return { live, whole, fresh };
}

async function clear(database: Database, table: string): Promise<void> {
  await execute(
    database,
    `truncate ${table}, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars, bar_carry,
       ema_points, ema_carry, series_built, price_kept`,
  );
  await execute(database, 'truncate price_change');
}

for (const [kind, table] of Object.entries(SOURCES)) {
  test(`losing the oldest days changes no number (${kind} source)`, async () => {
    const { live, whole, fresh } = await createDatabases(table);
    const source = table === 'cmc_price_histories7' ? null : table;
    const run = async (database: Database, fullRebuild = false) => {
      const outcomes = [
        ...(await runBars(database, { ids: [ID], source, fullRebuild })).values(),
        ...(await runEmas(database, { ids: [ID] })).values(),
      ];
      expect(outcomes.filter(({ status }) => status !== 'ok')).toEqual([]);
    };
    let keptDays = 0;
    const shape = {
      seed: 1,
      firstDay: FIRST_DAY,
      gapRate: 0.1,
      longestGap: 10,
      ties: false,
      longestChunk: 1,
    };
    const world = fc.record({
      seed: fc.integer({ min: 1, max: 0x7fffffff }),
      badRate: fc.constantFrom(0, 0.3),
      rows: fc.integer({ min: 5, max: 120 }),
      steps,
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, badRate, rows, steps: all }) => {
        for (const database of [live, whole]) {
          await clear(database, table);
          await insertPrices(database, ID, pricesOf({ ...shape, seed, badRate, rows }), { table });
          await run(database);
        }
        for (const [index, step] of all.entries()) {
          // Days that go while older ones come back are a hole in the middle, and no loss at the beginning.
          if (step.back === 0) await lose(live, table, step);
          await change(live, whole, { table, step, seed: seed + index + 1 });
          if (step.killedAt !== null) {
            const dying = failAt(live, { at: step.killedAt, error: 'timed out', isEach: true }).database;
            await runBars(dying, { ids: [ID], source, retry: ONCE }).catch(() => undefined);
          }
          await run(live, step.fullRebuild);
          await run(whole);
          const [ours, theirs] = [await dumpResults(live), await dumpResults(whole)];
          for (const name of NUMBERS) expectSameRows(ours[name], theirs[name]);
          expect(await listFindings(live, { ids: [ID], source: { relation: source } })).toEqual([]);
          expect(await listFindings(live, { ids: [ID] })).toEqual([]);
          // Whatever the way here: from nothing it is the same.
          await clear(fresh, table);
          for (const each of [table, 'price_kept']) await copyTable(live, fresh, each);
          await run(fresh);
          expect(await dumpResults(fresh)).toEqual(ours);
          keptDays += await countKept(live);
          // And nothing is left to do.
          const again = (await runBars(live, { ids: [ID], source })).get(ID);
          expect(again).toMatchObject({ action: 'none', rowsWritten: 0 });
        }
        // A person accepts the source at last.
        await runBars(live, { ids: [ID], source, acceptDeletions: true });
        await runEmas(live, { ids: [ID] });
        expect(await countKept(live)).toBe(0);
        await clear(fresh, table);
        await copyTable(live, fresh, table);
        await run(fresh);
        expect(await dumpResults(live)).toEqual(await dumpResults(fresh));
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: !IS_SHRUNK },
    );
    tally('histories', RUNS);
    expect(keptDays).toBeGreaterThan(0);
  }, 300_000);
}

/** Rows that only one of them has. */
function expectSameRows(ours: readonly string[] = [], theirs: readonly string[] = []): void {
  const [left, right] = [new Set(ours), new Set(theirs)];
  expect(ours.filter((row) => !right.has(row))).toEqual(theirs.filter((row) => !left.has(row)));
}

/** The live source loses days at its beginning, and never all of them. */
async function lose(live: Database, table: string, { lost }: Step): Promise<void> {
  await execute(
    live,
    `delete from ${table} where timestamp::date in (
       select day from (select distinct timestamp::date as day from ${table}) d
       where day < (select max(timestamp)::date from ${table}) order by day limit $1)`,
    [lost],
  );
}

/** What happens to both sources alike, and days that come back to the live one, equal or corrected in both. */
async function change(
  live: Database,
  whole: Database,
  { table, step, seed }: { table: string; step: Step; seed: number },
): Promise<void> {
  const { back, appended, corrected } = step;
  if (corrected !== null) {
    const rows = await live.read((tx) =>
      tx.query<[number]>(
        `select timestamp from ${table} order by timestamp offset $1::int % (select count(*) from ${table}) limit 1`,
        [corrected.day],
      ),
    );
    for (const database of [live, whole])
      await execute(
        database,
        `update ${table} set close = nullif(close * $2, 0) where timestamp = to_timestamp(0) + $1::bigint * interval '1 microsecond'`,
        [rows[0]?.[0], corrected.factor],
      );
  }
  if (back > 0) await bringBack(live, whole, { table, back });
  const newest = await whole.read((tx) => tx.query<[number]>(`select max(timestamp) from ${table}`));
  const firstDay = Math.floor((newest[0]?.[0] ?? 0) / DAY_US) + 1;
  const shape = {
    seed,
    firstDay,
    rows: appended,
    gapRate: 0,
    longestGap: 1,
    ties: false,
    badRate: 0.1,
    longestChunk: 1,
  };
  for (const database of [live, whole]) await insertPrices(database, ID, pricesOf(shape), { table });
}

async function bringBack(
  live: Database,
  whole: Database,
  { table, back }: { table: string; back: number },
): Promise<void> {
  const rows = await live.read((tx) =>
    tx.query<[string]>(`select to_char(min(timestamp) at time zone 'UTC', 'YYYY-MM-DD') from ${table}`),
  );
  for (const database of [whole, live])
    await execute(database, `create table if not exists back (like ${table})`);
  await execute(whole, 'delete from back');
  await execute(
    whole,
    `insert into back select * from ${table}
     where timestamp < $1::timestamptz and (timestamp::date - date '1970-01-01') % $2 = 0`,
    [rows[0]?.[0], back],
  );
  await copyTable(whole, live, 'back');
  await execute(live, `insert into ${table} select * from back on conflict do nothing`);
  // Every other one comes back corrected.
  for (const database of [live, whole])
    await execute(
      database,
      `update ${table} set close = close * 1.01
       where timestamp in (select timestamp from back) and (timestamp::date - date '1970-01-01') % 2 = 0`,
    );
}

async function countKept(database: Database): Promise<number> {
  const rows = await database.read((tx) => tx.query<[number]>('select count(*) from price_kept'));
  return rows[0]?.[0] ?? 0;
}
