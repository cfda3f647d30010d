/** pgbouncer in transaction mode: everything works, since nothing is kept in a session between two transactions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { readContents } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { HEADER, line } from '../support/ingest.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { note } from '../support/note.js';
import { type Pooler, startPooler } from '../support/pgbouncer.js';
import { writePrices } from '../support/prices.js';
import { findProgram } from '../support/programs.js';
import { createWarehouse, expectExit, type Warehouse, warehouseOf } from '../support/warehouse.js';
import { killWorkers, startWorker } from '../support/workers.js';

const POOL_SIZE = 3;
const IDS = [1, 2, 3, 4];
const program = findProgram('pgbouncer');

test('a program that is there is found, and one that is not is not taken for another', () => {
  expect(findProgram('node')).toMatch(/\/node$/);
  expect(findProgram('no-such-program-of-barwright')).toBeNull();
});

if (program === null) note('[INFO] left out: tests through pgbouncer (no pgbouncer here)');
else {
  describe('through pgbouncer in transaction mode', () => {
    let pooler: Pooler;
    /** Asked directly; the program gets the pooler's URL. */
    let direct: Warehouse;
    let calm: Warehouse;
    let env: Record<string, string>;
    const folder = mkdtempSync(join(tmpdir(), 'barwright-pooled-'));
    const file = join(folder, 'prices.csv');
    writeFileSync(file, `${[HEADER, ...[1, 2, 3, 4, 5].map((day) => line(day))].join('\n')}\n`);

    beforeAll(async () => {
      pooler = await startPooler(program, { adminUrl: inject('adminUrl'), poolSize: POOL_SIZE });
      direct = warehouseOf(await createEmptyDatabase());
      env = { TARGET_DB_URL: pooler.urlOf(direct.url) };
      calm = await createWarehouse();
    });
    afterEach(({ task }) => killWorkers({ isTold: task.result?.state === 'fail' }));
    afterAll(async () => {
      await direct?.drop();
      await calm?.drop();
      await pooler?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** When a file was ingested is written into its bars, so that asset is only counted. */
    async function expectSameContents(): Promise<void> {
      const scope = { ids: IDS };
      expect(await readContents(direct.database, scope)).toEqual(await readContents(calm.database, scope));
      const bars = await direct.query('select count(*) from cmc_price_bars_1d where id = 9');
      expect(bars).toEqual([[5]]);
    }

    const pooled = (...args: string[]) => direct.run(args, { env, timeoutMs: 100_000 });

    test('init, ingest, refresh with two workers and verify come to what they come to without it', async () => {
      await expectExit(0, pooled('init'));
      await expectExit(0, pooled('ingest', file, '--id', '9'));
      await expectExit(0, pooled('asset', 'calendar', '9', 'none'));
      await expectExit(0, calm.run(['ingest', file, '--id', '9']));
      for (const { database } of [direct, calm]) await writePrices(database, { ids: IDS, days: 30 });
      await expectExit(0, calm.run(['refresh', '--all']));
      await expectExit(0, pooled('refresh', '--all', '-n', '2'));
      await expectSameContents();
      await expectExit(0, pooled('verify', '--source'));
      await expectExit(0, pooled('status'));
      const again = await expectExit(0, pooled('refresh', '--all'));
      expect(again.stdout).toContain('rows needed 0, written 0');
    });

    test('a distributed run: its queue, itself and its workers all go through it', async () => {
      await expectExit(0, pooled('init', '--queue'));
      const workers = [
        startWorker(pooler.urlOf(direct.url)),
        startWorker(pooler.urlOf(direct.url), ['-n', '2']),
      ];
      for (const { database } of [direct, calm]) {
        await database.transaction((tx) =>
          tx.execute('update cmc_price_histories7 set close = close * 1.001'),
        );
      }
      await expectExit(0, pooled('refresh', '--all', '--distribute'));
      await expectExit(0, calm.run(['refresh', '--all']));
      await expectSameContents();
      for (const worker of workers) expect(await worker.stop()).toBe(0);
    });

    test('two at once: one is refused with exit 4 and names the other, which continues to its end', async () => {
      for (const { database } of [direct, calm]) {
        await database.transaction((tx) =>
          tx.execute('update cmc_price_histories7 set close = close * 1.001'),
        );
      }
      const release = await holdTable(direct.database, 'price_bars');
      const first = pooled('refresh', '--all');
      await waitForWaiter(direct.database);
      const { stdout } = await expectExit(4, pooled('refresh', '--all'));
      expect(stdout).toMatch(/\[FAILED\] another run holds the lease: refresh --all on /);
      // The other one's transaction is open now, and all of us share a handful of sessions.
      const sessions = await direct.query<[number]>(
        `select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
           and backend_type = 'client backend' and usename = current_user and application_name = 'barwright'`,
      );
      expect(sessions[0]?.[0]).toBeLessThanOrEqual(POOL_SIZE + 1);
      await release();
      await expectExit(0, first);
      await expectExit(0, calm.run(['refresh', '--all']));
      await expectSameContents();
    });

    test('backup and restore', async () => {
      const backup = join(folder, 'backup');
      await expectExit(0, pooled('db', 'backup', backup));
      await expectExit(0, pooled('db', 'restore', backup, '--schema', 'second'));
      await expectExit(0, pooled('verify', '--schema', 'second'));
    });
  });
}
