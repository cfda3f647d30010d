/** Runs whose work is done by workers: as a local run, whatever becomes of workers and of the run itself. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { readContents, readVersions } from '../support/contents.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { runsOf } from '../support/long.js';
import { writePrices } from '../support/prices.js';
import { listDescendants, waitFor } from '../support/processes.js';
import { keepTimeframes } from '../support/verify.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';
import { createQueuedWarehouse, killWorkers, startWorker, type Worker } from '../support/workers.js';
import { countWrites, readWrites } from '../support/written.js';

const IDS = Array.from({ length: runsOf('ASSETS', 60) }, (_, index) => index + 1);
const SOME = IDS.slice(0, 30);
const DAYS = 60;
const DISTRIBUTED = ['refresh', '--all', '--distribute'];
const LOST = /\[WARNING\] task \w+ \d+ was taken over, or its run has ended/;
const opened: Warehouse[] = [];

async function fill(warehouse: Warehouse, ids: readonly number[]): Promise<Warehouse> {
  opened.push(warehouse);
  await keepTimeframes(warehouse.database);
  await countWrites(warehouse);
  // Up to the day before yesterday: yesterday is what a test may add.
  await writePrices(warehouse.database, { ids, days: DAYS, endsDaysAgo: 2 });
  return warehouse;
}

type Report = Awaited<ReturnType<Warehouse['report']>>['report'];

/** What a local run comes to. */
interface Expected {
  warehouse: Warehouse;
  contents: Awaited<ReturnType<typeof readContents>>;
  writes: Awaited<ReturnType<typeof readWrites>>;
  code: number | null;
  report: Report;
}

async function runLocally(warehouse: Warehouse): Promise<Expected> {
  const { code, report } = await warehouse.report(['refresh', '--all'], { timeoutMs: 120_000 });
  const { database } = warehouse;
  return {
    warehouse,
    contents: await readContents(database),
    writes: await readWrites(warehouse),
    code,
    report,
  };
}

const buildLocally = async (ids: readonly number[]): Promise<Expected> =>
  runLocally(await fill(await createWarehouse(), ids));

/** The same rows as after a local run, and each of them written as often: once. */
async function expectSameRows(shared: Warehouse, local: Expected): Promise<void> {
  expect(await readContents(shared.database)).toEqual(local.contents);
  const writes = await readWrites(shared);
  expect(writes).toEqual(local.writes);
  expect(writes.map(({ writes: count, rows }) => count - rows)).toEqual([0, 0, 0]);
}

/** What a summary counts, times aside. Rows of assets that a dead worker had not reported yet are not known. */
function countsOf({ components }: Report, { isDisturbed = false } = {}) {
  return components.map(({ component, ok, failed, skipped, rowsNeeded, rowsWritten, returnCode }) => ({
    ...{ component, ok, failed, skipped, returnCode },
    ...(!isDisturbed && { rowsNeeded, rowsWritten }),
  }));
}

async function addDay(warehouses: readonly Warehouse[], ids: readonly number[]): Promise<void> {
  for (const { database } of warehouses) await writePrices(database, { ids, days: 1 });
}

/** A worker that was stopped continues: it says that it has lost its task, and has changed nothing. */
async function expectHarmless(shared: Warehouse, worker: Worker): Promise<void> {
  const before = await readVersions(shared.database);
  worker.signalAll('SIGCONT');
  await worker.waitToSay(LOST);
  await waitFor('the end of what it had started', () =>
    listDescendants(worker.pid).length === 0 ? true : null,
  );
  await waitForSilence(shared.database);
  expect(await readVersions(shared.database)).toEqual(before);
}

/** Until a session is stopped where no timeout of the server ends it. */
async function waitForCopy(shared: Warehouse): Promise<void> {
  const waits = await waitFor('a session that waits for its client inside a COPY', async () => {
    const rows = await shared.query<[string]>(
      `select query from pg_stat_activity where datname = current_database() and state = 'active'
         and wait_event = 'ClientRead'`,
    );
    return rows[0] ?? null;
  });
  expect(waits[0]).toMatch(/^copy cmc_price_bars_1d /);
}

/** How often the tasks were taken in all, and how many of them more than once. */
async function readTakes(warehouse: Warehouse) {
  const rows = await warehouse.query<[number, number]>(
    `select sum((info ->> 'takes')::int), count(*) filter (where (info ->> 'takes')::int > 1)
     from refresh_lease where name like 'task %'`,
  );
  const [takes, takenAgain] = rows[0] ?? [0, 0];
  return { takes, takenAgain };
}

