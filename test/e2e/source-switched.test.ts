/** An asset that was read from one table with triggers, and then from another: notes of the one tell nothing of the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readContents, readVersions } from '../support/contents.js';
import { createUserTable, grantSource, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../support/warehouse.js';

const OTHER = 'market.others';
const yesterday = `(now() at time zone 'UTC')::date - 1`;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
  await warehouse.execute('delete from dim_timeframe where tf_days > 30 or tf_days = 2');
  await warehouse.execute('delete from dim_period where period > 10');
  await createUserTable(warehouse, { ids: [1, 52], days: 60 });
  await warehouse.execute(`create table ${OTHER} (like ${USER_TABLE} including all)`);
  await warehouse.execute(`insert into ${OTHER} select * from ${USER_TABLE}`);
  await grantSource(warehouse, OTHER);
  if (warehouse.roles !== null)
    await warehouse.execute(`grant select, trigger on ${OTHER} to ${warehouse.roles.owner}`);
  for (const source of [USER_TABLE, OTHER])
    await expectExit(0, warehouse.run(['init', '--track-changes', '--source', source]));
});
afterAll(() => warehouse?.drop());

/** Refreshes from a table; returns why, by asset. */
async function refreshFrom(source: string): Promise<Record<number, string>> {
  const { code, report } = await warehouse.report(['refresh', '--all', '--source', source]);
  expect(code).toBe(0);
  await expectExit(0, warehouse.run(['verify', '--source', source]));
  return { 1: reasonOf(report, 'bars', 1), 52: reasonOf(report, 'bars', 52) };
}

test('rows that are others are found once and repaired; the same rows are only noted down; nothing is compared after that', async () => {
  await refreshFrom(USER_TABLE);
  const first = await readContents(warehouse.database);
  expect(await refreshFrom(OTHER)).toEqual({
    1: `read ${OTHER} from now on: its rows are the same`,
    52: `read ${OTHER} from now on: its rows are the same`,
  });
  const versions = await readVersions(warehouse.database);
  expect((await refreshFrom(OTHER))[52]).toMatch(/^up to date/);
  expect(await readVersions(warehouse.database)).toEqual(versions);

  // Written while the other table is read: the run on that one takes the note.
  await warehouse.execute(
    `update ${USER_TABLE} set close = close + 1 where id = 52 and timestamp::date = ${yesterday} - 20`,
  );
  await refreshFrom(OTHER);
  expect(await warehouse.query('select count(*) from price_change')).toEqual([[0]]);
  expect(await refreshFrom(USER_TABLE)).toEqual({
    1: `read ${USER_TABLE} from now on: its rows are the same`,
    52: expect.stringMatching(/^repair: days up to \S+ were corrected; it is read from market\.prices now$/),
  });
  expect(await readContents(warehouse.database)).not.toEqual(first);
  expect((await refreshFrom(OTHER))[52]).toMatch(/were corrected; it is read from market\.others now$/);
  await refreshFrom(USER_TABLE);
  await warehouse.execute(
    `update ${USER_TABLE} set close = close - 1 where id = 52 and timestamp::date = ${yesterday} - 20`,
  );
  await refreshFrom(USER_TABLE);
  expect(await readContents(warehouse.database)).toEqual(first);
});

test('a run that forgets the source fails the assets and says which to name; nothing is deleted, and nothing is called changed', async () => {
  const before = await readVersions(warehouse.database);
  for (const flags of [[], ['--accept-deletions'], ['--accept-deletions', '--full-rebuild']]) {
    const { code, report } = await warehouse.report(['refresh', '--all', ...flags]);
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 52)).toMatch(
      /^it was last read from the source "market\.\w+", which this run does not read/,
    );
    expect(report.warnings.join()).not.toContain('without a note of change');
  }
  expect(await readVersions(warehouse.database)).toEqual(before);
  const { stdout } = await expectExit(0, warehouse.run(['explain', '52']));
  expect(stdout).toContain('name that one with --source');
  expect(stdout).not.toContain('--accept-deletions');
});
