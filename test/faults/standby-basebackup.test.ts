/** A hot standby made by pg_basebackup of the system's PostgreSQL: it is read, refuses to write, and takes over when it is promoted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { note } from '../support/note.js';
import { waitFor } from '../support/processes.js';
import { runAdminStatement } from '../support/server.js';
import { findPrograms, type ServerPair, startPair, waitForPair } from '../support/servers/debian.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const LIMIT = { timeoutMs: 110_000 };
const programs = findPrograms();
if (programs === null) note('[INFO] left out: a standby by pg_basebackup (no PostgreSQL of the system here)');

describe.runIf(programs !== null)('a standby by pg_basebackup', () => {
  let pair: ServerPair;
  let warehouse: Warehouse;
  beforeAll(async () => {
    pair = await startPair(programs as string, async (serverUrl) => {
      warehouse = await createWarehouse({ serverUrl }, [{ ids: [1, 2], days: 20 }]);
      await expectExit(0, warehouse.run(['refresh', '--all']));
    });
  }, 120_000);
  afterAll(async () => {
    await warehouse?.database.close();
    await pair?.remove();
  });

  const there = (args: readonly string[]) => {
    const url = Object.assign(new URL(warehouse.urls.runner), { host: new URL(pair.standby).host }).href;
    return runCli(args, { ...LIMIT, env: { TARGET_DB_URL: url } });
  };

  test('is read like its primary, and a run is refused; promoted under a run that its primary began, it has whole assets and continues', async () => {
    await waitForPair(pair);
    for (const args of [['status'], ['plan'], ['verify', '--source']]) await expectExit(0, there(args));
    const refused = await expectExit(1, there(['refresh', '--all']));
    expect(refused.stdout).toMatch(/name the primary/);
    await warehouse.execute('update cmc_price_histories7 set close = close * 1.01, high = high * 1.02');
    const running = warehouse.run(['refresh', '--all', '--full-rebuild'], LIMIT);
    await waitFor('the run to have its lease', async () => {
      const sql = `select count(*) from refresh_lease where name = 'refresh' and expires > now()`;
      return (await warehouse.query<[number]>(sql))[0]?.[0] === 1 ? true : null;
    });
    const [done] = await runAdminStatement(pair.standby, 'select pg_promote(true, 60)');
    expect(done).toEqual([true]);
    await expectExit(0, running);
    await expectExit(0, there(['refresh', '--all']));
    await expectExit(0, there(['verify', '--source']));
    await expectExit(0, warehouse.run(['verify', '--source']));
  }, 120_000);
});
