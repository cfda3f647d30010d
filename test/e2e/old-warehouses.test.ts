/**
 * Warehouses of earlier releases, as their backups have them: restored, migrated, and still what they were. With
 * BARWRIGHT_WRITE_WAREHOUSE=1 the one of this release is written first.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSchema } from '../../src/storage/schema/migrate.js';
import { createEmptyWarehouse } from '../support/backups.js';
import { readVersions } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import {
  backupOf,
  hashOfVerified,
  listOldWarehouses,
  VERSION,
  writeOldWarehouse,
} from '../support/old-warehouses.js';
import { expectExit, type Warehouse } from '../support/warehouse.js';

/** Takes migration 37 back, which lists the indicators that there are. */
const WITHOUT_LIST = `
  delete from series_built where component = 'indicators';
  alter table series_built drop constraint series_built_component_check,
    add constraint series_built_component_check check (component in ('bars', 'emas'));
  delete from barwright_migration where number = 37`;

if (process.env.BARWRIGHT_WRITE_WAREHOUSE === '1')
  test('the warehouse of this release is written', writeOldWarehouse);
else {
  test('there is one of this release', () => {
    expect(listOldWarehouses().map(({ version }) => version)).toContain(VERSION);
  });

  describe.each(SERVERS.flatMap((server) => listOldWarehouses().map((old) => ({ ...server, ...old }))))(
    'a warehouse of $version on $server',
    ({ options, version, sha256, refreshedSha256 }) => {
      let warehouse: Warehouse;
      beforeAll(async () => {
        warehouse = await createEmptyWarehouse(options);
      });
      afterAll(async () => {
        await warehouse?.drop();
      });

      test('is restored and migrated', async () => {
        await expectExit(0, warehouse.run(['db', 'restore', backupOf(version)]));
        await expectExit(0, warehouse.run(['migrate']));
        await checkSchema(warehouse.database);
      });

      test('has the hash that was recorded, is equal to a rebuild, and holds what makes it hard', async () => {
        expect(await hashOfVerified(warehouse)).toBe(sha256);
        const counts = await warehouse.query(
          `select count(*) filter (where action = 'rejected')::int > 5, count(*) filter (where action = 'repaired')::int > 5,
           (select count(*)::int from price_kept), (select count(*)::int from dim_asset_split),
           (select count(*)::int from price_change), (select count(*)::int from dim_assets where not active)
         from cmc_price_bars_1d_rejects`,
        );
        expect(counts).toEqual([[true, true, expect.any(Number), 1, 1, 1]]);
        expect(counts[0]?.[2]).toBeGreaterThan(5);
      });

      test('the change that waits in it is taken in; then there is nothing to do', async () => {
        await expectExit(0, warehouse.run(['refresh', '--all']));
        expect(await hashOfVerified(warehouse, ['--source'])).toBe(refreshedSha256);
        const before = await readVersions(warehouse.database);
        await expectExit(0, warehouse.run(['refresh', '--all']));
        expect(await readVersions(warehouse.database)).toEqual(before);
      });

      test('indicators that it has are listed by the migration that made the list', async () => {
        await expectExit(0, warehouse.run(['indicator', 'add', 'sma_3']));
        await expectExit(0, warehouse.run(['refresh', '--all']));
        const select = `select * from series_built where component = 'indicators' order by id, alignment`;
        const listed = await warehouse.query(select);
        expect(listed.length).toBeGreaterThan(3);
        await warehouse.execute(WITHOUT_LIST);
        await expectExit(0, warehouse.run(['migrate']));
        expect(await warehouse.query(select)).toEqual(listed);
        await expectExit(0, warehouse.run(['verify']));
      });
    },
  );
}
