/** What a run is restricted to, or pointed at: builders, families, workers, another schema, another source. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFreshBuild, readContents, readVersions } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { grantSource } from '../support/user-table.js';
import {
  createWarehouse,
  expectExit,
  outcomesOf,
  reasonOf,
  type Warehouse,
  warehouseOf,
} from '../support/warehouse.js';

describe('on the embedded server', () => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 90, endsDaysAgo: 4 }]);
  });
  afterAll(() => warehouse?.drop());

  const alignmentsIn = async (table: string) => {
    const rows = await warehouse.query<[string]>(`select distinct alignment::text from ${table} order by 1`);
    return rows.map(([alignment]) => alignment);
  };

  test('bars --only builds what it names, catches up later, and ends where all builders would', async () => {
    const { stdout } = await expectExit(3, warehouse.run(['bars', '--only', 'multi_tf']));
    expect(stdout).toMatch(
      /\[WARNING\] bars, 2 assets \(ID 1, ID 52\): skipped: it has no 1D bars yet: run the 1d builder first/,
    );
    await expectExit(0, warehouse.run(['bars', '--only', '1d']));
    expect(await alignmentsIn('price_bars_state')).toEqual([]);
    await expectExit(0, warehouse.run(['bars', '--only', ' CAL_ISO ,multi_tf']));
    expect(await alignmentsIn('price_bars_state')).toEqual(['cal_iso', 'multi_tf']);
    await writePrices(warehouse.database, { ids: [1, 52], days: 3 });
    await expectExit(0, warehouse.run(['bars', '--only', '1d,cal_anchor_us']));
    const late = await warehouse.report(['bars', '--only', 'multi_tf', '--ids', '1']);
    expect(reasonOf(late.report, 'bars', 1)).toMatch(/^catch up 90 series to /);
    await expectExit(0, warehouse.run(['bars']));
    expect(await alignmentsIn('price_bars_state')).toEqual([
      'cal_anchor_iso',
      'cal_anchor_us',
      'cal_iso',
      'cal_us',
      'multi_tf',
    ]);
  });

  test('emas --only v2 builds v2 alone; the others follow', async () => {
    await expectExit(0, warehouse.run(['emas', '--only', 'v2']));
    expect(await alignmentsIn('ema_asset_state')).toEqual(['v2']);
    await expectExit(0, warehouse.run(['emas', '--only', 'cal,v2', '--ids', '52']));
    expect(await alignmentsIn('ema_points')).toEqual(['cal_iso', 'cal_us', 'v2']);
    await expectExit(0, warehouse.run(['emas']));
    expect((await alignmentsIn('ema_asset_state')).length).toBe(6);
    await expectFreshBuild(warehouse);
  });

  test('with an --only of its own nothing is left to do', async () => {
    for (const args of [
      ['bars', '--only', 'cal_us'],
      ['emas', '--only', 'cal_anchor'],
    ]) {
      const before = await readVersions(warehouse.database);
      const { report } = await warehouse.report(args);
      expect(report.components[0]).toMatchObject({ ok: 2, rowsNeeded: 0, returnCode: 0 });
      expect(await readVersions(warehouse.database)).toEqual(before);
    }
  });

  test('-n 2 gives what one process gives', async () => {
    const before = await readContents(warehouse.database);
    const { code, report } = await warehouse.report(['refresh', '--all', '--full-rebuild', '-n', '2']);
    expect(code).toBe(0);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 ok']);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 ok']);
    expect(await readContents(warehouse.database)).toEqual(before);
    for (const count of ['0', '-1', 'two', '1.5'])
      expect((await warehouse.run(['refresh', '--all', '-n', count])).code).toBe(2);
  });

  test('a source that cannot be read is one error that says what to do, before any write', async () => {
    await warehouse.execute(
      `create view half_a_source as select id, timestamp, timeopen, timeclose, timehigh, timelow, open::text as open,
         high, low, close, volume from cmc_price_histories7`,
    );
    const before = await readVersions(warehouse.database);
    const half = await expectExit(1, warehouse.run(['refresh', '--all', '--source', 'public.half_a_source']));
    // Long lines are wrapped.
    expect(half.stdout.replaceAll(/\n {4}/g, ' ')).toMatch(
      /\n\[FAILED\] the source public\.half_a_source cannot be read: column "open" has type text .*; column "marketcap" is missing/,
    );
    const none = await expectExit(1, warehouse.run(['refresh', '--all', '--source', 'nowhere.prices']));
    expect(none.stdout).toMatch(/the source nowhere\.prices does not exist/);
    const hostile = await warehouse.run(['refresh', '--all', '--source', 'prices; drop table dim_assets']);
    expect(hostile.code).toBe(2);
    expect(hostile.stdout).toMatch(/--source expects a table or view like/);
    expect(await readVersions(warehouse.database)).toEqual(before);
    await warehouse.execute('drop view half_a_source');
  });
});

describe.each(SERVERS)('on $server', ({ options }) => {
  test("--source reads a user's own view, with numeric columns and without the optional ones", async () => {
    const other = await createWarehouse(options);
    await writePrices(other.database, { ids: [1, 52], days: 90 });
    await expectExit(0, other.run(['refresh', '--all']));
    const ours = await readContents(other.database);
    await other.execute(
      `create schema "Market data";
       create table "Market data".raw as select * from cmc_price_histories7;
       create view "Market data"."Some view" as select id::bigint as id, timestamp, timeopen, timeclose, timehigh, timelow,
         open::numeric as open, high::numeric as high, low::numeric as low, close::numeric as close,
         volume::numeric as volume, marketcap::numeric as marketcap from "Market data".raw;
       truncate cmc_price_histories7, ${Object.keys(ours).join(', ')}`,
    );
    const view = '"Market data"."Some view"';
    await grantSource(other, view);
    await expectExit(0, other.run(['refresh', '--all'], { env: { BARWRIGHT_SOURCE: view } }));
    const theirs = await readContents(other.database);
    for (const table of ['price_bars', 'price_bars_state', 'ema_points', 'ema_state', 'ema_asset_state'])
      expect(theirs[table]?.rows).toBe(ours[table]?.rows);
    const again = await other.report(['refresh', '--all', '--source', view]);
    expect(again.report.components.map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0]);
    await other.execute(`update "Market data".raw set close = low where id = 52 and open > 100`);
    const changed = await other.report(['refresh', '--all', '--source', view]);
    expect(reasonOf(changed.report, 'bars', 52)).toMatch(/^repair: days up to \S+ were corrected$/);
    await expectFreshBuild(other, ['--source', view]);
    await other.drop();
  });

  test('--schema keeps everything in another schema, whatever is in public', async () => {
    const other = warehouseOf(await createEmptyDatabase({ ...options, schema: 'Bar"wright' }));
    const flags = ['--schema', 'Bar"wright'];
    await expectExit(0, other.run(['init', ...flags]));
    await other.execute('create table public.cmc_price_bars_1d_state (id int, last_src_ts timestamptz)');
    await writePrices(other.database, { ids: [1, 52], days: 90 });
    await expectExit(0, other.run(['refresh', '--all', '-n', '2', ...flags]));
    const stale = await expectExit(0, other.run(['refresh', '--emas', ...flags]));
    expect(stale.stdout).not.toContain('WARNING');
    await expectFreshBuild(other, flags);
    const status = await expectExit(
      0,
      other.run(['status', '--json'], { env: { BARWRIGHT_SCHEMA: flags[1] ?? '' } }),
    );
    expect(JSON.parse(status.stdout).assets).toHaveLength(2);
    const [nothing] = await other.query('select count(*) from public.cmc_price_bars_1d_state');
    expect(nothing).toEqual([0]);
    await other.drop();
  });
});
