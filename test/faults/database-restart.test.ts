/** The database restarts in the run: the assets in progress are waited for, and nothing shows of it afterwards. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { type OwnServer, startOwnServer } from '../support/own-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = Array.from({ length: 20 }, (_, index) => index + 1);
const PRICES = [{ ids: IDS, days: 30 }];
const SLOW = { timeoutMs: 110_000 };

let server: OwnServer;
let undisturbed: Fingerprints;
let warehouse: Warehouse;

beforeAll(async () => {
  server = await startOwnServer();
  const calm = await createWarehouse({ serverUrl: server.url }, PRICES);
  await expectExit(0, calm.run(['refresh', '--all'], SLOW));
  undisturbed = await readContents(calm.database);
  await calm.drop();
});
afterAll(() => server?.remove());
beforeEach(async () => {
  warehouse = await createWarehouse({ serverUrl: server.url }, PRICES);
  return () => warehouse.drop();
});

test.each([
  ['one child', []],
  ['two workers', ['-n', '2']],
])(
  'pg_ctl restart -m immediate in the middle of the bars of %s: exit 0, as undisturbed',
  async (_what, flags) => {
    const release = await holdTable(warehouse.database, 'price_bars');
    const running = warehouse.run(['refresh', '--all', ...flags], SLOW);
    await waitForWaiter(warehouse.database);
    await server.restart();
    // The lock has gone with the connection that held it.
    await release().catch(() => {});
    const { stdout } = await expectExit(0, running);
    expect(stdout).toMatch(/\[WARNING\] bars: .*; trying again in [0-9.]+ s \(try 2 of 8\)/);
    expect(await readContents(warehouse.database)).toEqual(undisturbed);
    expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([['ok', 0]]);
  },
);

test('a restart between bars and EMAs: exit 0, as undisturbed', async () => {
  let afterBars: Promise<void> | null = null;
  const release = await holdTable(warehouse.database, 'ema_points');
  const running = warehouse.run(['refresh', '--all'], {
    ...SLOW,
    onStdout: (text) => {
      if (text.includes('[OK] bars 20')) afterBars ??= server.restart();
    },
  });
  const { stdout } = await expectExit(0, running);
  await release().catch(() => {});
  await afterBars;
  expect(stdout).toContain('[OK] emas 20: ');
  expect(await readContents(warehouse.database)).toEqual(undisturbed);
  const stages = await warehouse.query('select component, status, ok from refresh_stage order by 1');
  expect(stages).toEqual([
    ['bars', 'ok', 20],
    ['emas', 'ok', 20],
  ]);
});
