/** Which database it is: said where it matters. And whose prices a schema holds: samples are never mixed with others. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSampleData } from '../../src/components/ingest/load/sample-data.js';
import { createDesk, type Desk } from '../support/desk.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { note } from '../support/note.js';
import { writePrices } from '../support/prices.js';
import { listDescendants, waitFor } from '../support/processes.js';
import { startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let desk: Desk;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 2], days: 40, endsDaysAgo: 2 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
  desk = createDesk();
});
afterAll(async () => {
  desk?.clear();
  await warehouse?.drop();
});

test('a TARGET_DB_URL that a db_config.env overrides is named by every command; one that says the same is not', async () => {
  const url = warehouse.urls.runner;
  writeFileSync(join(desk.folder, 'db_config.env'), `TARGET_DB_URL=${url}\n`, { mode: 0o600 });
  const warning =
    /^\[WARNING\] TARGET_DB_URL of the environment is ignored: db_config\.env \(.*\) comes first and names another database$/m;
  const other = { TARGET_DB_URL: 'postgresql://somebody:other-canary@127.0.0.1:1/elsewhere' };
  for (const args of [['refresh', '--all'], ['status'], ['asset', 'calendar', '1', 'none'], ['runs']]) {
    const { stdout, stderr } = await expectExit(0, desk.run(args, { env: other }));
    expect(stdout + stderr, args.join(' ')).toMatch(warning);
    expect(stdout + stderr).not.toContain('other-canary');
  }
  const same = await expectExit(0, desk.run(['refresh', '--all'], { env: { TARGET_DB_URL: url } }));
  expect(same.stdout + same.stderr).not.toContain('is ignored');
  // A file without its key decides nothing, and that is said as well.
  writeFileSync(join(desk.folder, 'db_config.env'), 'OTHER=1\n', { mode: 0o600 });
  const keyless = await expectExit(0, desk.run(['refresh', '--all'], { env: { TARGET_DB_URL: url } }));
  expect(keyless.stdout + keyless.stderr).toMatch(/^\[WARNING\] .*db_config\.env has no TARGET_DB_URL$/m);
});

test('commands that write, and the head of the dashboard, name database and schema', async () => {
  const name = new URL(warehouse.urls.runner).pathname.slice(1);
  const words = new RegExp(
    `\\[INFO\\] database: postgresql://.*/${name} \\(from TARGET_DB_URL\\), schema public$`,
    'm',
  );
  for (const args of [
    ['asset', 'add', '2', '--symbol', 'TWO'],
    ['asset', 'retire', '2'],
    ['asset', 'restore', '2'],
    ['asset', 'holiday', 'XNYS', '2031-01-01'],
    ['asset', 'split', '2', '--on', '2020-01-01', '--ratio', '2:1'],
  ]) {
    const { stdout, stderr } = await expectExit(0, warehouse.run(args));
    expect(stdout + stderr, args.join(' ')).toMatch(words);
  }
  const server = await startServer([], { url: warehouse.urls.reader });
  const { body } = await server.ask('/api/health');
  await server.stop();
  expect(body).toContain('"schema":"public"');
});

const canRead = process.platform === 'linux';
if (!canRead) note('[INFO] left out: titles of processes (no /proc here)');
else
  test('a list of processes shows the command, and of a run which one', async () => {
    await writePrices(warehouse.database, { ids: [1, 2], days: 1 });
    const release = await holdTable(warehouse.database, 'price_bars');
    const titleOf = (pid: number) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    let pid = 0;
    const running = warehouse.run(['refresh', '--all'], { onStart: (started) => (pid = started) });
    try {
      await waitForWaiter(warehouse.database);
      const [[run = ''] = []] = await warehouse.query<[string]>(
        `select left(run::text, 8) from refresh_run where status = 'running'`,
      );
      expect(titleOf(pid)).toBe(`barwright refresh --all ${run}`);
      expect(listDescendants(pid).map(titleOf)).toEqual([`barwright bars ${run}`]);
    } finally {
      await release();
      await running;
    }
    const server = await startServer([], { url: warehouse.urls.reader });
    await waitFor('its title', () => (titleOf(server.pid) === 'barwright serve' ? true : null));
    await server.stop();
  });

test('prices are not loaded into a schema of samples, nor samples beside prices', async () => {
  const file = join(desk.folder, 'prices.csv');
  writeFileSync(file, 'date,open,high,low,close\n2024-01-01,1,2,1,2\n2024-01-02,1,2,1,2\n');
  const samples = await createWarehouse();
  await writeSampleData(samples.database);
  const before = await samples.query('select count(*) from cmc_price_histories7');
  const { stdout, stderr } = await expectExit(2, samples.run(['ingest', file, '--id', '1']));
  expect(stdout + stderr).toMatch(/this schema holds sample data, .*"barwright init --schema NAME"/);
  expect(await samples.query('select count(*) from cmc_price_histories7')).toEqual(before);
  await samples.drop();
  await expectExit(0, warehouse.run(['ingest', file, '--id', '1']));
  await expect(writeSampleData(warehouse.database)).rejects.toThrow(/other assets than samples/);
});
