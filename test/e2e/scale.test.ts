/** The figures of docs/explanation/scale.md against a real database: rows exactly, bytes as far as they depend on nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSizes, type Sizes } from '../../bench/size.js';
import { countRows, HISTORY_DAYS, MEASURED_MB } from '../../tools/documents/scale.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3];

let warehouse: Warehouse;
let firstDay: number;
let sizes: Sizes;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: HISTORY_DAYS + 1 }]);
  const [first] = await warehouse.query<[number]>('select min(timestamp)::date from cmc_price_histories7');
  firstDay = first?.[0] ?? Number.NaN;
  // The newest day comes later.
  await warehouse.execute(
    `create table later as select * from cmc_price_histories7
     where timestamp = (select max(timestamp) from cmc_price_histories7)`,
  );
  await warehouse.execute(
    'delete from cmc_price_histories7 using later where cmc_price_histories7.timestamp = later.timestamp',
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  sizes = await readSizes(warehouse.url);
});
afterAll(async () => {
  await warehouse?.drop();
});

async function countTable(table: string): Promise<number> {
  const rows = await warehouse.query<[number]>(`select count(*) from ${table}`);
  return rows[0]?.[0] ?? Number.NaN;
}

test('an asset has as many rows as are counted', async () => {
  for (const [table, rows] of Object.entries(countRows(firstDay, HISTORY_DAYS)))
    expect(await countTable(table), table).toBe(IDS.length * rows);
});

test('they take as many bytes as were measured', () => {
  for (const [table, megabytes] of Object.entries(MEASURED_MB)) {
    const bytes = sizes.relations
      .filter((each) => each.table === table)
      .reduce((sum, each) => sum + each.bytes, 0);
    const found = bytes / 1e6 / IDS.length;
    // States are a few pages an asset: how full the last ones are is chance.
    expect(
      Math.abs(found - megabytes),
      `${table}: ${found} MB an asset, ${megabytes} in docs/explanation/scale.md`,
    ).toBeLessThan(0.15 * megabytes + 0.05);
  }
});

test('a day adds and replaces as many rows as are counted', async () => {
  await warehouse.execute('insert into cmc_price_histories7 select * from later');
  const { report } = await warehouse.report(['refresh', '--all']);
  const after = countRows(firstDay, HISTORY_DAYS + 1);
  for (const [table, rows] of Object.entries(after))
    expect(await countTable(table), table).toBe(IDS.length * rows);
  const before = countRows(firstDay, HISTORY_DAYS);
  const grown = (table: string) => (after[table] ?? 0) - (before[table] ?? 0);
  const written = (component: string) =>
    report.components.find((each) => each.component === component)?.rowsWritten;
  // The note of the new day is consumed: one row more. The first new day takes a base: the 1D state and every row of states.
  const base = 1 + (after.bar_carry ?? 0);
  const bars = grown('cmc_price_bars_1d') + grown('price_bars') + (after.bar_carry ?? 0) + 1 + 1 + base;
  expect(written('bars')).toBe(IDS.length * bars);
  const emas = grown('ema_points') + 2 * (after.ema_carry ?? 0);
  expect(written('emas')).toBe(IDS.length * emas);
});
