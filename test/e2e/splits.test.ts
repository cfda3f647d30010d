/** Splits and redenominations by the program: from the record to bars and EMAs, and back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectFreshBuild, readContents, readVersions } from '../support/contents.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { writePrices } from '../support/prices.js';
import { grantSource } from '../support/user-table.js';
import { expectExit, outcomesOf, reasonOf, type Warehouse, warehouseOf } from '../support/warehouse.js';

const YEARS = { ids: [1, 52], days: 3 * 365, endsDaysAgo: 3 };
const FEED = 'market.feed';

let template: TestDatabase;
let warehouse: Warehouse;

/** The date so many days ago, by the database's clock. */
async function dateOf(daysAgo: number): Promise<string> {
  const rows = await warehouse.query<[string]>(`select ((now() at time zone 'UTC')::date - $1::int)::text`, [
    daysAgo,
  ]);
  return rows[0]?.[0] ?? '';
}

const split = (...args: string[]) => warehouse.run(['asset', 'split', ...args]);
const record = (id: number, day: string, ratio: string, ...args: string[]) =>
  expectExit(0, split(String(id), '--on', day, '--ratio', ratio, ...args));

/** Both kinds of source: ours, whose triggers note changes, and a table without any. */
const SOURCES = [
  { kind: 'our own table', args: [] },
  { kind: 'a table without triggers', args: ['--source', FEED] },
];

beforeAll(async () => {
  template = await createTestDatabase();
  const filled = warehouseOf(template);
  await filled.execute('create schema market');
  await filled.execute(`create table ${FEED} (like cmc_price_histories7 including all)`);
  await writePrices(filled.database, YEARS);
  await filled.execute(`insert into ${FEED} select * from cmc_price_histories7`);
  await expectExit(0, filled.run(['refresh', '--all']));
  await template.database.close();
});
afterAll(() => template?.drop());
beforeEach(async () => {
  warehouse = warehouseOf(await createTestDatabase({ template: new URL(template.url).pathname.slice(1) }));
  await grantSource(warehouse, FEED);
});
afterEach(() => warehouse?.drop());

describe.each(SOURCES)('of $kind', ({ args }) => {
  const refresh = () => warehouse.report(['refresh', '--all', ...args]);

  beforeEach(async () => {
    // Another source than last time is a reason of its own: the first run from it names it and finds nothing to build.
    if (args.length > 0) expect((await refresh()).code).toBe(0);
  });

  /** Everything stored is what a rebuild makes of 1D bars and of the source. */
  async function expectVerified(): Promise<void> {
    await expectExit(0, warehouse.run(['verify']));
    await expectExit(0, warehouse.run(['verify', '--source', args[1] ?? 'cmc_price_histories7']));
  }

  test('a split is taken in by a repair of that asset alone; a second run writes nothing; taken back, all is as before', async () => {
    const before = await readContents(warehouse.database);
    const other = await readVersions(warehouse.database, { ids: [1] });
    const day = await dateOf(400);
    const said = await record(52, day, '4:1');
    expect(said.stdout).toBe(
      `[OK] asset 52: split 4:1 on ${day} is recorded; the next refresh builds its bars and EMAs with it once the source has a day from then on\n`,
    );
    expect(await readContents(warehouse.database)).toEqual(before);
    expect((await expectExit(0, split('52'))).stdout).toBe(
      `split ${day} 4:1: the next refresh builds its bars with it\n`,
    );
    const dry = await expectExit(0, warehouse.run(['refresh', '--all', '--dry-run', ...args]));
    expect(dry.stdout).toContain(`repair: the splits are others (${day} 4:1 new)`);
    await expectExit(1, warehouse.run(['verify', '--source', args[1] ?? 'cmc_price_histories7']));

    const { code, report } = await refresh();
    expect(code).toBe(0);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 ok']);
    expect(reasonOf(report, 'bars', 1)).toMatch(/^up to date/);
    expect(reasonOf(report, 'bars', 52)).toBe(`repair: the splits are others (${day} 4:1 new)`);
    expect(reasonOf(report, 'emas', 52)).toMatch(/^repair/);
    expect(await readVersions(warehouse.database, { ids: [1] })).toEqual(other);
    expect(
      await warehouse.query(
        `select b.timestamp::date < $1::date, min(b.close / p.close), max(b.close / p.close),
           bool_and(b.volume = p.volume and b.market_cap = p.marketcap), count(*)
         from cmc_price_bars_1d b join cmc_price_histories7 p on p.id = b.id and p.timestamp = b.timestamp
         where b.id = 52 group by 1 order by 1`,
        [day],
      ),
    ).toEqual([
      [false, 1, 1, true, 398],
      [true, 0.25, 0.25, true, 3 * 365 - 398],
    ]);
    await expectVerified();
    const again = await refresh();
    for (const { rowsNeeded, rowsWritten } of again.report.components)
      expect([rowsNeeded, rowsWritten]).toEqual([0, 0]);
    if (args.length === 0) await expectFreshBuild(warehouse);

    await expectExit(0, split('52', '--on', day, '--remove'));
    expect((await expectExit(0, split('52'))).stdout).toBe(
      `split ${day} 4:1: the next refresh builds its bars without it\n`,
    );
    expect(reasonOf((await refresh()).report, 'bars', 52)).toBe(
      `repair: the splits are others (${day} 4:1 gone)`,
    );
    expect(await readContents(warehouse.database)).toEqual(before);
  });

  test('an announced split changes nothing until its day has come, and then is a repair that takes the new days in', async () => {
    const day = await dateOf(2);
    await record(52, day, '1:1000', '--note', 'new token');
    const idle = await readVersions(warehouse.database);
    const { report } = await refresh();
    expect(reasonOf(report, 'bars', 52)).toMatch(/^up to date/);
    expect(await readVersions(warehouse.database)).toEqual(idle);
    expect((await expectExit(0, warehouse.run(['asset', 'list']))).stdout).toContain(
      `\n          split ${day} 1:1000 (new token): it counts once the source has come to its day\n`,
    );
    const table = args[1] ?? 'cmc_price_histories7';
    await writePrices(warehouse.database, { ids: [52], days: 2, table });
    expect(reasonOf((await refresh()).report, 'bars', 52)).toBe(
      `repair: the splits are others (${day} 1:1000 new)`,
    );
    expect(
      await warehouse.query(
        `select round((b.close / p.close)::numeric, 9)::float8, count(*) from cmc_price_bars_1d b
         join ${table} p on p.id = b.id and p.timestamp = b.timestamp where b.id = 52 group by 1 order by 1`,
      ),
    ).toEqual([
      [1, 2],
      [1000, 3 * 365],
    ]);
    const explained = await expectExit(0, warehouse.run(['explain', '52', ...args]));
    expect(explained.stdout).toContain(
      `\n  split     ${day} 1:1000 (new token): its bars are built with it\n`,
    );
    await expectVerified();
  });
});

