/** Scenarios 13, 14 and 17 of refresh.md, and similar ones: what is written when something, or nothing, has changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectFreshBuild, readContents, readVersions } from '../support/contents.js';
import type { TestDatabaseOptions } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { listDescendants } from '../support/processes.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;

function useWarehouse(options: TestDatabaseOptions, endsDaysAgo: number): void {
  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 90, endsDaysAgo }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });
  afterAll(() => warehouse?.drop());
  // Whatever a test did to the source: what stands there is what a fresh build gives.
  afterEach(() => expectFreshBuild(warehouse));
}

/** Refreshes all and expects that nothing but 52 was touched; returns the report. */
async function refreshOnly52() {
  const others = { ids: [1] };
  const before = await readVersions(warehouse.database, others);
  const { code, report } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(0);
  expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 ok']);
  expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 ok']);
  expect(reasonOf(report, 'bars', 1)).toMatch(/^up to date/);
  expect(await readVersions(warehouse.database, others)).toEqual(before);
  return report;
}

/** Condition for the price of 52 so many days ago. */
const day = (daysAgo: number) =>
  `id = 52 and timestamp::date = (now() at time zone 'UTC')::date - ${daysAgo}`;

describe.each(SERVERS)('on $server', ({ options }) => {
  useWarehouse(options, 6);

  test('scenario 13: a rerun with nothing new writes 0 rows and starts no child', async () => {
    const before = await readVersions(warehouse.database);
    let children = 0;
    let watch: NodeJS.Timeout | undefined;
    const { report } = await warehouse.report(['refresh', '--all'], {
      onStart: (pid) => {
        watch = setInterval(() => {
          children += listDescendants(pid).length;
        }, 5);
      },
    });
    clearInterval(watch);
    expect(children).toBe(0);
    for (const component of report.components)
      expect(component).toMatchObject({ ok: 2, rowsNeeded: 0, rowsWritten: 0, returnCode: 0 });
    expect(report.verdict).toBe('OK: everything asked for is done');
    expect(await readVersions(warehouse.database)).toEqual(before);
    expect(
      await warehouse.query('select count(*) from refresh_asset a join refresh_run r using (run)'),
    ).toEqual([[4]]);
  });

  test('scenario 14: new days are appended, rows needed = rows written, equal to a rebuild', async () => {
    await writePrices(warehouse.database, { ids: [52], days: 1, endsDaysAgo: 5 });
    const one = await refreshOnly52();
    expect(reasonOf(one, 'bars', 52)).toMatch(/^append 1 day \(\d{4}-\d\d-\d\d\)$/);
    expect(reasonOf(one, 'emas', 52)).toMatch(/^append 1 day/);
    await writePrices(warehouse.database, { ids: [52], days: 3, endsDaysAgo: 2 });
    const three = await refreshOnly52();
    expect(reasonOf(three, 'bars', 52)).toMatch(/^append 3 days \(\S+ to \S+\)$/);
    for (const { components } of [one, three]) {
      for (const { rowsNeeded, rowsWritten } of components) {
        expect(rowsWritten).toBe(rowsNeeded);
        expect(rowsNeeded).toBeGreaterThan(0);
        expect(rowsNeeded).toBeLessThan(1100);
      }
    }
  });

  test('scenario 17: older history arrives -> only that asset is rebuilt', async () => {
    await writePrices(warehouse.database, { ids: [52], days: 25, endsDaysAgo: 6 + 90 });
    const report = await refreshOnly52();
    const [first] = await warehouse.query<[string]>(
      'select min(timestamp)::date::text from cmc_price_histories7 where id = 52',
    );
    expect(reasonOf(report, 'bars', 52)).toBe(`rebuild: backfill since ${first?.[0]}`);
    expect(report.components[0]).toMatchObject({ backfills: 1 });
    expect(reasonOf(report, 'emas', 52)).toMatch(/^repair from /);
    const [state] = await warehouse.query(
      'select daily_min_seen = (select min(timestamp) from cmc_price_histories7 where id = 52) from cmc_price_bars_1d_state where id = 52',
    );
    expect(state).toEqual([true]);
  });

  test('scenario 18: a high that is corrected at or before the watermark -> repaired, and no EMA is touched', async () => {
    await warehouse.execute(`update cmc_price_histories7 set high = high * 2 where ${day(60)}`);
    const report = await refreshOnly52();
    expect(reasonOf(report, 'bars', 52)).toMatch(/^repair from \S+ \(1 day corrected\)$/);
    expect(reasonOf(report, 'emas', 52)).toMatch(/^up to date/);
  });
});

