/** An asset that fails every time: after five runs skipped and named, until something about it changes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RefreshReport } from '../../src/orchestration/report/refresh-report.js';
import { type Fingerprints, readContents } from '../support/contents.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';
import {
  createWarehouse,
  expectExit,
  outcomesOf,
  reasonOf,
  type Warehouse,
  warehouseOf,
} from '../support/warehouse.js';

const DAYS = { ids: [1, 825], days: 40, endsDaysAgo: 3 };
const TODAY = { ids: [1, 825], days: 2 };
/** Two volumes whose sum is no number any more, and what they were. */
const POISON = `update cmc_price_histories7 set volume = volume * 1e305
  where id = 825 and timestamp between now() - interval '30 days' and now() - interval '20 days'`;
const CURE = POISON.replace('* 1e305', '/ 1e305');

/** Runs bars and expects 825 to fail once more; returns the report. */
async function failOnce(warehouse: Warehouse): Promise<RefreshReport> {
  const { code, report } = await warehouse.report(['refresh', '--bars']);
  expect(code).toBe(1);
  expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '825 failed']);
  return report;
}

const countFailures = (warehouse: Warehouse) =>
  warehouse.query('select id, component, failures, quarantined_at is not null from asset_quarantine');

let template: TestDatabase;
let warehouse: Warehouse;
let last: RefreshReport;

beforeAll(async () => {
  template = await createTestDatabase();
  await writePrices(template.database, DAYS);
  const failing = warehouseOf(template);
  await failing.execute(POISON);
  for (let run = 1; run < 5; run += 1) {
    expect((await failOnce(failing)).quarantined).toEqual([]);
    expect(await countFailures(failing)).toEqual([[825, 'bars', run, false]]);
  }
  last = await failOnce(failing);
  await template.database.close();
});
afterAll(() => template?.drop());
beforeEach(async () => {
  warehouse = warehouseOf(await createTestDatabase({ template: new URL(template.url).pathname.slice(1) }));
  return () => warehouse.drop();
});

test('the fifth failure in a row quarantines it, and the report says so once', async () => {
  expect(last.quarantined).toEqual([
    { id: 825, component: 'bars', reason: expect.stringMatching(/volume is Infinity/), isNew: true },
  ]);
  expect(await countFailures(warehouse)).toEqual([[825, 'bars', 5, true]]);
  await writePrices(warehouse.database, TODAY);
  const { code, stderr, report } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(3);
  // A new day does not repair an old one.
  expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '825 skipped']);
  expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '825 skipped']);
  expect(reasonOf(report, 'bars', 825)).toMatch(/^quarantined after 5 failed runs in a row: .*Infinity/);
  expect(report.quarantined).toMatchObject([{ id: 825, component: 'bars', isNew: false }]);
  expect(stderr).toMatch(/\[WARNING\] bars, \w* ?\(?825\)?: quarantined after 5 failed runs in a row/);
  expect(await countFailures(warehouse)).toEqual([[825, 'bars', 5, true]]);
});

