/** What a source says of when its prices are expected: section "sources" of barwright.config.json. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssetStatus } from '../../../src/orchestration/inspect/status.js';
import { createDesk, type Desk } from '../../support/desk.js';
import { writePrices } from '../../support/prices.js';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from '../../support/warehouse.js';

/** A coin in our own table, up to yesterday; two shares in another one, which ended twenty days ago. */
let warehouse: Warehouse;
let desk: Desk;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 90 }]);
  await expectDays(warehouse);
  await warehouse.execute('create schema market');
  await warehouse.execute('create table market.shares (like cmc_price_histories7)');
  await writePrices(warehouse.database, { ids: [7, 8], days: 90, endsDaysAgo: 20, table: 'market.shares' });
  await grantSource(warehouse, 'market.shares');
  desk = createDesk({ TARGET_DB_URL: warehouse.urls.runner });
});
afterAll(async () => {
  desk?.clear();
  await warehouse?.drop();
});

const configure = (shares: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  writeFileSync(
    join(desk.folder, 'barwright.config.json'),
    JSON.stringify({
      sources: {
        ...others,
        shares: { table: 'market.shares', columns: { day: 'timestamp' }, day: 'close', ...shares },
      },
    }),
  );
const statusOf = async (id: number): Promise<AssetStatus | undefined> => {
  const { stdout } = await expectExit(0, desk.run(['status', '--json']));
  return (JSON.parse(stdout) as { assets: AssetStatus[] }).assets.find((asset) => asset.id === id);
};
const lateOf = async (code: number, ...args: string[]): Promise<number[]> => {
  const { stdout } = await expectExit(code, desk.run(['refresh', '--all', '--json', ...args]));
  return (JSON.parse(stdout) as { sourceLate: number[] }).sourceLate;
};

test('its calendar is that of its assets; what was chosen for one of them wins; everybody says where it comes from', async () => {
  configure({});
  expect(await lateOf(3)).toEqual([7, 8]);
  configure({ calendar: 'none' });
  expect(await lateOf(0)).toEqual([]);
  await expectExit(0, desk.run(['check']));
  expect(await statusOf(7)).toMatchObject({ calendar: 'none', verdict: 'history: no new day is expected' });

  const chosen = await expectExit(0, desk.run(['asset', 'calendar', '8', 'daily']));
  expect(chosen.stdout).toMatch(/^\[OK\] asset 8: daily: late: 19 expected missing since \S+\n$/);
  expect(chosen.stderr).toMatch(/^\[INFO\] database: postgresql:.*, schema public$/m);
  expect(await lateOf(3)).toEqual([8]);
  const check = await expectExit(1, desk.run(['check']));
  expect(check.stdout).toMatch(/^\[FAILED\] source late: ID 8: no price since /);
  const shown = await expectExit(0, desk.run(['asset', 'calendar', 'all']));
  expect(shown.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^ +1 {4}learnt \(every day\): no expected day is missing \(by default\)$/),
    expect.stringMatching(/^ +7 {4}none: no new day is expected \(source "shares": none\)$/),
    expect.stringMatching(/^ +8 {4}daily: late: 19 expected missing since \S+ \(chosen\)$/),
  ]);
  expect((await expectExit(0, desk.run(['asset', 'list']))).stdout).toContain(
    'calendar none: no new day is expected (source "shares": none)\n',
  );
  const back = await expectExit(0, desk.run(['asset', 'calendar', '8', 'default']));
  expect(back.stdout).toBe('[OK] asset 8: none: no new day is expected (source "shares": none)\n');
});

test('an exchange judges gaps too: what it does not expect is no gap', async () => {
  configure({ calendar: 'daily' });
  await warehouse.execute(
    'delete from market.shares where id = 7 and extract(isodow from timestamp) in (6, 7) and timestamp < now() - interval $$30 days$$',
  );
  await desk.run(['refresh', '--all', '--accept-deletions']);
  const gapsOf = async () => {
    const { stdout } = await expectExit(0, desk.run(['explain', '7', '--json']));
    return JSON.parse(stdout).gaps.count as number;
  };
  expect(await gapsOf()).toBeGreaterThan(5);
  configure({ calendar: 'weekdays' });
  expect(await gapsOf()).toBe(0);
});

test('its grace is that of its assets, whatever --late-after says for the others; our own table has one as well', async () => {
  configure({ calendar: 'daily', lateAfter: 30 });
  expect(await lateOf(0)).toEqual([]);
  expect(await lateOf(0, '--late-after', '0')).toEqual([]);
  await expectExit(0, desk.run(['check']));
  expect(await statusOf(7)).toMatchObject({ lateness: 'due', missingDays: 19 });
  const { stdout } = await expectExit(0, desk.run(['asset', 'calendar', '7', '--json']));
  expect(JSON.parse(stdout).assets).toMatchObject([
    { calendar: 'daily', saidBy: 'source', source: 'shares', lateAfter: '30' },
  ]);

  await warehouse.execute(
    'delete from cmc_price_histories7 where id = 1 and timestamp::date > current_date - 4',
  );
  const ours = (lateAfter: unknown) => ({ cmc_price_histories7: { lateAfter } });
  configure({ calendar: 'none' }, ours('3'));
  expect(await lateOf(0, '--accept-deletions')).toEqual([]);
  configure({ calendar: 'none' }, ours(2));
  expect(await lateOf(3)).toEqual([1]);
});

test('what cannot be meant is refused with its place', async () => {
  const refused = async (shares: Record<string, unknown>, others: Record<string, unknown>, words: RegExp) => {
    configure(shares, others);
    const { stdout, stderr } = await expectExit(2, desk.run(['check']));
    expect(stdout + stderr).toMatch(words);
  };
  await refused(
    { calendar: 'XXXX' },
    {},
    /line 1, "sources": shares\.calendar: daily, weekdays, none, learnt or one of .*XNYS.* was expected/,
  );
  await refused({ calendar: 'monthly' }, {}, /barwright\.config\.json, line 1, "sources": /);
  await refused({ lateAfter: 'soon' }, {}, /barwright\.config\.json, line 1, "sources": /);
  await refused(
    {},
    { cmc_price_histories7: { zone: 'UTC' } },
    /sources\.cmc_price_histories7\.zone: of barwright's own table/,
  );
  await refused(
    {},
    { other: { calendar: 'daily' } },
    /sources\.other\.table: .* was expected, found nothing/,
  );
  configure({});
  const typed = await desk.run(['refresh', '--all', '--source', 'market.shares day=timestamp calendar=XXXX']);
  expect(typed.stdout + typed.stderr).toMatch(
    /sources\.market\.shares\.calendar: .* was expected, found "XXXX"/,
  );
});
