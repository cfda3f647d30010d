/** The source or our schema is not what it was: one clear error before any write, with the command to type. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/storage/schema/migrate.js';
import { unwrapped } from '../support/cli.js';
import { readContents, readEverything, readVersions } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse, warehouseOf } from '../support/warehouse.js';

const FROM_USER_TABLE = ['refresh', '--all', '--source', USER_TABLE];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse(options);
    await createUserTable(warehouse, { ids: [1], days: 20 });
    await expectExit(0, warehouse.run(FROM_USER_TABLE));
  });
  afterAll(() => warehouse?.drop());

  test.each([
    [
      'a column is missing',
      `alter table ${USER_TABLE} rename column high to hidden`,
      /column "high" is missing/,
      `alter table ${USER_TABLE} rename column hidden to high`,
    ],
    [
      'a column has another type',
      `alter table ${USER_TABLE} alter column open type text`,
      /column "open" has type text \(expected double precision, /,
      `alter table ${USER_TABLE} alter column open type float8 using open::float8`,
    ],
    [
      'the table is gone',
      `alter table ${USER_TABLE} rename to hidden`,
      /the source market\.prices does not exist/,
      `alter table market.hidden rename to prices`,
    ],
  ])('the source: %s', async (_what, change, words, undo) => {
    await warehouse.execute(change);
    const readRuns = () => warehouse.query('select run::text, status from refresh_run');
    const before = await readVersions(warehouse.database);
    const runs = await readRuns();
    const said = unwrapped((await expectExit(1, warehouse.run(FROM_USER_TABLE))).stdout);
    expect(said).toMatch(words);
    expect(said).toMatch(
      /"barwright source add 'market\.prices'" proposes how|--source means a table or a view/,
    );
    expect(await readVersions(warehouse.database)).toEqual(before);
    // Only that it was tried is recorded.
    const recorded = (await readRuns()).filter(([id]) => !runs.some(([old]) => old === id));
    expect(recorded.map(([, status]) => status)).toEqual(['failed']);
    await warehouse.execute(undo);
    await expectExit(0, warehouse.run(FROM_USER_TABLE));
  });

  test('the source: all rows of all assets are gone -> nothing is deleted, they are named', async () => {
    const before = await readContents(warehouse.database);
    await warehouse.execute(`delete from ${USER_TABLE}`);
    const { code, report } = await warehouse.report(FROM_USER_TABLE);
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 1)).toMatch(/all 20 source rows have vanished/);
    expect(await readContents(warehouse.database)).toEqual(before);
  });
});

describe.each(SERVERS)('our schema on $server', ({ options }) => {
  let older: Warehouse;
  beforeEach(async () => {
    older = warehouseOf(await createEmptyDatabase(options));
    await migrate(older.database, { through: 7 });
  });
  afterEach(() => older.drop());

  test('older: every command stops with the command to type; after it, a run is fine', async () => {
    const before = await readEverything(older.database);
    for (const command of [['refresh', '--all'], ['status'], ['verify']]) {
      const { stdout, stderr } = await expectExit(1, older.run(command));
      expect(unwrapped(stdout + stderr)).toMatch(
        /schema "public" is older than this barwright, without 008_.*: run "barwright migrate"/,
      );
    }
    expect(await readEverything(older.database)).toEqual(before);
    await expectExit(0, older.run(['migrate']));
    const { stdout } = await expectExit(3, older.run(['refresh', '--all']));
    expect(stdout).toContain('Overall: INCOMPLETE: no active asset');
  });

  test('made with another text: refused', async () => {
    await older.execute(`update barwright_migration set checksum = 'another' where number = 3`);
    const before = await readEverything(older.database);
    const { stdout } = await expectExit(1, older.run(['refresh', '--all']));
    expect(stdout).toMatch(/was made with another text of 003_bars than this barwright has/);
    expect(await readEverything(older.database)).toEqual(before);
  });
});