test('list, status, explain, plan and dry run say so; explain names the command', async () => {
  const list = await expectExit(0, warehouse.run(['asset', 'list']));
  expect(list.stdout).toMatch(/825 .*\n +calendar .*\n +quarantined in bars after 5 failed runs: .*Infinity/);
  const json = JSON.parse((await warehouse.run(['asset', 'list', '--json'])).stdout);
  expect(json.assets.map(({ quarantined }: { quarantined: unknown[] }) => quarantined.length)).toEqual([
    0, 1,
  ]);
  const status = await expectExit(0, warehouse.run(['status', '--ids', '825']));
  expect(status.stdout).toContain('; quarantined: bars');
  const explain = await expectExit(0, warehouse.run(['explain', '825']));
  expect(explain.stdout).toMatch(/skipped +bars: failed in 5 runs in a row: .* \(quarantined since 20/);
  expect(explain.stdout).toMatch(/plan +bars: quarantined after 5 failed runs/);
  expect(explain.stdout).toMatch(
    /quarantined \(bars\); when its cause is repaired: barwright asset release 825\n$/,
  );
  const dry = await expectExit(0, warehouse.run(['refresh', '--all', '--dry-run']));
  expect(dry.stdout).toMatch(/\[DRY RUN\] bars 825: would skip: quarantined after 5/);
  expect(dry.stdout).toMatch(/\[DRY RUN\] emas 825: would skip: bars skipped: quarantined/);
  expect(await countFailures(warehouse)).toEqual([[825, 'bars', 5, true]]);
});

describe('it is released', () => {
  /** What a database has in which 825 never failed. */
  let healthy: Fingerprints;

  beforeAll(async () => {
    const calm = await createWarehouse({}, [DAYS]);
    await calm.execute(POISON);
    await calm.execute(CURE);
    await expectExit(0, calm.run(['refresh', '--all']));
    healthy = await readContents(calm.database);
    await calm.drop();
  });

  test('by a change at or before the day on which it failed', async () => {
    await warehouse.execute(CURE);
    const { code, stderr, report } = await warehouse.report(['refresh', '--all']);
    expect(code).toBe(0);
    expect(stderr).toContain('[INFO] ID 825 bars: released from quarantine, its source has changed');
    expect(report.quarantined).toEqual([]);
    expect(await countFailures(warehouse)).toEqual([]);
    expect(await readContents(warehouse.database)).toEqual(healthy);
  });

  test('by asset release; it is tried, and its failures are counted again', async () => {
    const released = await expectExit(0, warehouse.run(['asset', 'release', '825', '1']));
    expect(released.stdout).toMatch(/\[OK\] asset 825 is released\n\[OK\] asset 1 was not quarantined\n/);
    expect((await failOnce(warehouse)).quarantined).toEqual([]);
    expect(await countFailures(warehouse)).toEqual([[825, 'bars', 1, false]]);
    const unknown = await expectExit(2, warehouse.run(['asset', 'release', '825', '7']));
    expect(unknown.stdout).toMatch(/no such asset: 7/);
    expect(await countFailures(warehouse)).toHaveLength(1);
  });

  test('by naming it in --ids, of a dry run only for show', async () => {
    const dry = await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '825', '--dry-run']));
    expect(dry.stdout).toMatch(/\[DRY RUN\] bars 825: first build/);
    expect(await countFailures(warehouse)).toEqual([[825, 'bars', 5, true]]);
    const { code, stderr, report } = await warehouse.report(['refresh', '--bars', '--ids', '825']);
    expect(code).toBe(1);
    expect(stderr).toContain('[INFO] ID 825 bars: released from quarantine, named in --ids');
    expect(outcomesOf(report, 'bars')).toEqual(['825 failed']);
    expect(await countFailures(warehouse)).toEqual([[825, 'bars', 1, false]]);
  });
});

test('a success in between, and failures that are not its own, do not count', async () => {
  await warehouse.execute('update asset_quarantine set failures = 4, quarantined_at = null');
  // Blocked: it is named already, and is not tried.
  await warehouse.execute('delete from cmc_price_histories7 where id = 1');
  await expectExit(1, warehouse.run(['refresh', '--bars', '--ids', '1']));
  expect(await countFailures(warehouse)).toEqual([[825, 'bars', 4, false]]);
  await warehouse.execute(CURE);
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '825']));
  expect(await countFailures(warehouse)).toEqual([]);
});

test('EMAs have a quarantine of their own; a purged asset leaves none', async () => {
  await warehouse.execute(CURE);
  await expectExit(0, warehouse.run(['refresh', '--bars']));
  await warehouse.execute(
    `alter table ema_carry add constraint no_tether check (id <> 825) not valid;
     insert into asset_quarantine (id, component, failures, last_run, reason) values
       (825, 'emas', 4, gen_random_uuid(), 'as before')`,
  );
  const { code, report } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(1);
  expect(report.quarantined).toMatchObject([{ id: 825, component: 'emas', isNew: true }]);
  const next = await warehouse.report(['refresh', '--all']);
  expect(next.code).toBe(3);
  expect(outcomesOf(next.report, 'bars')).toEqual(['1 ok', '825 ok']);
  expect(outcomesOf(next.report, 'emas')).toEqual(['1 ok', '825 skipped']);
  await expectExit(0, warehouse.run(['asset', 'purge', '825', '--yes']));
  expect(await countFailures(warehouse)).toEqual([]);
});
