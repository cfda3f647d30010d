/** Scenario 20 of refresh.md: asset retire, restore and purge. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBarFreshness } from '../../src/orchestration/freshness/freshness.js';
import { ASSET_TABLES } from '../../src/storage/assets/purge.js';
import { upsertLease } from '../../src/storage/lease/lease.js';
import { readContents, readEverything, readVersions } from '../support/contents.js';
import { writePrices } from '../support/prices.js';
import { createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

async function createSmallWarehouse(): Promise<Warehouse> {
  const warehouse = await createWarehouse();
  await warehouse.execute('delete from dim_timeframe where tf_days > 10');
  await warehouse.execute('delete from dim_period where period > 10');
  return warehouse;
}

describe('with a source of our own', () => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createSmallWarehouse();
    await writePrices(warehouse.database, { ids: [1, 52, 825], days: 40, endsDaysAgo: 2 });
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });
  afterAll(() => warehouse?.drop());

  const asset = (...args: string[]) => warehouse.run(['asset', ...args]);

  test('retire: in no "all" and in no freshness, a failure by name, its history kept', async () => {
    const before = await readVersions(warehouse.database, { ids: [52] });
    expect((await expectExit(0, asset('retire', '52'))).stdout).toBe('[OK] asset 52 is retired\n');
    expect((await expectExit(0, asset('retire', '52'))).stdout).toMatch(/was retired already/);
    await writePrices(warehouse.database, { ids: [1, 52], days: 1 });

    const all = await warehouse.report(['refresh', '--all']);
    expect(all.code).toBe(0);
    expect(outcomesOf(all.report, 'bars')).toEqual(['1 ok', '825 ok']);
    expect(outcomesOf(all.report, 'emas')).toEqual(['1 ok', '825 ok']);
    const after = await readVersions(warehouse.database, { ids: [52] });
    for (const table of ['price_bars', 'ema_points', 'cmc_price_bars_1d_state'])
      expect(after[table]).toEqual(before[table]);
    const fresh = await checkBarFreshness(warehouse.url);
    expect(fresh.map(({ id }) => id)).toEqual([1, 825]);
    const plan = await expectExit(0, warehouse.run(['plan', '--json']));
    expect(JSON.parse(plan.stdout).plan.map(({ id }: { id: number }) => id)).toEqual([1, 825, 1, 825]);

    const asked = await warehouse.report(['refresh', '--all', '--ids', '52,825']);
    expect(asked.code).toBe(1);
    expect(outcomesOf(asked.report, 'bars')).toEqual(['52 failed', '825 ok']);
    expect(reasonOf(asked.report, 'bars', 52)).toMatch(/^retired/);
  });

  test('restore and add bring a retired asset back, level after one run', async () => {
    expect((await expectExit(0, asset('restore', '52', '1'))).stdout).toBe(
      '[OK] asset 52 is active\n[OK] asset 1 was active already\n',
    );
    await expectExit(0, asset('retire', '825'));
    expect((await expectExit(0, asset('add', '825'))).stdout).toMatch(/was retired and is active again/);
    const { report } = await warehouse.report(['refresh', '--all']);
    expect(reasonOf(report, 'bars', 52)).toMatch(/^append 1 day/);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 ok', '825 ok']);
  });

  test('an id that nobody knows retires nobody', async () => {
    const before = await readEverything(warehouse.database);
    expect((await expectExit(2, asset('retire', '1,77', '52'))).stdout).toMatch(/no such asset: 77;/);
    expect((await expectExit(2, asset('retire', 'all'))).stdout).toMatch(/expects ids, not "all"/);
    expect((await expectExit(2, asset('purge', '77', '--yes'))).stdout).toMatch(/no such asset: 77;/);
    expect(await readEverything(warehouse.database)).toEqual(before);
  });

  test('the tables of a purge are all tables that have rows of assets, records of runs and the source aside', async () => {
    const rows = await warehouse.query<[string]>(
      `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'refresh%'
         and c.relname <> 'cmc_price_histories7'`,
    );
    expect(rows.map(([table]) => table).sort()).toEqual([...ASSET_TABLES].sort());
  });

  test('purge without --yes counts and deletes nothing; another run keeps it away', async () => {
    const before = await readEverything(warehouse.database);
    const { stdout } = await expectExit(0, asset('purge', '52'));
    expect(stdout).toMatch(
      /cmc_price_bars_1d +41\n(.*\n)*.*nothing was deleted: with --yes it is, for good\n/,
    );
    expect(await readEverything(warehouse.database)).toEqual(before);
    const info = {
      run: crypto.randomUUID(),
      command: 'x',
      host: 'h',
      pid: 1,
      startedAt: '2025-01-01T00:00:00Z',
    };
    await upsertLease(warehouse.database, info);
    const refused = await expectExit(4, asset('purge', '52', '--yes'));
    expect(refused.stdout).toMatch(/another run holds the lease: x on h, process 1/);
    await warehouse.execute(`update refresh_lease set expires = '-infinity'`);
    expect((await readContents(warehouse.database, { ids: [52] })).cmc_price_bars_1d?.rows).toBe(41);
  });

  test('purge --yes deletes everything of the asset and nothing of another, and it does not come back', async () => {
    const others = { ids: [1, 825] };
    const before = await readVersions(warehouse.database, others);
    const { stdout } = await expectExit(0, asset('purge', '52', '--yes', '--json'));
    const purge = JSON.parse(stdout);
    expect(purge).toMatchObject({ id: 52, isDone: true, foreign: null });
    const counts = Object.fromEntries(
      purge.tables.map((each: { table: string; rows: number }) => [each.table, each.rows]),
    );
    expect(counts).toMatchObject({
      cmc_price_histories7: 41,
      cmc_price_bars_1d: 41,
      dim_assets: 1,
      price_change: 1,
    });
    expect(counts.price_bars * counts.ema_points).toBeGreaterThan(0);
    for (const table of [...ASSET_TABLES, 'cmc_price_histories7'])
      expect(await warehouse.query(`select count(*) from ${table} where id = 52`), table).toEqual([[0]]);
    expect(await readVersions(warehouse.database, others)).toEqual(before);
    const { report } = await warehouse.report(['refresh', '--all']);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '825 ok']);
    expect((await warehouse.run(['explain', '52'])).code).toBe(2);
  });
});

test("a purge leaves the user's own source as it is, and says that its rows bring the asset back", async () => {
  const warehouse = await createSmallWarehouse();
  await createUserTable(warehouse, { ids: [1, 52], days: 30 });
  const source = ['--source', USER_TABLE];
  await expectExit(0, warehouse.run(['refresh', '--bars', ...source]));
  const read = () =>
    warehouse.query(`select id, count(*), sum(close) from ${USER_TABLE} group by id order by id`);
  const before = await read();
  const { stdout } = await expectExit(0, warehouse.run(['asset', 'purge', '52', '--yes', ...source]));
  expect(stdout).toMatch(
    /market.prices is not barwright's and stays untouched: its 30 rows of the asset bring it back/,
  );
  expect(await read()).toEqual(before);
  expect(await warehouse.query('select id from dim_assets order by id')).toEqual([[1]]);
  const { report } = await warehouse.report(['refresh', '--bars', ...source]);
  expect(reasonOf(report, 'bars', 52)).toMatch(/^first build: 30 days/);
  await warehouse.drop();
});
