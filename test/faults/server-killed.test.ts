/** kill -9 of the database server itself in the middle of a run: its next start recovers, and the next run finishes. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureEmbedded, stopEmbedded } from '../../src/storage/embedded/embedded.js';
import { embeddedPaths } from '../../src/storage/embedded/paths.js';
import { findPostmaster } from '../../src/storage/embedded/postmaster.js';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { runCli } from '../support/cli.js';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdAsset, waitForWaiter } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { isAlive } from '../support/processes.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { expectExit } from '../support/warehouse.js';

const BUILT = Array.from({ length: 25 }, (_, index) => index + 1);
const LAST = 26;
const SPANS = [{ ids: [...BUILT, LAST], days: 12 }];
/** Retries while the server is gone included. */
const LONGEST_MS = 420_000;

// A server of its own, with everything that makes it durable: it is the one that dies.
const root = mkdtempSync(join(tmpdir(), 'barwright-killed-'));
chmodSync(root, 0o755);
const dataDir = join(root, 'data');
let undisturbed: Fingerprints;

beforeAll(async () => {
  undisturbed = await readUndisturbed(SPANS);
  await expectExit(0, barwright('init'));
});
afterAll(async () => {
  await stopEmbedded({ dataDir });
  rmSync(root, { recursive: true, force: true });
});

function barwright(...args: string[]) {
  return runCli([...args, '--embedded', '--data-dir', dataDir], {
    timeoutMs: LONGEST_MS,
    env: { BARWRIGHT_RETRY_DELAY_MS: '500' },
  });
}

async function withServer<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const { url } = await ensureEmbedded({ dataDir });
  const database = openDatabase(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const serverPid = () => findPostmaster(embeddedPaths(dataDir))?.pid ?? 0;

test(
  'what was committed is there after recovery, what was not is done by the next run, which starts the server',
  async () => {
    const fsync = await withServer(async (database) => {
      await writePrices(database, SPANS[0] as (typeof SPANS)[number]);
      return database.read((tx) =>
        tx.query(`select current_setting('fsync'), current_setting('full_page_writes')`),
      );
    });
    expect(fsync).toEqual([['on', 'on']]);
    const killed = serverPid();
    const { url } = await ensureEmbedded({ dataDir });
    const database = openDatabase(url);
    const release = await holdAsset(database, LAST);
    const running = barwright('refresh', '--all');
    await waitForWaiter(database);
    process.kill(killed, 'SIGKILL');
    // Held until all is over: sessions outlive their server by a moment, in which the waiting one could still commit.
    const { stdout } = await expectExit(1, running);
    await release().catch(() => {});
    await database.close();
    expect(stdout).toMatch(/={70}\nDAILY REFRESH SUMMARY\n={70}\n/);
    expect(stdout).toMatch(/\[FAILED\] /);
    expect(isAlive(killed)).toBe(false);

    await withServer(async (recovered) => {
      const built = await recovered.read((tx) =>
        tx.query<[number]>('select id from cmc_price_bars_1d_state order by id'),
      );
      expect(built.map(([id]) => id)).toEqual(BUILT);
      // The lease of the run that lost its server runs out by itself, here at once.
      await recovered.transaction((tx) => tx.execute('update refresh_lease set expires = now()'));
    });
    process.kill(serverPid(), 'SIGKILL');
    await expectExit(0, barwright('refresh', '--all'));
    expect(await withServer((recovered) => readContents(recovered))).toEqual(undisturbed);
    await expectExit(0, barwright('verify', '--source'));
  },
  LONGEST_MS + 100_000,
);
