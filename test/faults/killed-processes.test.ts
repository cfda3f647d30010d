/** kill -9 of a component and of its workers, and components that take too long. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { isAlive, listDescendants, waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3, 4];
const DAYS = 6;
/** From SIGTERM to SIGKILL, with time to start and to end. */
const GRACE_MS = 30_000;
const TIMEOUT = { timeoutMs: 110_000 };

/** What writes 1D bars of asset 2 waits in the middle of its transaction while the test holds the lock. */
const TRAP = `create function wait_here() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(2); return new; end $$;
  create trigger trap before insert on cmc_price_bars_1d for each row when (new.id = 2) execute function wait_here()`;

let warehouse: Warehouse;
let undisturbed: Fingerprints;

beforeAll(async () => {
  const calm = await createWarehouse({}, [{ ids: IDS, days: DAYS }]);
  await expectExit(0, calm.run(['refresh', '--all']));
  undisturbed = await readContents(calm.database);
  await calm.drop();
});

beforeEach(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: DAYS }]);
});
afterEach(() => warehouse.drop());

/** Holds the lock of TRAP until the returned function is called. */
async function holdTrap(): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let holding = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    holding = warehouse.database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(2)');
      resolve();
      await released;
    });
    holding.catch(reject);
  });
  return () => {
    release();
    return holding;
  };
}

function start(args: readonly string[]) {
  let pid = 0;
  const running = warehouse.report(args, {
    ...TIMEOUT,
    onStart: (started) => {
      pid = started;
    },
  });
  return { pid, running };
}

/** The backend of a killed process waits for the trap as well: only a client that lives counts. */
async function waitForTrapped(parent: number, known: ReadonlySet<number>): Promise<number> {
  const pid = await waitFor('a new process', () => {
    const found = listDescendants(parent).filter((each) => isAlive(each) && !known.has(each));
    return found[0] ?? null;
  });
  await waitForWaiter(warehouse.database);
  return pid;
}

/** Backends of killed processes wait on in the server; nothing of them may stay. */
const endWaiters = () =>
  warehouse.execute(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and wait_event_type = 'Lock'`,
  );

test.each([
  ['alone', []],
  ['with two workers below it, which end with it', ['-n', '2']],
])('the component is killed once, %s: another one continues, and nothing shows it', async (_what, flags) => {
  const release = await holdTable(warehouse.database, 'price_bars');
  const { pid, running } = start(['refresh', '--all', ...flags]);
  await waitForWaiter(warehouse.database);
  const [component, ...workers] = listDescendants(pid);
  if (component === undefined) throw new Error('a component was expected');
  expect(workers).toHaveLength(flags.length);
  process.kill(component, 'SIGKILL');
  await waitFor('the end of its workers', () => (workers.some(isAlive) ? null : true));
  await release();
  const { code, stderr, report } = await running;
  expect(code, stderr).toBe(0);
  // With all four, or with those that no worker had begun.
  expect(stderr).toMatch(
    /\[WARNING\] bars: a process was ended by signal SIGKILL; another one continues with [1-4] assets?\n/,
  );
  expect(outcomesOf(report, 'bars')).toEqual(IDS.map((id) => `${id} ok`));
  expect(await readContents(warehouse.database)).toEqual(undisturbed);
});

test('an asset with which its process is killed twice fails, with the signal; its neighbours do not', async () => {
  await warehouse.execute(TRAP);
  const release = await holdTrap();
  const { pid, running } = start(['refresh', '--all']);
  const killed = new Set<number>();
  for (let times = 0; times < 2; times += 1) {
    const child = await waitForTrapped(pid, killed);
    if (times === 1) {
      // Alone in its transaction now, and the assets before it are done.
      await waitFor('asset 1', async () => {
        const rows = await warehouse.query<[number]>('select count(*) from cmc_price_bars_1d_state');
        return rows[0]?.[0] === 1 ? true : null;
      });
      await waitForWaiter(warehouse.database);
    }
    process.kill(child, 'SIGKILL');
    killed.add(child);
    await endWaiters();
  }
  const { code, report } = await running;
  await release();
  expect(code).toBe(1);
  expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '2 failed', '3 ok', '4 ok']);
  expect(reasonOf(report, 'bars', 2)).toBe(
    'not finished: its process was ended by signal SIGKILL, twice while it worked on this asset',
  );
  expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '2 skipped', '3 ok', '4 ok']);
  await warehouse.execute('drop trigger trap on cmc_price_bars_1d; drop function wait_here()');
  await expectExit(0, warehouse.run(['retry']));
  expect(await readContents(warehouse.database)).toEqual(undisturbed);
});

test('workers are killed again and again: each is replaced, the others continue', async () => {
  const { pid, running } = start(['refresh', '--all', '-n', '2']);
  const killed = new Set<number>();
  while (killed.size < 3) {
    const worker = await waitFor('a worker', () => {
      const [coordinator] = listDescendants(pid);
      const found = listDescendants(coordinator ?? 0).filter((each) => isAlive(each) && !killed.has(each));
      return found[0] ?? null;
    });
    process.kill(worker, 'SIGKILL');
    killed.add(worker);
  }
  const { code, stderr, report } = await running;
  expect(code, stderr).toBe(0);
  const replaced = /^bars: a process was ended by signal SIGKILL; another one continues with \d assets?$/;
  expect(report.warnings).toEqual(Array(3).fill(expect.stringMatching(replaced)));
  expect(outcomesOf(report, 'bars')).toEqual(IDS.map((id) => `${id} ok`));
  expect(await readContents(warehouse.database)).toEqual(undisturbed);
});

describe('--timeout', () => {
  test(
    'ends the whole process group though its transaction does not end; its assets fail, the run continues',
    async () => {
      await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
      const release = await holdTable(warehouse.database, 'price_bars');
      const startedMs = performance.now();
      const { pid, running } = start([
        'refresh',
        '--all',
        '-n',
        '2',
        '--timeout',
        '10',
        '--continue-on-error',
      ]);
      await waitForWaiter(warehouse.database);
      const group = listDescendants(pid);
      expect(group.length).toBeGreaterThan(1);
      const { code, stderr, report } = await running;
      expect(performance.now() - startedMs).toBeGreaterThan(GRACE_MS);
      expect(group.filter(isAlive)).toEqual([]);
      await release();
      expect(code, stderr).toBe(1);
      expect(report.components[0]?.errorMessage).toBe('bars: timed out after 10 s');
      expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '2 failed', '3 failed', '4 failed']);
      expect(reasonOf(report, 'bars', 2)).toBe('not finished: timed out after 10 s');
      expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '2 skipped', '3 skipped', '4 skipped']);
      await expectExit(0, warehouse.run(['retry']));
      expect(await readContents(warehouse.database)).toEqual(undisturbed);
    },
    TIMEOUT.timeoutMs * 2,
  );

  test.each(['0', '-1', 'soon', '', 'Infinity', '1000001'])('%j is a usage error', async (seconds) => {
    const { stdout } = await expectExit(2, warehouse.run(['refresh', '--all', '--timeout', seconds]));
    expect(stdout).toContain('Seconds above 0, up to 1000000, were expected.');
    expect(await warehouse.query('select count(*) from refresh_run')).toEqual([[0]]);
  });
});
