/** Continuing an earlier run: what it left undone, with its options, and as of its time. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectFreshBuild, readContents, readVersions } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { killInBars } from '../support/killed-run.js';
import { writePrices } from '../support/prices.js';
import { createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3];
const DAYS = 12;

/** Refuses every bar of asset 2, as long as it is there. */
const POISON = `create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'poisoned' ; end $$;
  create trigger poison before insert on cmc_price_bars_1d for each row when (new.id = 2) execute function refuse()`;
const CURE = 'drop trigger poison on cmc_price_bars_1d; drop function refuse()';

let warehouse: Warehouse;

async function readRuns(): Promise<unknown[][]> {
  return warehouse.query(
    `select r.command, r.status, p.command from refresh_run r left join refresh_run p on p.run = r.resumes
     order by r.started_at`,
  );
}

/** Days of an asset that the bars know, and those that its source has. */
async function countDays(id: number, relation = 'cmc_price_histories7'): Promise<unknown> {
  const rows = await warehouse.query(
    `select (select bar_seq from cmc_price_bars_1d_state where id = $1), (select count(*) from ${relation} where id = $1)`,
    [id],
  );
  return rows[0];
}

/** As if the run of the last night had been some days ago: what arrived since then was not there. */
const moveAsOf = (days: number) =>
  warehouse.execute(
    `update refresh_run set as_of = as_of - make_interval(days => $1)
     where started_at = (select max(started_at) from refresh_run)`,
    [days],
  );

/** The day that the prices of this part lack: yesterday, over and loaded after that. */
const addYesterday = (id: number) => writePrices(warehouse.database, { ids: [id], days: 1, endsDaysAgo: 1 });

async function expectVerified(...args: string[]): Promise<void> {
  await expectExit(0, warehouse.run(['verify', ...args]));
}

describe.each(SERVERS)('on $server', ({ options }) => {
  beforeEach(async () => {
    warehouse = await createWarehouse(options, [{ ids: IDS, days: DAYS }]);
  });
  afterEach(() => warehouse.drop());

  test('retry: the failed asset alone, as of the time of its run; the next run takes the later days in', async () => {
    await warehouse.execute(POISON);
    await expectExit(1, warehouse.run(['refresh', '--all']));
    await warehouse.execute(CURE);
    await moveAsOf(3);
    const others = await readVersions(warehouse.database, { ids: [1, 3] });

    const { code, stderr, report } = await warehouse.report(['retry']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/\[INFO\] continues run \w{8} \(refresh --all, failed\), prices as of /);
    expect(outcomesOf(report, 'bars')).toEqual(['2 ok']);
    expect(outcomesOf(report, 'emas')).toEqual(['2 ok']);
    // Yesterday, and the two days before it, are dated after three days ago.
    expect(await countDays(2)).toEqual([DAYS - 3, DAYS]);
    expect(await readVersions(warehouse.database, { ids: [1, 3] })).toEqual(others);
    expect(await warehouse.query('select count(*) from price_change')).toEqual([[0]]);
    await expectVerified();

    const ordinary = await warehouse.report(['refresh', '--all']);
    expect(reasonOf(ordinary.report, 'bars', 2)).toMatch(/^append 3 days/);
    expect(reasonOf(ordinary.report, 'bars', 1)).toMatch(/^up to date/);
    await expectVerified('--source');
    await expectFreshBuild(warehouse);
  });

  test('a table of the user is read as of the time too, and compared by fingerprints', async () => {
    const ids = [7, 8];
    await createUserTable(warehouse, { ids, days: DAYS });
    const source = ['--source', USER_TABLE];
    await killInBars(warehouse, ['refresh', '--all', '--ids', '7,8', ...source]);
    await moveAsOf(2);
    await expectExit(0, warehouse.run(['refresh', '--all', '--resume']));
    expect(await countDays(7, USER_TABLE)).toEqual([DAYS - 2, DAYS]);
    await expectVerified();
    const { report } = await warehouse.report(['refresh', '--all', '--ids', '7,8', ...source]);
    expect(reasonOf(report, 'bars', 8)).toMatch(/^append 2 days/);
    const again = await warehouse.report(['refresh', '--all', '--ids', '7,8', ...source]);
    expect(reasonOf(again.report, 'bars', 7)).toMatch(/^up to date/);
    await expectVerified('--ids', '7,8', ...source);
  });
});

