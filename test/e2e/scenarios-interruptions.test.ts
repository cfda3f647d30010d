/** Scenario 16 of refresh.md, and runs that are asked to stop or killed: whole assets, a summary, and the next run finishes. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CliEnd } from '../support/cli.js';
import { type Fingerprints, readContents } from '../support/contents.js';
import type { TestDatabaseOptions } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { isAlive, listDescendants, stopProcess, waitFor, waitForPending } from '../support/processes.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

/** More than one batch of 25: the first is in progress when a run is stopped, the rest is not begun. */
const IDS = Array.from({ length: 26 }, (_, index) => index + 1);
const FIRST_BATCH = IDS.slice(0, 25);
const FEW_IDS = [1, 2, 3, 4];
const DAYS = 8;

let warehouse: Warehouse;
/** What a database has in which nothing was ever disturbed. */
let undisturbed: Fingerprints;

interface Stopped {
  pid: number;
  running: Promise<CliEnd>;
  /** Lets the work continue. */
  release: () => Promise<void>;
}

function useWarehouse(options: TestDatabaseOptions, ids: readonly number[]): void {
  beforeAll(async () => {
    const calm = await createWarehouse(options, [{ ids, days: DAYS }]);
    await expectExit(0, calm.run(['refresh', '--all']));
    undisturbed = await readContents(calm.database);
    await calm.drop();
  });
  beforeEach(async () => {
    warehouse = await createWarehouse(options, [{ ids, days: DAYS }]);
    return () => warehouse.drop();
  });
}

