/** A run that is over, and a write transaction of it that is still open: waited for while it lives, ended when it is stopped. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { deleteLeaseSessions } from '../../src/storage/lease/lease.js';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { isAlive, listDescendants, waitFor } from '../support/processes.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3];
/** What is there when a test begins, and a day that comes after it: the 40th closes bars whatever the date is. */
const SPANS = [
  { ids: IDS, days: 39, endsDaysAgo: 3 },
  { ids: IDS, days: 1, endsDaysAgo: 2 },
];
const HURRY = { BARWRIGHT_LOCK_TIMEOUT_MS: '1000', BARWRIGHT_RETRY_DELAY_MS: '100' };
const ENDED = /\[WARNING\] a run that is over still had 1 write transaction open, .* ended and rolled back/;

let warehouse: Warehouse;
const stopped: number[] = [];

beforeEach(async () => {
  warehouse = await createWarehouse({}, SPANS.slice(0, 1));
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await writePrices(warehouse.database, SPANS[1] as (typeof SPANS)[number]);
});
afterEach(async () => {
  for (const pid of stopped.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await warehouse.drop();
});

/** A run whose component waits for the 1D bars, with its process ids. */
async function startRun() {
  const release = await holdTable(warehouse.database, 'cmc_price_bars_1d');
  let pid = 0;
  const running = warehouse.run(['refresh', '--bars'], {
    timeoutMs: 110_000,
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(warehouse.database);
  return { pid, children: listDescendants(pid), running, release };
}

function stop(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  stopped.push(...pids);
}

/** The session that waits for its client inside a COPY. */
const waitForCopy = () =>
  waitFor('a session that waits inside a COPY', async () => {
    const rows = await warehouse.query<[number, string]>(
      `select pid, query from pg_stat_activity
       where datname = current_database() and state = 'active' and wait_event = 'ClientRead'`,
    );
    return rows[0] ?? null;
  });

const isSessionThere = async (pid: number) =>
  (await warehouse.query('select from pg_stat_activity where pid = $1', [pid])).length === 1;

/** After a whole run everything is as where nothing was ever disturbed; returns that. */
async function expectUndisturbed(): Promise<Fingerprints> {
  await expectExit(0, warehouse.run(['refresh', '--all']));
  const expected = await readUndisturbed(SPANS);
  expect(await readContents(warehouse.database)).toEqual(expected);
  return expected;
}

/** A killed run whose component is stopped inside a COPY. Returns the component's process and its session. */
async function killInsideCopy() {
  const { pid, children, running, release } = await startRun();
  stop(children);
  process.kill(pid, 'SIGKILL');
  await running;
  await release();
  const [session, query] = await waitForCopy();
  expect(query).toMatch(/^copy cmc_price_bars_1d /);
  return { child: children.at(-1) as number, session };
}

test('stopped inside a COPY, its run killed: the next run ends the session, does its work, and nothing comes after', async () => {
  const { child, session } = await killInsideCopy();
  const { stdout } = await expectExit(0, warehouse.run(['refresh', '--bars'], { env: HURRY }));
  expect(stdout).toMatch(ENDED);
  expect(await isSessionThere(session)).toBe(false);
  const expected = await expectUndisturbed();
  process.kill(child, 'SIGCONT');
  await waitFor('the end of the process', () => (isAlive(child) ? null : true));
  expect(await readContents(warehouse.database)).toEqual(expected);
});

test('by a role that may not end it: the session is named with the SQL to type, and a role that may continues', async () => {
  const { session } = await killInsideCopy();
  const asOwner = { ...HURRY, TARGET_DB_URL: warehouse.urls.owner };
  const { stdout } = await expectExit(1, warehouse.run(['refresh', '--bars'], { env: asOwner }));
  expect(stdout).toContain(`process ${session} of the database ("barwright", user`);
  expect(stdout).toContain(`end it with "select pg_terminate_backend(${session})", then run again`);
  expect(stdout).not.toMatch(ENDED);
  expect(await isSessionThere(session)).toBe(true);
  await expectExit(0, warehouse.run(['refresh', '--bars'], { env: HURRY }));
  await expectUndisturbed();
});

test('slow but alive when the lease runs out: waited for, and what it commits is not done again', async () => {
  const { pid, running, release } = await startRun();
  stop([pid]);
  await warehouse.execute(`update refresh_lease set expires = clock_timestamp() - interval '1 s'`);
  const next = warehouse.report(['refresh', '--bars'], { timeoutMs: 110_000 });
  await waitForWaiter(warehouse.database, 2);
  await release();
  const { code, stderr, report } = await next;
  expect([code, report.components[0]?.rowsWritten], stderr).toEqual([0, 0]);
  expect(stderr).not.toMatch(ENDED);
  process.kill(pid, 'SIGCONT');
  // It had committed everything before the lease was taken.
  const { stdout } = await expectExit(0, running);
  expect(stdout).toContain('[WARNING] the lease was lost after the work: ');
  await expectUndisturbed();
});

test('under a lease that counts nobody is ended, however long he takes', async () => {
  const { children, running, release } = await startRun();
  stop(children);
  await release();
  const [session] = await waitForCopy();
  await expectExit(4, warehouse.run(['refresh', '--bars'], { env: HURRY }));
  expect(await deleteLeaseSessions(warehouse.database, null)).toBe(0);
  expect(await isSessionThere(session)).toBe(true);
  for (const child of children) process.kill(child, 'SIGCONT');
  await expectExit(0, running);
});
