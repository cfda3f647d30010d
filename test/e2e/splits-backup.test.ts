/** Splits are facts that no price tells: they must come back with a backup. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyDatabase, createTestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';
import { expectExit, outcomesOf, type Warehouse, warehouseOf } from '../support/warehouse.js';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = warehouseOf(await createTestDatabase());
  await writePrices(warehouse.database, { ids: [1, 52], days: 200, endsDaysAgo: 1 });
  await expectExit(0, warehouse.run(['refresh', '--all']));
});
afterAll(() => warehouse?.drop());

test('a backup brings splits along, and they are not seen as new in it', async () => {
  const days = await warehouse.query<[string]>(`select ((now() at time zone 'UTC')::date - 60)::text`);
  await expectExit(0, warehouse.run(['asset', 'split', '52', '--on', days[0]?.[0] ?? '', '--ratio', '4:1']));
  await expectExit(0, warehouse.run(['refresh', '--all']));
  const directory = join(mkdtempSync(join(tmpdir(), 'barwright-splits-')), 'backup');
  await expectExit(0, warehouse.run(['db', 'backup', directory]));
  const restored = warehouseOf(await createEmptyDatabase());
  try {
    await expectExit(0, restored.run(['db', 'restore', directory]));
    const SPLITS = 'select s.*, d.splits from dim_asset_split s join cmc_price_bars_1d_state d using (id)';
    expect(await restored.query(SPLITS)).toEqual(await warehouse.query(SPLITS));
    expect(await restored.query(SPLITS)).toHaveLength(1);
    const { report } = await restored.report(['refresh', '--all']);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 ok']);
    expect(report.components.map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0]);
  } finally {
    await restored.drop();
    rmSync(dirname(directory), { recursive: true, force: true });
  }
});