/** Starts a run and waits until it is stopped, by default in the middle of the first transaction of its child. */
async function startAndHold(
  args: readonly string[] = ['refresh', '--all'],
  held: Parameters<typeof holdTable> = [warehouse.database, 'price_bars'],
): Promise<Stopped> {
  const release = await holdTable(...held);
  let pid = 0;
  const running = warehouse.run(args, {
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(warehouse.database);
  return { pid, running, release };
}

/** Interrupts a run, and waits until it has asked its only child to stop: the child takes it before anything else. */
async function interrupt(pid: number, signal: NodeJS.Signals): Promise<void> {
  const [child = 0] = listDescendants(pid);
  await stopProcess(child);
  process.kill(pid, signal);
  await waitForPending(child, 'SIGTERM');
  process.kill(child, 'SIGCONT');
}

async function listBuilt(): Promise<number[]> {
  const rows = await warehouse.query<[number]>('select id from cmc_price_bars_1d_state order by id');
  return rows.map(([id]) => id);
}

/** One more run, and nothing shows that the one before was disturbed. */
async function expectUndisturbed(): Promise<void> {
  await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(await readContents(warehouse.database)).toEqual(undisturbed);
}

describe.each(SERVERS)('on $server', ({ options }) => {
  useWarehouse(options, FEW_IDS);

  test('scenario 16: two runs at once -> one is refused with exit 4 and says who holds the lease', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--all', '--ids', '1,2']);
    const rows = await warehouse.query<[string, string]>(
      `select info ->> 'run', info ->> 'host' from refresh_lease where expires > now()`,
    );
    const [run, host] = rows[0] ?? [];
    for (const args of [['refresh', '--all'], ['bars'], ['emas', '--only', 'v2']]) {
      const { code, stderr, report } = await warehouse.report(args, { timeoutMs: 10_000 });
      expect(code).toBe(4);
      expect(report.heldBy).toMatchObject({ pid, host, run, command: 'refresh --all' });
      expect(stderr).toMatch(
        /={70}\nDAILY REFRESH SUMMARY\n={70}\nOverall: REFUSED: another run holds the lease \(exit 4\)\n\[FAILED\] another run holds/,
      );
      expect(stderr).toContain(
        `[FAILED] another run holds the lease: refresh --all on ${host}, process ${pid}, since `,
      );
      expect(report.verdict).toBe('REFUSED: another run holds the lease');
    }
    const plan = await expectExit(0, warehouse.run(['refresh', '--all', '--dry-run']));
    expect(plan.stdout).toContain('[DRY RUN] bars 1: first build');
    await release();
    await expectExit(0, running);
    expect(await listBuilt()).toEqual([1, 2]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await warehouse.query('select status, count(*) from refresh_run group by 1')).toEqual([
      ['ok', 2],
      ['refused', 3],
    ]);
  });

  test.each([
    ['one child', [], 1],
    ['two workers below it', ['-n', '2'], 3],
  ] as const)(
    'kill -9 of the parent of %s: all end by themselves and write nothing on',
    async (_what, flags, count) => {
      const { pid, running, release } = await startAndHold(['refresh', '--all', ...flags]);
      const children = await waitFor('all children', () => {
        const found = listDescendants(pid);
        return found.length === count ? found : null;
      });
      const before = await readContents(warehouse.database);
      process.kill(pid, 'SIGKILL');
      const { signal, stdout } = await running;
      expect(signal).toBe('SIGKILL');
      expect(stdout).not.toContain('SUMMARY');
      await waitFor('the end of the children', () => (children.some(isAlive) ? null : true));
      await release();
      await waitForSilence(warehouse.database);
      expect(await readContents(warehouse.database)).toEqual(before);
      expect(await listBuilt()).toEqual([]);
      // Nobody gives the lease of a killed run back, and nobody has to wait for it: its holder has provably ended.
      await expectUndisturbed();
      const runs = await warehouse.query('select status from refresh_run order by started_at');
      expect(runs).toEqual([['died'], ['ok']]);
    },
  );

  test('a run that was overtaken cannot write: its assets fail, and what the other run wrote stays', async () => {
    const { running, release } = await startAndHold(
      ['refresh', '--bars', '--json'],
      [warehouse.database, 'dim_timeframe', 'access exclusive'],
    );
    await warehouse.execute(
      `update refresh_lease set token = token + 1, owner = gen_random_uuid(), expires = now() - interval '1 s'`,
    );
    await release();
    const { stdout } = await expectExit(1, running);
    const report = JSON.parse(stdout);
    expect(reasonOf(report, 'bars', 1)).toMatch(/the lease "refresh" \(token \d+\) was lost/);
    expect(await listBuilt()).toEqual([]);
    await expectUndisturbed();
  });
});

describe('on the embedded server', () => {
  useWarehouse({}, IDS);

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s: the assets in progress are finished, the others not begun, exit %i with a summary',
    async (signal, code) => {
      const { pid, running, release } = await startAndHold(['refresh', '--all', '--json']);
      await interrupt(pid, signal);
      await release();
      const { stdout, stderr } = await expectExit(code, running);
      const report = JSON.parse(stdout);
      expect(stderr).toMatch(/={70}\nDAILY REFRESH SUMMARY\n={70}\n/);
      expect(stderr).toContain(`Overall: INTERRUPTED by ${signal} (exit ${code})\n`);
      expect(stderr).toContain(`[FAILED] emas: not run: ${signal}\n`);
      expect(outcomesOf(report, 'bars')).toEqual(
        IDS.map((id) => `${id} ${FIRST_BATCH.includes(id) ? 'ok' : 'failed'}`),
      );
      expect(reasonOf(report, 'bars', 26)).toMatch(/^not finished: /);
      expect(await listBuilt()).toEqual(FIRST_BATCH);
      expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([
        ['interrupted', code],
      ]);
      await expectUndisturbed();
    },
  );

  test('a second signal ends the run at once, and nothing is half done', async () => {
    const { pid, running, release } = await startAndHold();
    const children = listDescendants(pid);
    await interrupt(pid, 'SIGINT');
    // The table is held: by itself the run does not end. At once, the same signal may be an echo of the first.
    let end: CliEnd | null = null;
    void running.then((ended) => {
      end = ended;
    });
    await waitFor('the end of the run', () => {
      if (end === null) process.kill(pid, 'SIGINT');
      return end;
    });
    const { code } = await running;
    expect(code).toBe(130);
    await waitFor('the end of the child', () => (children.some(isAlive) ? null : true));
    await release();
    await waitForSilence(warehouse.database);
    expect(await listBuilt()).toEqual([]);
  });

  test('kill -9 of one of two workers costs nothing: another one takes over its unfinished work', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--bars', '-n', '2', '--json']);
    const [coordinator] = listDescendants(pid);
    const workers = await waitFor('two workers', () => {
      const found = listDescendants(coordinator ?? 0);
      return found.length === 2 ? found : null;
    });
    process.kill(workers[0] ?? 0, 'SIGKILL');
    await release();
    const { stdout, stderr } = await expectExit(0, running);
    expect(outcomesOf(JSON.parse(stdout), 'bars')).toEqual(IDS.map((id) => `${id} ok`));
    expect(stderr).toContain('[WARNING] bars: a process was ended by signal SIGKILL; another one continues');
    expect(await listBuilt()).toEqual(IDS);
    await expectUndisturbed();
  });
});