test('volume that is counted in units is adjusted too; a later split adds to it', async () => {
  await record(52, await dateOf(400), '2:1', '--volume-in-units');
  await record(52, await dateOf(100), '2:1');
  await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(
    await warehouse.query(
      `select b.close / p.close, b.volume / p.volume, count(*) from cmc_price_bars_1d b
       join cmc_price_histories7 p on p.id = b.id and p.timestamp = b.timestamp where b.id = 52 group by 1, 2 order by 1`,
    ),
  ).toEqual([
    [0.25, 2, 3 * 365 - 398],
    [0.5, 1, 300],
    [1, 1, 98],
  ]);
  await expectFreshBuild(warehouse);
});

test('a lost state comes back with its splits', async () => {
  await record(52, await dateOf(400), '4:1');
  await expectExit(0, warehouse.run(['refresh', '--all']));
  const before = await readContents(warehouse.database);
  await warehouse.execute('delete from cmc_price_bars_1d_state where id = 52');
  await expectExit(0, warehouse.run(['state', 'rebuild', '--ids', '52']));
  expect(await readContents(warehouse.database)).toEqual(before);
  await warehouse.execute(`update cmc_price_bars_1d_state set splits = '' where id = 52`);
  await expectExit(1, warehouse.run(['verify', '--source']));
  await expectExit(0, warehouse.run(['state', 'rebuild', '--ids', '52']));
  expect(await readContents(warehouse.database)).toEqual(before);
});

test('an asset that a wrong split keeps from being built is quarantined, and released by a right one', async () => {
  const day = await dateOf(400);
  const more = await Promise.all([401, 402, 403, 404].map(dateOf));
  await warehouse.execute('update cmc_price_histories7 set close = close where id = 52');
  for (const each of [day, ...more]) await record(52, each, '1:1000000000000000');
  await warehouse.execute(
    'update cmc_price_histories7 set open = open * 1e250, high = high * 1e250, low = low * 1e250, close = close * 1e250 where id = 52',
  );
  for (let run = 1; run <= 5; run += 1) {
    const { code, report } = await warehouse.report(['refresh', '--bars']);
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 52)).toMatch(
      /the open of \d{4}-\d\d-\d\d \(.*e\+252\) is too large a number .* 1:1000000000000000/,
    );
  }
  const held = await warehouse.report(['refresh', '--bars']);
  expect(outcomesOf(held.report, 'bars')).toEqual(['1 ok', '52 skipped']);
  for (const each of more) await expectExit(0, split('52', '--on', each, '--remove'));
  const { code, stderr } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(0);
  expect(stderr).toContain('[INFO] ID 52 bars: released from quarantine, its splits have changed');
});

test('a purge deletes splits', async () => {
  await record(52, await dateOf(400), '4:1');
  const purge = await expectExit(0, warehouse.run(['asset', 'purge', '52', '--yes']));
  expect(purge.stdout).toMatch(/dim_asset_split +1\n/);
  expect(await warehouse.query('select count(*) from dim_asset_split')).toEqual([[0]]);
});

test('refuses a retired asset, changes a record, and says when there is nothing to change', async () => {
  await record(52, '2020-08-31', '4:1');
  expect((await record(52, '2020-08-31', '8:2')).stdout).toMatch(/is recorded;/);
  expect((await record(52, '2020-08-31', '8:2')).stdout).toBe(
    '[OK] asset 52: split 4:1 on 2020-08-31 was recorded already\n',
  );
  const json = await expectExit(0, split('52', '--json'));
  expect(JSON.parse(json.stdout)).toEqual({
    ...{ version: 1, id: 52 },
    splits: [{ split: '2020-08-31 4:1', note: null, standing: 'waiting' }],
  });
  await expectExit(0, warehouse.run(['asset', 'retire', '52']));
  expect((await expectExit(2, split('52', '--on', '2020-08-31', '--remove'))).stdout).toMatch(
    /asset 52 is retired: "barwright asset restore 52"/,
  );
  await expectExit(0, split('52'));
  expect((await expectExit(0, split('1'))).stdout).toBe('asset 1 has no splits\n');
});
