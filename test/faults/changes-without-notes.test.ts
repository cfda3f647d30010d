/** Prices that change without a note of change: a switched-off trigger, ALTER TABLE, replication. A run finds them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { startOwnServer } from '../support/own-server.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { runAdminStatement } from '../support/server.js';
import {
  cloneWarehouse,
  createWarehouse,
  expectExit,
  reasonOf,
  type Warehouse,
  warehouseOf,
} from '../support/warehouse.js';

const IDS = [1, 2, 3];
const REFRESH = ['refresh', '--all'];
const CORRECT = `update cmc_price_histories7 set close = close * 1.001, high = high * 1.001
  where id = 2 and timestamp::date = current_date - 15`;

describe.each(SERVERS)('on $server', ({ options }) => {
  let built: Warehouse;
  let warehouse: Warehouse;
  beforeAll(async () => {
    built = await createWarehouse(options, [{ ids: IDS, days: 40 }]);
    await expectExit(0, built.run(REFRESH));
    await built.database.close();
  });
  afterAll(() => built?.drop());
  beforeEach(async () => {
    warehouse = await cloneWarehouse(built, options);
  });
  afterEach(() => warehouse?.drop());

  const expectRepaired = async (ids: readonly number[]) => {
    const { report } = await warehouse.report(REFRESH);
    const repaired = IDS.filter((id) => reasonOf(report, 'bars', id).startsWith('repair'));
    expect(repaired).toEqual(ids);
    await expectExit(0, warehouse.run(['verify', '--source']));
  };

  test('as a replica: the triggers fire all the same', async () => {
    await warehouse.database.transaction(async (tx) => {
      await tx.execute(`set local session_replication_role = 'replica'`);
      await tx.execute(CORRECT);
    });
    await expectRepaired([2]);
  });

  test('ALTER TABLE … USING rewrites every row, with the type that it had: the next run compares all', async () => {
    await warehouse.execute(
      `alter table cmc_price_histories7 alter column close type float8 using case when id = 3 then close * 1.0001 else close end`,
    );
    await expectRepaired([3]);
    await expectRepaired([]);
  });

  test('with a trigger that was off for a moment: found within seven days, and each asset says when it was proven', async () => {
    await warehouse.execute('alter table cmc_price_histories7 disable trigger price_change_update');
    await warehouse.execute(CORRECT);
    await warehouse.execute('alter table cmc_price_histories7 enable always trigger price_change_update');
    const found: number[] = [];
    for (let day = 1; day <= 7; day++) {
      const { report } = await warehouse.report(REFRESH);
      if (reasonOf(report, 'bars', 2).startsWith('repair')) found.push(day);
      if (found.length === 1 && found[0] === day)
        expect(report.warnings.join()).toMatch(/prices of ID \[2\] were changed without a note of change/);
      await warehouse.execute(`update asset_proof set proven_at = proven_at - interval '1 day'`);
    }
    expect(found).toHaveLength(1);
    await expectExit(0, warehouse.run(['verify', '--source']));
    const { stdout } = await expectExit(0, warehouse.run(['status', '--json']));
    const { assets } = JSON.parse(stdout) as { assets: { provenAt: string | null }[] };
    for (const { provenAt } of assets)
      expect(Date.now() - Date.parse(provenAt ?? '')).toBeLessThan(9 * 86_400_000);
    expect((await warehouse.run(['status'])).stdout).toContain(
      'compared with the source: 3 of 3, the longest ago',
    );
  });

  test('a second run of a day proves no more than the first', async () => {
    const count = () =>
      warehouse.query<[number]>('select count(*) from asset_proof where proven_at is not null');
    await expectExit(0, warehouse.run(REFRESH));
    const before = await count();
    await expectExit(0, warehouse.run(REFRESH));
    expect(await count()).toEqual(before);
  });
});

test('through a subscription: every run compares, because what is applied fires no trigger of a statement', async () => {
  const server = await startOwnServer({ wal_level: 'logical', max_connections: '60' });
  try {
    const publisher = await createTestDatabase({ serverUrl: server.url });
    const warehouse = warehouseOf(await createTestDatabase({ serverUrl: server.url }));
    await writePrices(publisher.database, { ids: IDS, days: 40 });
    await runAdminStatement(publisher.url, 'create publication prices for table cmc_price_histories7');
    await runAdminStatement(publisher.url, `select pg_create_logical_replication_slot('prices', 'pgoutput')`);
    await warehouse.execute('insert into dim_assets (id) select unnest($1::int[])', [IDS]);
    const from = new URL(publisher.url);
    const connection = `host=${from.hostname} port=${from.port} user=${from.username} password=${from.password} dbname=${from.pathname.slice(1)}`;
    await runAdminStatement(
      warehouse.url,
      `create subscription prices connection '${connection}' publication prices with (create_slot = false, slot_name = 'prices')`,
    );
    const closes = (where: string) =>
      warehouse.query<[number]>(`select count(*) from cmc_price_histories7 where ${where}`);
    await waitFor('the first copy', async () => (await closes('true'))[0]?.[0] === 120 || null);
    await expectExit(0, warehouse.run(REFRESH));
    await publisher.database.transaction((tx) => tx.execute(CORRECT.replace('close * 1.001', '123')));
    await waitFor('the correction', async () => (await closes('close = 123'))[0]?.[0] === 1 || null);
    const { report } = await warehouse.report(REFRESH);
    expect(reasonOf(report, 'bars', 2)).toMatch(/were corrected/);
    await expectExit(0, warehouse.run(['verify', '--source']));
    await runAdminStatement(warehouse.url, 'drop subscription prices');
    await warehouse.drop();
    await publisher.drop();
  } finally {
    await server.remove();
  }
});
