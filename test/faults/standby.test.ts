/** A hot standby: reading commands and views work on it, everything else says what it is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/session/database.js';
import { runCli } from '../support/cli.js';
import { readContents } from '../support/contents.js';
import { type OwnServer, startOwnServer } from '../support/own-server.js';
import { writePrices } from '../support/prices.js';
import { runAdminStatement } from '../support/server.js';
import { copyServer, promote, startStandby, waitForReplay } from '../support/servers/rewinding.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2];
const LIMIT = { timeoutMs: 110_000 };

let primary: OwnServer;
let standby: OwnServer;
let warehouse: Warehouse;
beforeAll(async () => {
  primary = await startOwnServer();
  warehouse = await createWarehouse({ serverUrl: primary.url }, [{ ids: IDS, days: 39, endsDaysAgo: 3 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
  standby = await startStandby(await copyServer(primary), primary);
});
afterAll(async () => {
  await warehouse?.database.close();
  await standby?.remove();
  await primary?.remove();
});

/** The URL of the same role and database on the standby. */
const there = (url: string): string => Object.assign(new URL(url), { host: new URL(standby.url).host }).href;
const run = (args: readonly string[], url = warehouse.urls.runner) =>
  runCli(args, { ...LIMIT, env: { TARGET_DB_URL: there(url) } });

/** What the views show, in full. */
async function readViews(url: string): Promise<unknown> {
  const database = openDatabase(url);
  try {
    const hash = (view: string) =>
      `select '${view}', count(*), md5(string_agg(v::text, ';' order by v::text)) from ${view} v where id in (1, 2)`;
    const views = await database.read((tx) =>
      tx.query<[string]>(
        `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'v' and exists (
           select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id') order by 1`,
      ),
    );
    const found = [];
    for (const [view] of views) found.push(...(await database.read((tx) => tx.query(hash(view)))));
    return found;
  } finally {
    await database.close();
  }
}

test('reading commands and every view give what the primary gives', async () => {
  expect(await readViews(there(warehouse.url))).toEqual(await readViews(warehouse.url));
  for (const args of [['verify'], ['verify', '--source'], ['plan'], ['runs'], ['explain', '1']])
    await expectExit(0, run(args));
  for (const args of [['status'], ['export', 'ema', '--id', '1', '--tf', '7D', '--period', '21']]) {
    const [here, copied] = [await warehouse.run(args), await run(args)];
    expect([copied.code, copied.stdout.replace(/ago|[\d.]+ h/g, '')]).toEqual([
      here.code,
      here.stdout.replace(/ago|[\d.]+ h/g, ''),
    ]);
  }
});

test('while it lags behind a run it shows the state of before, whole; then that of after', async () => {
  const before = await readViews(there(warehouse.url));
  await runAdminStatement(standby.url, 'select pg_wal_replay_pause()');
  await writePrices(warehouse.database, { ids: IDS, days: 1, endsDaysAgo: 2 });
  await warehouse.execute(
    'update cmc_price_histories7 set close = close * 1.0001, high = high * 1.01 where id = 1',
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(await readViews(there(warehouse.url))).toEqual(before);
  await expectExit(0, run(['verify', '--source']));
  await runAdminStatement(standby.url, 'select pg_wal_replay_resume()');
  await waitForReplay(standby, primary);
  const after = await readViews(there(warehouse.url));
  expect(after).toEqual(await readViews(warehouse.url));
  expect(after).not.toEqual(before);
  await expectExit(0, run(['verify', '--source']));
});

const WHY = /standby/;

test('doctor says that it is a standby, and fails', async () => {
  const { stdout } = await expectExit(1, run(['doctor']));
  expect(stdout).toMatch(/^\[FAILED\] writes: are refused: it is a standby .*name the primary$/m);
});

test.each([
  [['init']],
  [['migrate']],
  [['init', '--track-changes']],
  [['refresh', '--all']],
  [['state', 'rebuild']],
  [['asset', 'retire', '1']],
])('%j is refused with what to do, and no stack', async (args) => {
  const { stdout, stderr } = await expectExit(1, run(args, warehouse.urls.owner));
  expect(stdout).toMatch(WHY);
  expect(stdout).toMatch(/name the primary/);
  expect(`${stdout}${stderr}`).not.toMatch(/^\[OK\]|\n {4}at /m);
});

test('a role that may only read by its settings gets one sentence', async () => {
  const name = new URL(warehouse.url).pathname.slice(1);
  const role = warehouse.roles?.owner;
  const set = (value: string) =>
    runAdminStatement(
      warehouse.url,
      `alter role ${role} in database ${name} set default_transaction_read_only = ${value}`,
    );
  await set('on');
  const { stdout } = await expectExit(1, warehouse.run(['init']));
  expect(stdout).toMatch(/default_transaction_read_only is on for this role or database/);
  await set('off');
  await expectExit(0, warehouse.run(['init']));
});

test('promoted, it is a primary like any other', async () => {
  await waitForReplay(standby, primary);
  const expected = await readContents(warehouse.database);
  await promote(standby);
  await expectExit(0, run(['init'], warehouse.urls.owner));
  const { stdout } = await expectExit(0, run(['doctor']));
  expect(stdout).toMatch(/^\[OK\] writes: are taken$/m);
  await expectExit(0, run(['refresh', '--all', '--full-rebuild']));
  const promoted = openDatabase(there(warehouse.url));
  expect(await readContents(promoted).finally(() => promoted.close())).toEqual(expected);
});
