/** A day counts when it is over, and when it was loaded after that. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedFile } from '../../support/shared.js';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20, endsDaysAgo: 2 }]);
});
afterAll(() => warehouse?.drop());

const END = `(current_date - $DAYS)::timestamp at time zone 'UTC' + interval '23:59:59.999'`;

/** Inserts or changes the row of some days ago; `loaded` is SQL of an interval from its end. */
async function load(daysAgo: number, loaded: string, id = 1): Promise<void> {
  const end = END.replace('$DAYS', String(daysAgo));
  await warehouse.execute(
    `insert into cmc_price_histories7 (id, "timestamp", timeopen, timeclose, open, high, low, close, load_ts)
     select ${id}, e, e - interval '23:59:59.999', e, 10, 12, 9, 11, e + interval '${loaded}' from (select ${end} as e) x
     on conflict (id, "timestamp") do update set load_ts = excluded.load_ts`,
  );
}

const refresh = (...args: string[]) => warehouse.report(['refresh', '--all', ...args]);
const newest = async (id = 1) =>
  (
    await warehouse.query<[number]>(
      'select current_date - max(timestamp)::date from cmc_price_bars_1d where id = $1',
      [id],
    )
  )[0]?.[0];
const remarks = () =>
  warehouse.query(
    `select action, reason, current_date - timestamp::date from cmc_price_bars_1d_rejects where id = 1`,
  );
const verify = () => expectExit(0, warehouse.run(['verify', '--source']));

test('the newest day waits when it was loaded before it was over, and every command says so', async () => {
  await load(1, '-10 minutes');
  const { report } = await refresh();
  expect(reasonOf(report, 'bars', 1)).toMatch(/first build: 20 days/);
  expect(await newest()).toBe(2);
  const again = await refresh();
  expect(reasonOf(again.report, 'bars', 1)).toMatch(
    /^up to date \(\S+\); \S+ waits: loaded before it was over/,
  );
  expect(again.report.components.map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0]);
  const { stdout } = await expectExit(0, warehouse.run(['status']));
  expect(stdout).toMatch(/waits: loaded before it was over/);
  expect(again.report.causes).toMatchObject([{ kind: 'day_waits', severity: 'said', ids: [1] }]);
  expect((await expectExit(0, warehouse.run(['refresh', '--all']))).stdout).toMatch(
    /^\[INFO\] ID 1: the newest day waits, it was loaded before it was over/m,
  );
  // The one who asks first is answered as the run would do it.
  for (const args of [['plan'], ['refresh', '--all', '--dry-run']]) {
    expect((await expectExit(0, warehouse.run(args))).stdout).not.toMatch(/append 1 day/);
    const taken = await expectExit(0, warehouse.run([...args, '--accept-provisional']));
    expect(taken.stdout).toMatch(/1\W.*append 1 day/);
  }
  await verify();
});

test('loading it again confirms it', async () => {
  await load(1, '10 minutes');
  const { report } = await refresh();
  expect(reasonOf(report, 'bars', 1)).toMatch(/append 1 day/);
  expect(await newest()).toBe(1);
  expect(await remarks()).toEqual([]);
  await verify();
});

test('--accept-provisional takes it at once; loading it again later takes the remark away', async () => {
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 1 and timestamp::date = current_date - 1`,
  );
  await refresh();
  await load(1, '-1 hour');
  await refresh();
  expect(await newest()).toBe(2);
  await refresh('--accept-provisional');
  expect(await newest()).toBe(1);
  expect(await remarks()).toEqual([['accepted', 'unconfirmed', 1]]);
  await verify();
  const rebuilt = await refresh('--full-rebuild');
  expect(rebuilt.code).toBe(0);
  expect(await newest()).toBe(1);
  await load(1, '1 hour');
  await refresh();
  expect(await remarks()).toEqual([]);
  await verify();
});

test('only the newest day waits, and three days are enough', async () => {
  for (const id of [2, 3]) await warehouse.execute('insert into dim_assets (id) values ($1)', [id]);
  await load(2, '-1 hour', 2);
  await load(1, '-1 hour', 2);
  await load(4, '-1 hour', 3);
  const { stdout } = await warehouse.run(['refresh', '--all']);
  expect(await newest(2)).toBe(2);
  expect(await newest(3)).toBe(4);
  expect(stdout).toMatch(/ID 3: \S+ was loaded before it was over and not again/);
  expect((await warehouse.run(['refresh', '--all'])).stdout).not.toMatch(/ID 3: \S+ was loaded before/);
});

const CASE = sharedFile('cases/door/09-own-table-dated-by-open.sql');

describe.runIf(CASE !== null)('case 09', () => {
  test("today's row of a table dated by its opening is no bar", async () => {
    for (const statement of (await readFile(CASE ?? '', 'utf8')).split(';').filter((each) => each.trim()))
      await warehouse.execute(statement);
    await grantSource(warehouse, 'm.c09');
    await warehouse.execute('insert into dim_assets (id) values (990009)');
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '990009', '--source', 'm.c09']));
    expect(await newest(990_009)).toBe(1);
    await expectExit(0, warehouse.run(['verify', '--ids', '990009', '--source', 'm.c09']));
  });
});