describe('on the embedded server', () => {
  useWarehouse({}, 2);

  test.each([
    [
      'deleted',
      `delete from cmc_price_histories7 where ${day(40)}`,
      /^repair from \S+ \(1 day deleted\)$/,
      /repair from/,
    ],
    [
      'made bad',
      `update cmc_price_histories7 set close = null where ${day(30)}`,
      /^repair from \S+ \(1 day corrected\)$/,
      /repair from/,
    ],
    [
      'of the watermark, corrected',
      `update cmc_price_histories7 set close = low where ${day(2)}`,
      /^repair from \S+ \(1 day corrected\)$/,
      /repair from/,
    ],
  ])(
    'scenario 18: a day at or before the watermark that is %s -> found and repaired',
    async (_what, sql, reason, emas) => {
      expect(await warehouse.execute(sql)).toBe(1);
      const report = await refreshOnly52();
      expect(reasonOf(report, 'bars', 52)).toMatch(reason);
      expect(reasonOf(report, 'emas', 52)).toMatch(emas);
    },
  );

  test('a gap that is filled late, and a second row of a day that was judged -> repaired', async () => {
    await warehouse.execute(
      `insert into cmc_price_histories7 select (jsonb_populate_record(p, (
         select jsonb_object_agg(key, value::timestamptz + interval '1 day') from jsonb_each_text(to_jsonb(p))
         where key in ('timestamp', 'timeopen', 'timeclose', 'timehigh', 'timelow')))).*
       from cmc_price_histories7 p where ${day(41)}`,
    );
    expect(reasonOf(await refreshOnly52(), 'bars', 52)).toMatch(/^repair from \S+ \(1 day added\)$/);
    await warehouse.execute(
      `insert into cmc_price_histories7 select (jsonb_populate_record(p, jsonb_build_object('timestamp',
         p.timestamp + interval '0.5 ms'))).* from cmc_price_histories7 p where ${day(2)}`,
    );
    expect(reasonOf(await refreshOnly52(), 'bars', 52)).toMatch(/^repair from \S+ \(1 day added\)$/);
    const rejects = await warehouse.query(
      `select reason, count(*) from cmc_price_bars_1d_rejects where id = 52 and action = 'rejected' group by 1 order by 1`,
    );
    expect(rejects).toEqual([
      ['duplicate_day', 1],
      ['null_open_close', 1],
    ]);
  });

  test('a correction by ingest -> the asset is repaired', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'barwright-changes-'));
    const file = join(folder, 'XRP_1_1_2020-1_1_2030_historical_data_coinmarketcap.csv');
    const rows = await warehouse.query<string[]>(
      `select concat_ws(';', iso(timeopen), iso(timeclose), iso(timehigh), iso(timelow), name, open, high * 3, low,
         close, volume, marketcap, iso(timestamp))
       from cmc_price_histories7 where ${day(50)}`.replaceAll(
        /iso\((\w+)\)/g,
        `to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
      ),
    );
    const header = 'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp';
    writeFileSync(file, `${header}\n${rows[0]?.[0]}\n`);
    const ingest = await expectExit(0, warehouse.run(['ingest', file]));
    rmSync(folder, { recursive: true });
    expect(ingest.stdout).toMatch(/XRP \(XRP, id 52\)\n +1 lines read: 0 new, 1 changed, 0 unchanged/);
    expect(reasonOf(await refreshOnly52(), 'bars', 52)).toMatch(/^repair from \S+ \(1 day corrected\)$/);
    const again = await warehouse.report(['refresh', '--all']);
    expect(again.report.components[0]).toMatchObject({ rowsNeeded: 0 });
  });

  test('rows dated in the future are not read before their day is over', async () => {
    const before = await readContents(warehouse.database);
    await writePrices(warehouse.database, { ids: [52, 1], days: 3, endsDaysAgo: -2 });
    expect(reasonOf(await refreshOnly52(), 'bars', 52)).toMatch(/^up to date/);
    expect(await readContents(warehouse.database)).toEqual(before);
    const { stdout } = await expectExit(0, warehouse.run(['status', '--json', '--ids', '52']));
    expect(JSON.parse(stdout).assets[0]).toMatchObject({
      lagDays: 0,
      verdict: 'history: no new day is expected',
    });
    await warehouse.execute('delete from cmc_price_histories7 where timestamp > now()');
  });

  test('--full-rebuild writes everything again, and it is what was there', async () => {
    const before = await readContents(warehouse.database);
    const versions = await readVersions(warehouse.database, { ids: [1] });
    const { code, report } = await warehouse.report(['refresh', '--all', '--full-rebuild']);
    expect(code).toBe(0);
    expect(reasonOf(report, 'bars', 1)).toBe('rebuild: full rebuild asked for');
    expect(report.components.map(({ rowsWritten }) => rowsWritten > 500)).toEqual([true, true]);
    expect(await readContents(warehouse.database)).toEqual(before);
    const after = await readVersions(warehouse.database, { ids: [1] });
    expect(after.price_bars).not.toEqual(versions.price_bars);
    expect(after.cmc_price_histories7).toEqual(versions.cmc_price_histories7);
  });
});
