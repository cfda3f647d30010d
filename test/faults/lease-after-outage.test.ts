/** The lease, when the database was away for longer than it lasts: still ours unless somebody has taken it over. */
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { decidedOutcome } from '../../src/orchestration/processes/component-result.js';
import { LeaseLostError } from '../../src/storage/failures/lease-lost.js';
import { RETRY_POLICY } from '../../src/storage/failures/retry.js';
import { type LeaseInfo, type LeaseToken, upsertLease } from '../../src/storage/lease/lease.js';
import { writeRunEnd, writeRunStart } from '../../src/storage/runs/runs.js';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { execute, runBars } from '../support/component-runs.js';
import { readContents } from '../support/contents.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';

const IDS = [1, 52];
const QUICK = { ...RETRY_POLICY, firstDelayMs: 500, longestDelayMs: 500 };

let direct: TestDatabase;
let proxy: DatabaseProxy;
let wired: Database;
let lease: LeaseToken;

const infoOf = (run: string): LeaseInfo => ({
  ...{ run, command: 'refresh --all', host: 'here', pid: 1 },
  startedAt: new Date().toISOString(),
});

beforeEach(async () => {
  direct = await createTestDatabase();
  await writePrices(direct.database, { ids: IDS, days: 20 });
  proxy = await startProxy(direct.url);
  wired = openDatabase(proxy.url, { retry: { policy: QUICK } });
  const taken = await upsertLease(direct.database, infoOf(randomUUID()));
  if (taken.lease === null) throw new Error('nobody else is here');
  lease = taken.lease;
  return async () => {
    await wired.close();
    await proxy.close();
    await direct.drop();
  };
});

/** Cuts the connection once at the last COMMIT of a first build, and does something while the run waits. */
function cutAtCommit(meanwhile: () => Promise<unknown>): { done(): Promise<unknown> } {
  let commits = 0;
  let doing: Promise<unknown> = Promise.resolve();
  proxy.onMessage(({ sql }) => {
    if (sql !== 'commit') return 'forward';
    commits += 1;
    // What the component reads first, the batch that defers its rebuilds, the rebuilds.
    if (commits !== 3) return 'forward';
    doing = meanwhile();
    return 'cut';
  });
  return { done: () => doing };
}

test('it ran out meanwhile: it is extended, and the batch is done', async () => {
  const cut = cutAtCommit(() =>
    execute(direct.database, `update refresh_lease set expires = now() - interval '1 minute'`),
  );
  const outcomes = await runBars(wired, { ids: IDS, lease });
  await cut.done();
  expect(IDS.map((id) => outcomes.get(id)?.status)).toEqual(['ok', 'ok']);
  const rows = await direct.database.read((tx) =>
    tx.query<[number, boolean]>('select token, expires > now() from refresh_lease'),
  );
  expect(rows).toEqual([[lease.token, true]]);
});

test('somebody has taken it over meanwhile: it is not waited for, and nothing is written', async () => {
  const before = await readContents(direct.database);
  const cut = cutAtCommit(() => execute(direct.database, 'update refresh_lease set token = token + 1'));
  const startedMs = performance.now();
  await expect(runBars(wired, { ids: IDS, lease })).rejects.toThrow(LeaseLostError);
  await cut.done();
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect(await readContents(direct.database)).toEqual(before);
});

test('what the parent writes may be written twice: lease, start and end of a run', async () => {
  const run = randomUUID();
  await execute(direct.database, `update refresh_lease set expires = '-infinity'`);
  const first = await upsertLease(direct.database, infoOf(run));
  expect(await upsertLease(direct.database, infoOf(run))).toEqual(first);
  expect((await upsertLease(direct.database, infoOf(randomUUID()))).held?.info.run).toBe(run);

  const start = {
    ...{ run, command: 'refresh --all', options: {}, host: 'here', pid: 1, version: '0' },
    ...{ lease: first.lease as LeaseToken, asOfUs: null, resumes: null },
  };
  const begun = await writeRunStart(direct.database, start);
  expect(await writeRunStart(direct.database, start)).toEqual(begun);
  const counts = { ok: 0, failed: 1, skipped: 0, rowsNeeded: 0, rowsWritten: 0 };
  const outcome = decidedOutcome(52, 'failed', { reason: 'as ordered' });
  const stage = {
    ...({ component: 'bars', status: 'failed', durationSec: 1, returnCode: 0, error: null } as const),
    ...counts,
    outcomes: [outcome],
  };
  for (let times = 0; times < 2; times += 1)
    await writeRunEnd(direct.database, { run, status: 'failed', exitCode: 1, report: {}, stages: [stage] });
  const rows = await direct.database.read((tx) =>
    tx.query(
      `select (select count(*) from refresh_run), (select count(*) from refresh_stage),
              (select count(*) from refresh_asset)`,
    ),
  );
  expect(rows).toEqual([[1, 1, 1]]);
});
