/** A run that is killed before its record leaves what is named once to the next run. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { listDescendants } from '../support/processes.js';
import { createWarehouse, expectDays, type Warehouse } from '../support/warehouse.js';

const DAYS = 60;

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await createWarehouse();
  await expectDays(warehouse);
  await writePrices(warehouse.database, { ids: [1, 2, 3, 4, 5, 6], days: DAYS });
  await writePrices(warehouse.database, { ids: [9], days: DAYS, endsDaysAgo: 45 });
  await warehouse.report(['refresh', '--all']);
  // A jump, a source that has lost its oldest day, and an asset that has ceased while others arrive.
  await warehouse.execute(
    `update cmc_price_histories7 set open = open * 1000, high = high * 1000, low = low * 1000, close = close * 1000
     where id = 1 and timestamp = (select max(timestamp) from cmc_price_histories7 where id = 1)`,
  );
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 2 and timestamp = (select min(timestamp) from cmc_price_histories7 where id = 2)`,
  );
  await warehouse.execute('update asset_calendar set ceased_on = null');
});
afterEach(() => warehouse.drop());

const NAMED = ['days_kept', 'finding', 'source_ceased'];

async function namedBy(): Promise<string[]> {
  const { report } = await warehouse.report(['refresh', '--all']);
  return report.causes
    .map(({ kind }) => kind)
    .filter((kind) => NAMED.includes(kind))
    .sort();
}

test('killed between its naming and its record: the next run names it again, the one after it does not', async () => {
  const release = await holdTable(warehouse.database, 'refresh_stage', 'access exclusive');
  let pid = 0;
  const running = warehouse.run(['refresh', '--all'], {
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(warehouse.database);
  const family = [pid, ...listDescendants(pid)];
  for (const each of family) process.kill(each, 'SIGKILL');
  await running;
  await release();
  // Its work is committed.
  const kept = await warehouse.query<[number]>('select count(*) from price_kept where id = 2');
  expect(kept).toEqual([[1]]);
  expect(await namedBy()).toEqual(NAMED);
  expect(await namedBy()).toEqual([]);
});
