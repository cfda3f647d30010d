/** A connection whose other end has fallen silent: nothing is refused, nothing answers. Every wait has an end. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { isAlive, listDescendants } from '../support/processes.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const SPANS = [{ ids: [1, 2, 3], days: 20 }];
const BOUNDS = {
  BARWRIGHT_CONNECT_TIMEOUT_MS: '1000',
  BARWRIGHT_RETRY_DELAY_MS: '100',
  BARWRIGHT_STATEMENT_TIMEOUT_MS: '2000',
  BARWRIGHT_LOCK_TIMEOUT_MS: '2000',
};
/** Far beyond the bounds added up, retries and their pauses included; far below "for ever". */
const LONGEST_MS = 420_000;

let warehouse: Warehouse;
let proxy: DatabaseProxy;
let undisturbed: Fingerprints;

beforeAll(async () => {
  undisturbed = await readUndisturbed(SPANS);
});
beforeEach(async () => {
  warehouse = await createWarehouse({}, SPANS);
  proxy = await startProxy(warehouse.url);
});
afterEach(() => proxy.close());
afterAll(() => warehouse?.drop());

function refreshThroughProxy(onStart: (pid: number) => void = () => {}) {
  const env = { ...BOUNDS, TARGET_DB_URL: proxy.url };
  return warehouse.run(['refresh', '--all'], { env, timeoutMs: LONGEST_MS, onStart });
}

test(
  'in the middle of a run: it ends by itself with the cause, and the next run finishes',
  async () => {
    const release = await holdTable(warehouse.database, 'price_bars');
    let pid = 0;
    const running = refreshThroughProxy((started) => {
      pid = started;
    });
    await waitForWaiter(warehouse.database);
    const children = listDescendants(pid);
    proxy.pause();
    await release();
    const { stdout } = await expectExit(1, running);
    expect(stdout).toMatch(/={70}\nDAILY REFRESH SUMMARY\n={70}\n/);
    expect(stdout).toMatch(/\[FAILED\] .*(timeout|timed out)/i);
    expect(children.filter(isAlive)).toEqual([]);
    // The server has ended the transaction that nobody spoke in any more.
    await waitForSilence(warehouse.database);
    expect(await warehouse.query('select count(*) from price_bars')).toEqual([[0]]);
    // A lease that could not be given back runs out by itself, here at once.
    await warehouse.execute('update refresh_lease set expires = now()');
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await readContents(warehouse.database)).toEqual(undisturbed);
  },
  LONGEST_MS + 60_000,
);

test(
  'from the beginning: the connection is given up, with the cause',
  async () => {
    proxy.pause();
    const { stdout } = await expectExit(1, refreshThroughProxy());
    expect(stdout).toMatch(/\[FAILED\] .*(timeout|timed out)/i);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await readContents(warehouse.database)).toEqual(undisturbed);
  },
  LONGEST_MS + 60_000,
);