describe('on the embedded server', () => {
  beforeEach(async () => {
    warehouse = await createWarehouse({}, [{ ids: IDS, days: DAYS, endsDaysAgo: 2 }]);
  });
  afterEach(() => warehouse.drop());

  test('an as-of time before what was taken in since takes nothing away', async () => {
    await warehouse.execute(POISON);
    await expectExit(1, warehouse.run(['refresh', '--all']));
    await moveAsOf(5);
    await warehouse.execute(CURE);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await addYesterday(2);
    await warehouse.execute(`update cmc_price_histories7 set close = close * 1.001 where id = 2
      and timestamp = (select min(timestamp) from cmc_price_histories7)`);
    const failed = await warehouse.query<[string]>(`select run from refresh_run where status = 'failed'`);
    const { code, report } = await warehouse.report(['retry', failed[0]?.[0] ?? '']);
    expect(code).toBe(0);
    expect(reasonOf(report, 'bars', 2)).toMatch(/^repair from .* \(1 day corrected\)/);
    // The correction counts, whenever it came; the new day is dated after the as-of time, the other days were known.
    expect(await countDays(2)).toEqual([DAYS, DAYS + 1]);
    await expectVerified();
    const after = await warehouse.report(['refresh', '--all']);
    expect(reasonOf(after.report, 'bars', 2)).toMatch(/^append 1 day/);
    await expectVerified('--source');
  });

  test('--resume: what a dead run had not done, as of its time, with its options', async () => {
    await killInBars(warehouse, ['refresh', '--all', '--ids', '1,2', '--tfs', '3D']);
    await moveAsOf(1);
    await addYesterday(1);
    const conflict = await expectExit(2, warehouse.run(['refresh', '--all', '--resume', '--ids', '1,3']));
    expect(conflict.stdout).toMatch(
      /^--resume continues run \w{8} and its options: --ids may not differ \(it had 1,2\)/m,
    );
    const plan = await expectExit(0, warehouse.run(['refresh', '--all', '--resume', '--dry-run']));
    expect(plan.stdout).toMatch(/\[DRY RUN\] continues run \w{8}/);
    expect(plan.stdout).toContain(`bars 1: first build: ${DAYS} days`);

    const { code, stderr, report } = await warehouse.report(['refresh', '--all', '--resume', '-n', '2']);
    expect(code, stderr).toBe(0);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '2 ok']);
    expect(await countDays(1)).toEqual([DAYS, DAYS + 1]);
    const series = await warehouse.query(`select distinct tf from price_bars_state order by 1`);
    expect(series).toEqual([['3D']]);
    expect(await readRuns()).toEqual([
      ['refresh --all', 'died', null],
      ['refresh --all --resume', 'ok', 'refresh --all'],
    ]);
    const nothing = await expectExit(0, warehouse.run(['refresh', '--all', '--resume']));
    expect(nothing.stdout).toMatch(/Overall: OK: nothing to resume: .* \(exit 0\)/);
    expect(await readRuns()).toHaveLength(2);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await countDays(1)).toEqual([DAYS + 1, DAYS + 1]);
    await expectVerified('--source');
    await expectFreshBuild(warehouse);
  });

  test('--resume of a rebuild does not rebuild again what is rebuilt', async () => {
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await warehouse.execute(POISON);
    await expectExit(1, warehouse.run(['refresh', '--all', '--full-rebuild']));
    await warehouse.execute(CURE);
    const others = await readVersions(warehouse.database, { ids: [1, 3] });
    const { code, report } = await warehouse.report(['refresh', '--all', '--resume']);
    expect(code).toBe(0);
    expect(outcomesOf(report, 'bars')).toEqual(['2 ok']);
    expect(reasonOf(report, 'bars', 2)).toMatch(/^rebuild: full rebuild asked for/);
    expect(await readVersions(warehouse.database, { ids: [1, 3] })).toEqual(others);
    await expectVerified('--source');
  });

  test('nothing to continue: said, exit 0, and nothing is written', async () => {
    for (const args of [['refresh', '--bars', '--resume'], ['retry']]) {
      const { stdout } = await expectExit(0, warehouse.run(args));
      expect(stdout).toMatch(/Overall: OK: nothing to re\w+: no run .* \(exit 0\)\n/);
    }
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const before = await readContents(warehouse.database);
    const { stdout } = await expectExit(0, warehouse.run(['retry', 'last']));
    expect(stdout).toMatch(/Overall: OK: nothing to retry: run \w{8} left no asset undone \(exit 0\)\n/);
    expect(await readContents(warehouse.database)).toEqual(before);
    expect(await readRuns()).toEqual([['refresh --all', 'ok', null]]);
    const unknown = await expectExit(2, warehouse.run(['retry', '0000']));
    expect(unknown.stdout + unknown.stderr).toMatch(
      /^no run begins with "0000"; "barwright runs" lists them$/m,
    );
  });

  test('a failed run whose work a later run has done is no reason to continue it', async () => {
    await warehouse.execute(POISON);
    await expectExit(1, warehouse.run(['refresh', '--all', '--ids', '1,2']));
    await warehouse.execute(CURE);
    // Less than what was asked for then: does not count.
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1']));
    const plan = await expectExit(0, warehouse.run(['retry', '--dry-run']));
    expect(plan.stdout).toMatch(/\[DRY RUN\] continues run/);
    expect(plan.stdout).toMatch(/bars 2: first build/);
    expect(plan.stdout).not.toMatch(/bars 1/);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const { stdout } = await expectExit(0, warehouse.run(['retry']));
    expect(stdout).toContain('nothing to retry: no run has left an asset undone');
  });
});