afterEach(({ task }) => killWorkers({ isTold: task.result?.state === 'fail' }));
afterAll(async () => {
  for (const warehouse of opened) await warehouse.drop();
});

test('two workers do what a local run does, row for row, and the summary is the same', async () => {
  const local = await buildLocally(SOME);
  const shared = await fill(await createQueuedWarehouse(), SOME);
  const workers = [startWorker(shared.urls.runner), startWorker(shared.urls.runner, ['-n', '2'])];
  const { code, report } = await shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  expect([code, report.error]).toEqual([local.code, null]);
  expect(countsOf(report)).toEqual(countsOf(local.report));
  await expectSameRows(shared, local);
  const done = workers.map((worker) => worker.said().match(/\[OK\] task /g)?.length ?? 0);
  expect(done.reduce((sum, count) => sum + count)).toBe(6);
  for (const worker of workers) expect(await worker.stop()).toBe(0);
}, 180_000);

test(`${IDS.length} assets, 3 workers, one killed and one stopped for longer than its lease: nothing is lost or written twice`, async () => {
  const local = await buildLocally(IDS);
  const shared = await fill(await createQueuedWarehouse(), IDS);
  const [killed, paused, third] = [1, 2, 3].map(() => startWorker(shared.urls.runner));
  if (!killed || !paused || !third) throw new Error('three workers were expected');
  // Each of them has a task, and cannot come to its end before it is stopped: a request that is on its way then is still done.
  const release = await holdTable(shared.database, 'price_bars');
  const running = shared.report(DISTRIBUTED, { timeoutMs: 240_000 });
  await waitForWaiter(shared.database, 3);
  process.kill(killed.pid, 'SIGKILL');
  paused.signalAll('SIGSTOP');
  await release();
  const { code, report } = await running;
  expect([code, report.error]).toEqual([local.code, null]);
  expect(countsOf(report, { isDisturbed: true })).toEqual(countsOf(local.report, { isDisturbed: true }));
  await expectSameRows(shared, local);
  expect((await readTakes(shared)).takenAgain).toBeGreaterThanOrEqual(2);
  await expectHarmless(shared, paused);

  // It is as good as any other: the next day is done by it alone.
  expect(await third.stop()).toBe(0);
  await addDay([shared, local.warehouse], SOME);
  const next = await runLocally(local.warehouse);
  const done = await shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  expect([done.code, countsOf(done.report)]).toEqual([next.code, countsOf(next.report)]);
  await expectSameRows(shared, next);
  expect(await paused.stop()).toBe(0);
  await expectExit(0, shared.run(['verify'], { timeoutMs: 120_000 }));
}, 400_000);

/** A worker of a run with one new day, whose COPY to the 1D bars waits until it is released; and the same run done locally. */
async function holdCopy() {
  const ids = SOME.slice(0, 3);
  const built = await buildLocally(ids);
  const shared = await fill(await createQueuedWarehouse(), ids);
  await expectExit(0, shared.run(['refresh', '--all']));
  await addDay([shared, built.warehouse], ids);
  const local = await runLocally(built.warehouse);
  const release = await holdTable(shared.database, 'cmc_price_bars_1d');
  const paused = startWorker(shared.urls.runner);
  return { shared, local, release, paused };
}

test('a worker that is stopped in the middle of a COPY delays nobody: its session is ended', async () => {
  const { shared, local, release, paused } = await holdCopy();
  const running = shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  await waitForWaiter(shared.database);
  paused.signalAll('SIGSTOP');
  await release();
  await waitForCopy(shared);
  await shared.execute(
    `update refresh_lease set expires = clock_timestamp() - interval '1 s' where name like 'task %' and expires > clock_timestamp()`,
  );
  const other = startWorker(shared.urls.runner);
  const { code, report } = await running;
  expect([code, report.error]).toEqual([local.code, null]);
  expect(countsOf(report)).toEqual(countsOf(local.report));
  await expectSameRows(shared, local);
  await expectHarmless(shared, paused);
  for (const worker of [paused, other]) expect(await worker.stop()).toBe(0);
}, 240_000);

