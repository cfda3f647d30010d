/** After a run that has rewritten much, dead rows are gone; when that is not possible, it is said, and nothing else. */
import { describe, expect, test } from 'vitest';
import { writeVacuum } from '../../src/storage/runs/vacuum.js';
import { openDatabase } from '../../src/storage/session/database.js';
import { readVersions } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const TABLES = ['price_bars', 'cmc_price_bars_1d', 'bar_carry', 'ema_points', 'ema_carry'];
const LONG_MS = 60_000;

/** Prices of 140 days: enough rows of EMAs to be worth a vacuum. Nobody but the run vacuums. */
async function createBuilt(options: Parameters<typeof createWarehouse>[0]): Promise<Warehouse> {
  const warehouse = await createWarehouse(options, [{ ids: [1, 2], days: 140, endsDaysAgo: 2 }]);
  for (const table of TABLES)
    await warehouse.execute(
      `alter table ${table} set (autovacuum_enabled = off, toast.autovacuum_enabled = off)`,
    );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  return warehouse;
}

/** Changes every day, so that nearly every row has to be written again. */
async function correctEverything(warehouse: Warehouse): Promise<void> {
  await warehouse.execute(
    'update cmc_price_histories7 set open = open * 1.01, high = high * 1.01, low = low * 1.01, close = close * 1.01',
  );
}

async function readDeadRows(warehouse: Warehouse): Promise<Record<string, number>> {
  const rows = await warehouse.query<[string, number]>(
    'select relname, n_dead_tup from pg_stat_user_tables where relname = any ($1)',
    [TABLES],
  );
  return Object.fromEntries(rows);
}

async function readSize(warehouse: Warehouse): Promise<number> {
  const rows = await warehouse.query<[number]>(
    'select sum(pg_table_size(relname::regclass))::bigint from pg_stat_user_tables where relname = any ($1)',
    [TABLES],
  );
  return rows[0]?.[0] ?? 0;
}

describe.each(SERVERS)('on $server', ({ options }) => {
  test('a run that repaired much leaves no dead rows, and tables that do not grow by the next one', async () => {
    const warehouse = await createBuilt(options);
    const sizes: number[] = [];
    // Before PostgreSQL 17 only the owner may.
    const asOwner = { env: { TARGET_DB_URL: warehouse.url } };
    for (let round = 0; round < 3; round += 1) {
      await correctEverything(warehouse);
      const { stdout } = await expectExit(0, warehouse.run(['refresh', '--all'], asOwner));
      expect(stdout).toMatch(
        /\[INFO\] vacuumed after much was written: price_bars, .*, ema_points, ema_carry\n/,
      );
      expect(await readDeadRows(warehouse)).toEqual(Object.fromEntries(TABLES.map((table) => [table, 0])));
      sizes.push(await readSize(warehouse));
    }
    // The first repair needs room beside the old rows; from then on that room is used again.
    expect(sizes[2]).toBeLessThanOrEqual((sizes[0] ?? 0) * 1.05);
    await warehouse.drop();
  });

  test('a first build is analysed: there is nothing to clear away', async () => {
    const warehouse = await createWarehouse(options, [{ ids: [1], days: 300, endsDaysAgo: 2 }]);
    const { stdout } = await expectExit(
      0,
      warehouse.run(['refresh', '--all'], { env: { TARGET_DB_URL: warehouse.url } }),
    );
    expect(stdout).toMatch(
      /\[INFO\] analysed after much was written: price_bars, .*, ema_points, ema_carry\n/,
    );
    const rows = await warehouse.query<[number, number]>(
      `select sum(vacuum_count)::int, sum(analyze_count)::int from pg_stat_user_tables where relname = any ($1)`,
      [TABLES],
    );
    expect(rows).toEqual([[0, TABLES.length]]);
    await warehouse.drop();
  });

  test('a run that appended a day, one with nothing to do and a dry run vacuum nothing', async () => {
    const warehouse = await createBuilt(options);
    const readCount = () =>
      warehouse.query('select sum(vacuum_count)::int from pg_stat_user_tables where relname = any ($1)', [
        TABLES,
      ]);
    const before = await readCount();
    await writePrices(warehouse.database, { ids: [1, 2], days: 1 });
    for (const args of [[], [], ['--full-rebuild', '--dry-run']]) {
      const { stdout } = await expectExit(0, warehouse.run(['refresh', '--all', ...args]));
      expect(stdout).not.toContain('vacuum');
    }
    expect(await readCount()).toEqual(before);
    await warehouse.drop();
  });

  test('a role that may not vacuum gets one sentence, and the run has succeeded', async () => {
    const warehouse = await createBuilt(options);
    const role = `runner_${warehouse.url.split('_').at(-1)}`;
    await warehouse.execute(`create role ${role} login password 'only-runs'`);
    await warehouse.execute(`grant select, insert, update, delete on all tables in schema public to ${role}`);
    const url = new URL(warehouse.url);
    url.username = role;
    url.password = 'only-runs';
    await correctEverything(warehouse);
    const { stdout } = await expectExit(
      0,
      warehouse.run(['refresh', '--all'], { env: { TARGET_DB_URL: url.href } }),
    );
    expect(stdout).toMatch(
      /\[INFO\] not vacuumed, autovacuum will: price_bars, .*, ema_carry \((permission denied|skipping)/,
    );
    await warehouse.execute(`drop owned by ${role}`);
    await warehouse.execute(`drop role ${role}`);
    await warehouse.drop();
  });
});

test('a table that somebody holds is not waited for; the others are done', async () => {
  const warehouse = await createBuilt({});
  const release = await holdTable(warehouse.database, 'price_bars');
  const tables = ['price_bars', 'ema_points'];
  const { done, left } = await writeVacuum(warehouse.database, tables, { timeoutMs: LONG_MS });
  expect(done).toEqual(['ema_points']);
  expect(left).toMatchObject([{ table: 'price_bars', why: expect.stringMatching(/lock not available/) }]);
  await release();
  await warehouse.drop();
});

test('when its time is over the server is asked to stop, and nothing is changed', async () => {
  const warehouse = await createBuilt({});
  const [name] = (await warehouse.query<[string]>('select current_database()'))[0] ?? [];
  await warehouse.execute(`alter database ${name} set vacuum_cost_delay = 100`);
  await warehouse.execute(`alter database ${name} set vacuum_cost_limit = 1`);
  await correctEverything(warehouse);
  const before = await readVersions(warehouse.database);
  const slow = openDatabase(warehouse.url);
  const { done, left } = await writeVacuum(slow, ['cmc_price_histories7', 'ema_points'], {
    timeoutMs: 1_000,
  });
  expect(done).toEqual([]);
  expect(left).toEqual([
    { table: 'cmc_price_histories7', why: 'no time was left for it' },
    { table: 'ema_points', why: 'no time was left for it' },
  ]);
  await waitFor('the end of the vacuum at the server', async () => {
    const running = await warehouse.query(`select 1 from pg_stat_activity where query like 'vacuum (%'
      and datname = current_database() and state = 'active'`);
    return running.length === 0 ? true : null;
  });
  expect(await readVersions(warehouse.database)).toEqual(before);
  await slow.close();
  await warehouse.drop();
});

test('a database that is gone meanwhile is said, not thrown', async () => {
  const gone = openDatabase('postgresql://nobody@127.0.0.1:1/nothing');
  const { done, left } = await writeVacuum(gone, ['ema_points'], { timeoutMs: LONG_MS });
  expect(done).toEqual([]);
  expect(left).toMatchObject([{ table: 'ema_points', why: expect.stringMatching(/ECONNREFUSED/) }]);
  await gone.close();
});
