/** The databases that the documents' lines run on. */
import { writeSampleData } from '../../../src/components/ingest/load/sample-data.js';
import { createEmptyDatabase, createTestDatabase } from '../database.js';
import { writePrices } from '../prices.js';
import { createWarehouse, expectExit, type Warehouse, warehouseOf } from '../warehouse.js';

const DAYS = 400;

/** The sample data with everything built from it, for the queries; as `barwright demo` leaves it. */
export async function createSample(): Promise<Warehouse> {
  const sample = await createWarehouse();
  await writeSampleData(sample.database);
  await expectExit(0, sample.run(['indicator', 'add', '--set', 'common']));
  await expectExit(0, sample.run(['refresh', '--all']));
  return sample;
}

/**
 * The assets that the pages name, with some 400 days up to yesterday, built by a run; beside them tables of the reader's own.
 * Nobody is connected to it: it can be cloned.
 */
export async function createSmall(): Promise<Warehouse> {
  const small = await createWarehouse({}, [{ ids: [1, 52, 825, 1027], days: DAYS }]);
  await small.execute(`insert into dim_assets (id, symbol, name) values (1, 'BTC', 'Bitcoin'), (52, 'XRP', 'XRP'),
    (825, 'USDT', 'Tether'), (1027, 'ETH', 'Ethereum')`);
  await small.execute('create schema market');
  for (const table of ['prices', 'daily_prices'])
    await small.execute(`create table market.${table} as select * from cmc_price_histories7`);
  await small.execute(`create table market.candles as
    select id as coin_id, (timestamp at time zone 'UTC')::date as day, open as o, high as h, low as l, close as c
    from cmc_price_histories7 where id = 1`);
  await expectExit(0, small.run(['refresh', '--all']));
  await small.database.close();
  return small;
}

/** A database of its own with the same in it. */
export async function cloneOf({ url }: Warehouse): Promise<Warehouse> {
  return warehouseOf(await createTestDatabase({ template: new URL(url).pathname.slice(1) }));
}

/** A price table in `public` and nothing of barwright; `execute` and `query` look into the schema `barwright`. */
export async function createTheirs(): Promise<Warehouse> {
  const theirs = warehouseOf(await createEmptyDatabase({ schema: 'barwright' }));
  await theirs.execute(`create table public.cmc_price_histories7 (
    id int, name text, timeopen timestamptz, timeclose timestamptz, timehigh timestamptz, timelow timestamptz,
    timestamp timestamptz, open float8, high float8, low float8, close float8, volume float8, marketcap float8,
    circulatingsupply float8, source_file text, load_ts timestamptz, primary key (id, timestamp))`);
  await writePrices(theirs.database, { ids: [1], days: DAYS, table: 'public.cmc_price_histories7' });
  return theirs;
}
