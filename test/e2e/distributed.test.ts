import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readContents } from '../support/contents.js';
import { runsOf } from '../support/long.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { keepTimeframes } from '../support/verify.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';
import { createQueuedWarehouse, killWorkers, startWorker, type Worker } from '../support/workers.js';

const IDS = Array.from({ length: runsOf('ASSETS', 120) }, (_, index) => index + 1);
const SOME = IDS.slice(0, 30);
/** Time enough for a resumed worker to go on with what it had in hand. */
const RESUMED_MS = 10_000;
const opened: Warehouse[] = [];

async function fill(warehouse: Warehouse, ids: readonly number[]): Promise<Warehouse> {
  opened.push(warehouse);
  await keepTimeframes(warehouse.database);
  await writePrices(warehouse.database, { ids, days: 60 });
  return warehouse;
}

async function localContents(ids: readonly number[]) {
  const local = await fill(await createWarehouse(), ids);
  const { code, report } = await local.report(['refresh', '--all']);
  expect(code).toBe(0);
  return { contents: await readContents(local.database), report };
}

/** Stops a worker where it stands when it holds a task that is not done; else lets it go on, and gives null. */
async function stopInTask(warehouse: Warehouse, worker: Worker): Promise<true | null> {
  worker.signalAll('SIGSTOP');
  const rows = await warehouse.query<[string]>(
    `select name from refresh_lease where name like 'task %' and not (info ->> 'isDone')::boolean
       and expires > clock_timestamp() and info ->> 'worker' ~ ('\\m' || $1 || '\\M')`,
    [String(worker.pid)],
  );
  if (rows.length > 0) return true;
  worker.signalAll('SIGCONT');
  return null;
}

afterEach(killWorkers);
afterAll(async () => {
  for (const warehouse of opened) await warehouse.drop();
});

/** What a summary counts, times aside. */
function countsOf({ components }: Awaited<ReturnType<Warehouse['report']>>['report']) {
  return components.map(({ component, ok, failed, skipped, rowsNeeded, rowsWritten, returnCode }) => ({
    ...{ component, ok, failed, skipped, rowsNeeded, rowsWritten, returnCode },
  }));
}

test('two workers do what a local run does, row for row, and the summary is the same', async () => {
  const local = await localContents(SOME);
  const shared = await fill(await createQueuedWarehouse(), SOME);
  const workers = [startWorker(shared.urls.runner), startWorker(shared.urls.runner, ['-n', '2'])];
  const { code, report } = await shared.report(['refresh', '--all', '--distribute'], { timeoutMs: 120_000 });
  expect([code, report.error]).toEqual([0, null]);
  expect(countsOf(report)).toEqual(countsOf(local.report));
  expect(await readContents(shared.database)).toEqual(local.contents);
  expect(workers.map((worker) => /\[OK\] task /.test(worker.said()))).toEqual([true, true]);
  for (const worker of workers) expect(await worker.stop()).toBe(0);
}, 180_000);

test(`${IDS.length} assets, 3 workers, one killed and one stopped for longer than its lease: nothing is lost or written twice`, async () => {
  const local = await localContents(IDS);
  const shared = await fill(await createQueuedWarehouse(), IDS);
  const [killed, paused] = [1, 2, 3].map(() => startWorker(shared.urls.runner));
  if (!killed || !paused) throw new Error('three workers were expected');
  const running = shared.report(['refresh', '--all', '--distribute'], { timeoutMs: 240_000 });
  for (const worker of [killed, paused])
    await waitFor('a worker stopped with a task in hand', () => stopInTask(shared, worker));
  killed.signalAll('SIGKILL');
  const { code, report } = await running;
  expect([code, report.error]).toEqual([0, null]);
  expect(await readContents(shared.database)).toEqual(local.contents);
  const taken = await shared.query<[string, number]>(
    `select name, (info ->> 'takes')::int from refresh_lease where name like 'task %' and (info ->> 'takes')::int > 1`,
  );
  expect(taken.length).toBeGreaterThanOrEqual(2);
  // It is refused, or the server has ended its connection meanwhile: in either case what it goes on with changes nothing.
  paused.signalAll('SIGCONT');
  await sleep(RESUMED_MS);
  expect(await readContents(shared.database)).toEqual(local.contents);
  await expectExit(0, shared.run(['verify'], { timeoutMs: 120_000 }));
}, 400_000);

test('without a worker a run says so, ends in its time and is done by a later run', async () => {
  const shared = await fill(await createQueuedWarehouse(), SOME);
  const args = ['refresh', '--all', '--distribute', '--worker-wait', '7'];
  const end = await expectExit(1, shared.run(args));
  expect(end.stdout).toContain(
    'no worker is there for 24 tasks, waiting up to 7 s: start "barwright worker"',
  );
  expect(end.stdout).toContain('no worker took any of 24 tasks within 7 s');
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
