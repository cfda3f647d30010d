/** How far indicators have come: in status, explain, the grid and the plan where one is active, and nowhere else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSource } from '../../src/storage/source/source.js';
import { readFreshness } from '../../src/web/answers/freshness.js';
import type { FreshnessResponse } from '../../src/web/api/api-freshness-types.js';
import { writePrices } from '../support/prices.js';
import { keepTimeframes } from '../support/verify.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2];
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 60, endsDaysAgo: 2 }]);
  await keepTimeframes(warehouse.database);
  await expectExit(0, warehouse.run(['refresh', '--all']));
});
afterAll(() => warehouse?.drop());

const said = async (...args: string[]) => (await expectExit(0, warehouse.run(args))).stdout;

interface Standing {
  indicatorsWatermark?: string | null;
  lastDay: string;
  standing: string;
  pending: string[];
}

const statusOf = async (id: number): Promise<Standing> => {
  const { assets } = JSON.parse(await said('status', '--json', '--ids', String(id))) as {
    assets: Standing[];
  };
  return assets[0] as Standing;
};

const readGrid = (): Promise<FreshnessResponse> =>
  warehouse.database.read(async (tx) =>
    readFreshness(tx, { source: await readSource(tx, null), limitHours: null }),
  );

async function cellsOf(id: number): Promise<{ status: string | undefined; reason: string | undefined }[]> {
  const { assets, cells, statuses, reasons } = await readGrid();
  const at = assets.id.indexOf(id);
  return (['indicators_multi_tf', 'indicators_cal', 'indicators_cal_anchor'] as const).map((key) => ({
    status: statuses[cells[key].status[at] ?? -1],
    reason: reasons[cells[key].reason[at] ?? -1],
  }));
}

test('without an active one nothing speaks of them', async () => {
  expect(await said('status')).not.toContain('indicator');
  expect(await said('explain', '1')).not.toContain('indicator');
  expect(await said('plan')).not.toContain('indicator');
  expect(Object.keys(await statusOf(1))).not.toContain('indicatorsWatermark');
  expect(await said('explain', '1', '--json')).not.toContain('"indicators": {');
  const { tables, cells } = await readGrid();
  expect([tables.length, Object.keys(cells).length]).toEqual([10, 10]);
});

test('one that was added and is not built yet', async () => {
  await said('indicator', 'add', 'sma_3');
  expect(await statusOf(1)).toMatchObject({
    indicatorsWatermark: null,
    standing: 'waiting',
    pending: [expect.stringMatching(/^\d+ indicator series lag$/)],
  });
  expect(await said('status')).toMatch(/ emas +indicators +rejects /);
  expect(await said('explain', '1')).toMatch(
    /\n {2}indicators +multi_tf +not built yet, (\d+) of \1 series lag\n/,
  );
  for (const cell of await cellsOf(1))
    expect(cell).toEqual({
      status: 'never_built',
      reason: 'never built: 1D bars are there, no run has made these indicators',
    });
});

test('level with its bars', async () => {
  await said('refresh', '--all');
  const { lastDay, indicatorsWatermark, pending } = await statusOf(1);
  expect([indicatorsWatermark, pending]).toEqual([lastDay, []]);
  expect(await said('explain', '1')).toMatch(
    new RegExp(`\\n {2}indicators +all \\d+ series up to ${lastDay}\\n`),
  );
  expect((await cellsOf(2)).map(({ status }) => status)).toEqual(Array(3).fill('fresh'));
});

test('behind a new day, and behind a correction', async () => {
  const { indicatorsWatermark: before } = await statusOf(1);
  await writePrices(warehouse.database, { ids: [1], days: 1 });
  await said('refresh', '--bars', '--ids', '1');
  expect(await statusOf(1)).toMatchObject({
    indicatorsWatermark: before,
    pending: expect.arrayContaining([expect.stringMatching(/^\d+ indicator series lag$/)]),
  });
  expect((await cellsOf(1)).map(({ reason }) => reason)).toEqual(
    Array(3).fill(expect.stringMatching(/^\d+ indicator series lag, the slowest at /)),
  );
  await warehouse.execute(
    `update cmc_price_histories7 set close = close * 1.01, high = high * 1.02
     where id = 2 and timestamp = (select max(timestamp) - interval '20 days' from cmc_price_histories7 where id = 2)`,
  );
  await said('refresh', '--bars', '--ids', '2');
  const { pending } = await statusOf(2);
  expect(pending).toContainEqual(expect.stringMatching(/^indicators wait for repair from \d{4}-/));
  expect(await said('explain', '2')).toMatch(/\n {2}indicators +multi_tf .*waits for repair from \d{4}-/);
  for (const { status, reason } of await cellsOf(2)) {
    expect(['behind', 'stale']).toContain(status);
    expect(reason).toMatch(/indicators wait for repair from \d{4}-/);
  }
  await said('refresh', '--all');
  expect((await statusOf(2)).pending).toEqual([]);
});
