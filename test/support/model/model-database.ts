/** The two databases of a model test: one with a past, and one that is always built from nothing. */
import { expect } from 'vitest';
import { TIMEFRAMES } from '../../../src/domain/calendar/timeframe.js';
import type { Database } from '../../../src/storage/session/database.js';
import {
  copyTable,
  dumpResults,
  execute,
  insertPrices,
  runBars,
  runEmas,
  runIndicators,
} from '../component-runs.js';
import { createTestDatabase, type TestDatabase } from '../database.js';
import { pricesOf } from '../histories.js';
import { IDS, indicatorNamed, type World } from './operations.js';
import { LOST_ROWS } from './source-changes.js';
import type { SourceKindOf } from './source-kinds.js';

const DIMENSIONS = ['dim_timeframe', 'dim_period', 'dim_indicator', 'dim_asset_split'] as const;
const CUT_AT_DAY = 17_000;

export interface ModelDatabases {
  live: Database;
  fresh: Database;
  /** The table with the prices. */
  source: string;
  /** What the components are given for it: null is our own table. */
  relation: string | null;
  drop(): Promise<void>;
}

/** Makes both. */
export async function createModelDatabases(kind: SourceKindOf): Promise<ModelDatabases> {
  const [live, fresh] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const { table: source, views, relation } = kind;
  for (const { database } of [live, fresh]) {
    if (relation !== null)
      await execute(database, `create table ${source} (like cmc_price_histories7 including all)`);
    for (const [view, select] of Object.entries(views))
      await execute(database, `create view ${view} as ${select}`);
    await execute(database, `create table ${LOST_ROWS} (like cmc_price_histories7)`);
    await execute(database, 'insert into dim_assets (id) select unnest($1::int[])', [IDS]);
  }
  return {
    live: live.database,
    fresh: fresh.database,
    source,
    relation,
    async drop() {
      await dropAll([live, fresh]);
    },
  };
}

async function dropAll(databases: readonly TestDatabase[]): Promise<void> {
  for (const each of databases) await each.drop();
}

async function empty(database: Database, source: string): Promise<void> {
  await execute(
    database,
    `truncate ${source}, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars,
       bar_carry, ema_points, ema_carry, indicator_points, indicator_carry, series_built, price_kept,
       daily_base, bar_base, ema_base, ${LOST_ROWS}`,
  );
  // TRUNCATE itself files notes.
  await execute(database, 'truncate price_change');
}

/** Makes the live database what a world begins with. */
export async function beginWorld({ live, source }: ModelDatabases, world: World): Promise<void> {
  await empty(live, source);
  await execute(live, 'update dim_assets set active = true where not active');
  await execute(live, 'truncate dim_timeframe, dim_period, dim_indicator, dim_asset_split');
  const series = world.timeframes.map((index) => TIMEFRAMES[index]);
  await execute(
    live,
    'insert into dim_timeframe select * from unnest($1::bar_alignment[], $2::text[]) on conflict do nothing',
    [series.map((each) => each?.alignment), series.map((each) => each?.tf)],
  );
  await execute(live, 'insert into dim_period select unnest($1::int[])', [world.periods]);
  await execute(live, 'insert into dim_indicator select unnest($1::text[])', [
    world.indicators.map(indicatorNamed),
  ]);
  for (const [index, id] of IDS.entries()) {
    const shape = world.shapes[index];
    if (shape === undefined) continue;
    await insertPrices(live, id, pricesOf({ ...shape, firstDay: Math.min(shape.firstDay, CUT_AT_DAY) }), {
      table: source,
    });
  }
}

/** All that is stored of these assets, and what a database that was built from nothing stores of the same prices and kept days. */
export async function rebuildElsewhere(
  { live, fresh, source, relation }: ModelDatabases,
  ids: readonly number[],
): Promise<{ stored: Record<string, string[]>; rebuilt: Record<string, string[]> }> {
  await empty(fresh, source);
  for (const table of [...DIMENSIONS, source, 'price_kept']) await copyTable(live, fresh, table);
  const outcomes = [
    ...(await runBars(fresh, { ids, source: relation })).values(),
    ...(await runEmas(fresh, { ids })).values(),
    ...(await runIndicators(fresh, { ids })).values(),
  ];
  // A rebuild that failed would be reported as rows that are too many.
  expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
  return { stored: await dumpResults(live, { ids }), rebuilt: await dumpResults(fresh, { ids }) };
}