test('a run that is killed while a worker is stopped in the middle of a COPY: the next run ends the session and continues', async () => {
  const { shared, local, release, paused } = await holdCopy();
  let pid = 0;
  const killed = shared.run(DISTRIBUTED, {
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(shared.database);
  paused.signalAll('SIGSTOP');
  process.kill(pid, 'SIGKILL');
  await killed;
  await release();
  await waitForCopy(shared);
  const other = startWorker(shared.urls.runner);
  const { code, stderr, report } = await shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  expect([code, report.error], stderr).toEqual([local.code, null]);
  expect(stderr).toMatch(/a run that is over still had 1 write transaction open, .* ended and rolled back/);
  await expectSameRows(shared, local);
  await expectHarmless(shared, paused);
  for (const worker of [paused, other]) expect(await worker.stop()).toBe(0);
}, 240_000);

test('a worker that is asked to end gives back its unfinished work, and another does it', async () => {
  const ids = SOME.slice(0, 3);
  const local = await buildLocally(ids);
  const shared = await fill(await createQueuedWarehouse(), ids);
  const release = await holdTable(shared.database, 'price_bars');
  const asked = startWorker(shared.urls.runner);
  const running = shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  await waitForWaiter(shared.database);
  expect(await asked.stop()).toBe(0);
  expect(asked.said()).toContain('[INFO] task bars 0 is given back');
  await release();
  const other = startWorker(shared.urls.runner);
  const { code, report } = await running;
  expect([code, report.error, countsOf(report)]).toEqual([local.code, null, countsOf(local.report)]);
  await expectSameRows(shared, local);
  expect(await other.stop()).toBe(0);
}, 240_000);

test('a run that is killed: its workers take nothing more of it, the next one continues', async () => {
  const local = await buildLocally(SOME);
  const shared = await fill(await createQueuedWarehouse(), SOME);
  const worker = startWorker(shared.urls.runner);
  const release = await holdTable(shared.database, 'ema_points');
  let pid = 0;
  const running = shared.run(DISTRIBUTED, {
    timeoutMs: 120_000,
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(shared.database);
  process.kill(pid, 'SIGKILL');
  await running;
  await shared.execute(
    `update refresh_lease set expires = clock_timestamp() - interval '1 s' where name = 'refresh'`,
  );
  await release();
  await worker.waitToSay(LOST);
  const [taken, before] = [await readTakes(shared), await readVersions(shared.database)];
  await waitFor('the end of what was offered', async () => {
    const rows = await shared.query<[number]>(
      `select count(*) from public_queue.job where state < 'completed'`,
    );
    return rows[0]?.[0] === 0 ? true : null;
  });
  expect([await readTakes(shared), await readVersions(shared.database)]).toEqual([taken, before]);
  const { code, report } = await shared.report(DISTRIBUTED, { timeoutMs: 120_000 });
  expect([code, report.error]).toEqual([local.code, null]);
  const dead = report.causes.find(({ kind }) => kind === 'run_died');
  expect(dead?.sentence).toContain('had died silently');
  expect(countsOf(report, { isDisturbed: true })).toEqual(countsOf(local.report, { isDisturbed: true }));
  await expectSameRows(shared, local);
  expect(await worker.stop()).toBe(0);
}, 240_000);

test('without a worker a run says so, ends in its time and is done by a later run', async () => {
  const shared = await fill(await createQueuedWarehouse(), SOME);
  const end = await expectExit(1, shared.run([...DISTRIBUTED, '--worker-wait', '7']));
  expect(end.stdout).toContain('no worker is there for 3 tasks, waiting up to 7 s: start "barwright worker"');
  expect(end.stdout).toContain('no worker took any of 3 tasks within 7 s');
  await expectExit(0, shared.run(['refresh', '--all']));
}, 120_000);

test('without a queue both sides name the command that makes it', async () => {
  const warehouse = await fill(await createWarehouse(), [1]);
  const words = 'there is no queue in schema "public_queue": run "barwright init --queue"';
  expect((await expectExit(1, warehouse.run(['worker']))).stdout).toContain(words);
  expect((await expectExit(1, warehouse.run(['refresh', '--bars', '--distribute']))).stdout).toContain(words);
});

test('a worker of another version, or on an older schema, refuses', async () => {
  const shared = await fill(await createQueuedWarehouse(), [1]);
  await shared.execute(
    `with r as (insert into refresh_run (run, command, options, as_of, status, host, pid, version)
       values (gen_random_uuid(), 'refresh --all', '{"distribute": true}', now(), 'running', 'elsewhere', 1, '9.9.9')
       returning run)
     insert into refresh_lease (name, owner, token, acquired, expires)
     select 'refresh', run, 1, now(), now() + interval '1 min' from r`,
  );
  const refused = await expectExit(1, shared.run(['worker']));
  expect(refused.stdout).toMatch(
    /is handed out by barwright 9\.9\.9 and this worker is .*: it takes nothing/,
  );
  await shared.execute('delete from barwright_migration where number = 12');
  expect((await expectExit(1, shared.run(['worker']))).stdout).toContain('is older than this barwright');
});
