/** The row of the lease is taken back in time under a run: a failover, a restore, a deleted row. Its token is given again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RefreshReport } from '../../src/orchestration/report/refresh-report.js';
import { formatGrants } from '../../src/storage/schema/grants.js';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { type CliEnd, runCli } from '../support/cli.js';
import { readContents } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { startServerIn } from '../support/own-server.js';
import { isAlive, listDescendants } from '../support/processes.js';
import { startProxy } from '../support/proxy.js';
import { runAdminStatement } from '../support/server.js';
import {
  copyServer,
  markPoint,
  promote,
  recoverCopy,
  startArchivingServer,
  startStandby,
} from '../support/servers/rewinding.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const SPANS = [{ ids: [1, 2, 3], days: 8 }];
const LIMIT = { timeoutMs: 110_000 };
const LOST = /the lease "refresh" \(token \d+\) was lost: (another run has taken over|its row is gone)/;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** The URL on another server, same database and role. */
function at(url: string, serverUrl: string): string {
  const moved = new URL(url);
  moved.host = new URL(serverUrl).host;
  return moved.href;
}

function open(url: string): Database {
  const database = openDatabase(url);
  undo.push(() => database.close());
  return database;
}

/** Starts a run, and waits until a statement of it waits for `table`, which is held: price_bars is first touched behind the fence. */
async function startHeld(database: Database, url: string, table = 'price_bars') {
  const release = await holdTable(database, table, 'access exclusive');
  let pid = 0;
  const running = runCli(['refresh', '--bars', '--json'], {
    ...LIMIT,
    env: { TARGET_DB_URL: url },
    onStart: (started) => {
      pid = started;
    },
  });
  undo.push(() => running.catch(() => {}));
  undo.push(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  await waitForWaiter(database);
  return { pid, running, release };
}

const tokens = (database: Database) =>
  database.read((tx) => tx.query<[string, number]>(`select owner::text, token from refresh_lease`));

/** Nothing was written by a run that had lost its lease, and it says so. */
async function expectLost(running: Promise<CliEnd>): Promise<RefreshReport> {
  const { stdout, stderr } = await expectExit(1, running);
  const report = JSON.parse(stdout) as RefreshReport;
  expect(report.error ?? report.components[0]?.errorMessage, stderr).toMatch(LOST);
  expect(report.components[0]?.rowsWritten).toBe(0);
  return report;
}

/** Two runs hold the same token: what these tests are about. */
function expectSameToken(before: [string, number][], after: [string, number][]): void {
  expect(after[0]?.[1]).toBe(before[0]?.[1]);
  expect(after[0]?.[0]).not.toBe(before[0]?.[0]);
}

async function expectUndisturbed(url: string): Promise<void> {
  const env = { TARGET_DB_URL: url };
  await expectExit(0, runCli(['refresh', '--all'], { ...LIMIT, env }));
  await expectExit(0, runCli(['verify', '--source'], { ...LIMIT, env }));
  expect(await readContents(open(url))).toEqual(await readUndisturbed(SPANS));
}

/**
 * Another server takes the place of the one under a run that is in the middle of its work: `replace` stops the one and
 * gives the other. A new run gets the lease there, with the token that the first one holds, and the first one continues.
 */
async function failOver(
  warehouse: Warehouse,
  serverUrl: string,
  replace: () => Promise<{ url: string }>,
): Promise<void> {
  const proxy = await startProxy(serverUrl);
  undo.push(() => proxy.close());
  const first = await startHeld(warehouse.database, at(warehouse.urls.runner, proxy.url));
  const before = await tokens(warehouse.database);
  const { url } = await replace();
  await first.release().catch(() => {});
  const there = at(warehouse.urls.runner, url);
  const admin = open(at(warehouse.url, url));
  const second = await startHeld(admin, there);
  expectSameToken(before, await tokens(admin));
  proxy.turnTo(url);
  await expectLost(first.running);
  await second.release();
  await expectExit(0, second.running);
  await expectUndisturbed(there);
}

describe('another server under a run', () => {
  test('a standby that missed its takeover is promoted: it is fenced out, the new run is undisturbed', async () => {
    const primary = await startArchivingServer();
    undo.push(() => primary.remove());
    const warehouse = await createWarehouse({ serverUrl: primary.url }, SPANS);
    undo.push(() => warehouse.database.close());
    await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
    const standby = await startStandby(await copyServer(primary), primary);
    undo.push(() => standby.remove());
    // From here on it misses everything.
    await standby.stop();
    await failOver(warehouse, primary.url, async () => {
      await primary.stop();
      const promoted = await startServerIn(standby.dataDir);
      await promote(promoted);
      return promoted;
    });
  });

  test('recovered to a point before it took the lease: it is fenced out, the new run is undisturbed', async () => {
    const server = await startArchivingServer();
    undo.push(() => server.remove());
    const warehouse = await createWarehouse({ serverUrl: server.url }, SPANS);
    undo.push(() => warehouse.database.close());
    const copy = await copyServer(server);
    await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
    await markPoint(server, 'before');
    await failOver(warehouse, server.url, async () => {
      const recovered = await recoverCopy(copy, server, 'before');
      undo.push(() => recovered.remove());
      return recovered;
    });
  });
});

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await createWarehouse(options, SPANS);
    undo.push(() => warehouse.drop());
  });

  test('its row is deleted and another run has the lease: it is fenced out, the other is undisturbed', async () => {
    // Both stand before their first write transaction.
    const first = await startHeld(warehouse.database, warehouse.urls.runner, 'dim_timeframe');
    const before = await tokens(warehouse.database);
    await warehouse.execute('delete from refresh_lease');
    let pid = 0;
    const onStart = (started: number) => {
      pid = started;
    };
    const second = warehouse.run(['refresh', '--bars'], { ...LIMIT, onStart });
    await waitForWaiter(warehouse.database, 2);
    expectSameToken(before, await tokens(warehouse.database));
    const stopped = [pid, ...listDescendants(pid)];
    for (const each of stopped) process.kill(each, 'SIGSTOP');
    undo.push(() => {
      for (const each of stopped) if (isAlive(each)) process.kill(each, 'SIGKILL');
    });
    await first.release();
    await expectLost(first.running);
    for (const each of stopped) process.kill(each, 'SIGCONT');
    await expectExit(0, second);
    await expectUndisturbed(warehouse.urls.runner);
  });

  test('its row is deleted and nobody else is there: it stops with the reason, and the next run is undisturbed', async () => {
    const { running, release } = await startHeld(warehouse.database, warehouse.urls.runner, 'dim_timeframe');
    await warehouse.execute('delete from refresh_lease');
    await release();
    await expectLost(running);
    await expectUndisturbed(warehouse.urls.runner);
  });

  test('"db restore" under it: it is fenced out, and its record is said to be gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'barwright-rewound-'));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const backup = join(folder, 'backup');
    await expectExit(0, warehouse.run(['db', 'backup', backup]));
    const proxy = await startProxy(warehouse.url);
    undo.push(() => proxy.close());
    const first = await startHeld(warehouse.database, at(warehouse.urls.runner, proxy.url));
    const before = await tokens(warehouse.database);
    proxy.pause();
    await runAdminStatement(
      warehouse.url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and usename = '${warehouse.roles?.runner}'`,
    );
    proxy.cut();
    await first.release();
    const { owner, runner, reader } = warehouse.roles as NonNullable<Warehouse['roles']>;
    const grants = formatGrants({ owner, runner, reader, schema: 'public', source: null });
    await runAdminStatement(warehouse.url, 'drop schema public cascade; create schema public');
    await runAdminStatement(warehouse.url, grants);
    await expectExit(0, warehouse.run(['db', 'restore', backup]));
    await runAdminStatement(warehouse.url, grants);
    const second = await startHeld(warehouse.database, warehouse.urls.runner);
    expectSameToken(before, await tokens(warehouse.database));
    proxy.resume();
    const report = await expectLost(first.running);
    expect(report.warnings).toContainEqual(expect.stringMatching(/^the record of this run is gone/));
    await second.release();
    await expectExit(0, second.running);
    await expectUndisturbed(warehouse.urls.runner);
  });
});
