/** compare: the origin's tables, made from its rules with each known difference in them, and what nothing explains. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AssetComparison } from '../../src/components/compare/comparison.js';
import { type Day, formatDay } from '../../src/domain/calendar/day.js';
import { KNOWN_DIFFERENCES } from '../../src/domain/origin/rules.js';
import { readReport, runCompare, whilePlanted } from '../support/comparing.js';
import { readEverything } from '../support/contents.js';
import { createOriginTables, keepOriginSeries, ORIGIN, writeOrigin } from '../support/origin/warehouse.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const CLEAN = 1;
const REPAIRED = 2;
const NULLED = 3;
const GAPPED = 4;
const EVERYTHING = 5;
const SPLIT = 6;
const SWAPPED = 7;
const TIMELESS = 8;
const REFUSED = 9;
const DAYS = 460;
/** Theirs is made row by row. */
const SETUP_MS = 300_000;

let warehouse: Warehouse;
/** The newest day of the histories. */
let lastDay: Day;

/** The last day of the month that lies about so many days back: missing, it leaves a month open in the origin. */
function monthEnd(daysBack: number): string {
  const date = new Date(`${formatDay(lastDay - daysBack)}T00:00:00Z`);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 0)).toISOString().slice(0, 10);
}

/** A Wednesday in the middle of a month, about so many days back: no window ends with it. */
function midweek(daysBack: number): string {
  for (let day = lastDay - daysBack; ; day -= 1) {
    const date = new Date(`${formatDay(day)}T00:00:00Z`);
    if (date.getUTCDay() === 3 && date.getUTCDate() > 4 && date.getUTCDate() < 26) return formatDay(day);
  }
}

async function spoil(id: number): Promise<void> {
  const set = (values: string, day: string) =>
    warehouse.execute(
      `update cmc_price_histories7 set ${values} where id = $1 and (timestamp at time zone 'UTC')::date = $2::date`,
      [id, day],
    );
  if (id === REPAIRED || id === EVERYTHING) {
    await set(`timehigh = timehigh + interval '3 days', high = high * 1.5`, formatDay(lastDay - 200));
    await set('low = close * 1.001 + 0.5, high = high * 2', formatDay(lastDay - 90));
  }
  if (id === NULLED || id === EVERYTHING) {
    await set('volume = null', midweek(151));
    await set('marketcap = null', midweek(61));
  }
  if (id === GAPPED || id === EVERYTHING) {
    for (const back of [70, 250]) await remove(id, monthEnd(back));
    // The first days of a month and of weeks, and days in a row.
    for (const back of [69, 120, 121, 122, 300]) await remove(id, formatDay(lastDay - back));
    await remove(id, dayAfter(monthEnd(200)));
    for (let back = 380; back < 395; back += 1) await remove(id, formatDay(lastDay - back));
  }
  if (id === SWAPPED || id === EVERYTHING)
    for (const back of [33, 34, 210]) await set('high = low, low = high', formatDay(lastDay - back));
  if (id === TIMELESS || id === EVERYTHING) {
    await set('timehigh = null', formatDay(lastDay - 45));
    await set('timelow = null, timehigh = null', formatDay(lastDay - 44));
    await set(`timelow = timelow + interval '20 h', low = low * 0.7`, formatDay(lastDay - 130));
    await set(`timelow = timelow - interval '20 h', low = low * 0.7`, formatDay(lastDay - 140));
    // Below open and close, and above them: its bars are put between.
    await set('high = least(open, close) * 0.9', formatDay(lastDay - 10));
    await set('low = greatest(open, close) * 1.1', formatDay(lastDay - 20));
  }
  if (id === REFUSED) await set('low = -1', formatDay(lastDay - 80));
}

function remove(id: number, day: string): Promise<number> {
  return warehouse.execute(
    `delete from cmc_price_histories7 where id = $1 and (timestamp at time zone 'UTC')::date = $2::date`,
    [id, day],
  );
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

beforeAll(async () => {
  const ids = [CLEAN, REPAIRED, NULLED, GAPPED, EVERYTHING, SPLIT, SWAPPED, TIMELESS, REFUSED];
  warehouse = await createWarehouse({}, [{ ids, days: DAYS }]);
  await keepOriginSeries(warehouse);
  const rows = await warehouse.query<[Day]>('select max(timestamp)::date from cmc_price_histories7');
  lastDay = (rows[0] as [Day])[0];
  for (const id of ids) await spoil(id);
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await createOriginTables(warehouse);
  for (const id of ids) await writeOrigin(warehouse, id);
  for (const id of [EVERYTHING, SPLIT])
    await warehouse.execute(
      `insert into dim_asset_split (id, day, new_units, old_units, volume_in_units)
       values ($1, $2, 3, 1, false), ($1, $3, 1, 10, true)`,
      [id, midweek(100), midweek(300)],
    );
  await expectExit(0, warehouse.run(['refresh', '--all']));
}, SETUP_MS);
afterAll(async () => {
  await warehouse?.drop();
});

const compare = (args: readonly string[]) => runCompare(warehouse, args);
const report = (code: number, args: readonly string[] = []) => readReport(warehouse, code, args);
const planted = <T>(sql: string, undo: string, work: () => Promise<T>) =>
  whilePlanted(warehouse, [sql, undo], work);

/** What explains the differences of an asset, and those of no other. */
function namesOf(asset: AssetComparison | undefined): string[] {
  const names = asset?.tables.flatMap(({ explained }) => Object.keys(explained)) ?? [];
  return [...new Set(names)].filter((name) => !EVERYWHERE.has(name)).sort();
}

/** Rules that every asset meets. */
const EVERYWHERE = new Set([
  ...['null_columns', 'one_day_more', 'anchored_months', 'bar_as_ema', 'chained_bar', 'root_alpha'],
  ...['rows_before_seed', 'days_remaining', 'partial_flags'],
]);

test('every rule is met; exit 0, nothing is written', async () => {
  const before = await readEverything(warehouse.database);
  const { assets, explained, unexplained, isExplained, first } = await report(0);
  expect({ unexplained, isExplained, first }).toEqual({ unexplained: 0, isExplained: true, first: null });
  expect(Object.keys(explained).sort()).toEqual(Object.keys(KNOWN_DIFFERENCES).sort());
  const names = new Map(assets.map((asset) => [asset.id, namesOf(asset)]));
  expect(names.get(CLEAN)).toEqual([]);
  expect(names.get(REPAIRED)).toEqual(expect.arrayContaining(['raw_rows']));
  expect(names.get(NULLED)).toEqual(expect.arrayContaining(['null_amount', 'rows_numbered']));
  expect(names.get(GAPPED)).toEqual(['last_day_missing', 'missing_days', 'opens_at_last_close']);
  expect(names.get(SPLIT)).toEqual(['splits']);
  expect(names.get(SWAPPED)).toEqual(['raw_rows']);
  expect(names.get(TIMELESS)).toEqual(expect.arrayContaining(['null_time', 'raw_rows']));
  expect(names.get(REFUSED)).toEqual(expect.arrayContaining(['other_days']));
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('each revision is known by what is found', async () => {
  const { assets } = await report(0);
  for (const { tables } of assets)
    for (const { table, revisions } of tables)
      expect(revisions, table).toEqual(
        /^(price_bars|ema)_multi_tf_u$/.test(table) || revisions.length === 0 ? expect.anything() : ['cmc'],
      );
});

test('output names each asset, and says what the rule names mean', async () => {
  const end = await expectExit(
    0,
    compare(['--tfs', '1D,7D,1M_CAL', '--ids', `${CLEAN},${GAPPED}`, '--verbose']),
  );
  expect(end.stdout).toMatch(/^\[OK\] 1 \d+ rows, \d+ differ: null_columns \d+, one_day_more \d+/m);
  expect(end.stdout).toMatch(/^\[OK\] 4 \d+ rows, \d+ differ: last_day_missing \d+/m);
  expect(end.stdout).toContain(`[INFO] last_day_missing: ${KNOWN_DIFFERENCES.last_day_missing}`);
  expect(end.stdout).toMatch(
    /^ {4}cmc_price_bars_multi_tf up to \d{4}-\d\d-\d\d: \d+ rows, \d+ differ, by the rules of its cmc tables$/m,
  );
});

describe('what nothing explains is counted, shown with its place, and exit 1', () => {
  const onDay = (back: number) => `(<time> at time zone 'UTC')::date = '${formatDay(lastDay - back)}'`;

  test('an EMA', async () => {
    const at = `id = 1 and tf = '7D' and period = 6 and ${onDay(40).replace('<time>', 'ts')}`;
    const table = `${ORIGIN}.cmc_ema_multi_tf`;
    await planted(
      `update ${table} set ema = ema * 1.000001 where ${at}`,
      `update ${table} set ema = ema / 1.000001 where ${at}`,
      async () => {
        const found = await report(1, ['--ids', '1,2']);
        expect(found).toMatchObject({ unexplained: 1, isExplained: false });
        const place = { id: 1, table: 'cmc_ema_multi_tf', tf: '7D', period: 6, column: 'ema' };
        expect(found.first).toMatchObject({ ...place, day: formatDay(lastDay - 40) });
        const end = await expectExit(1, compare(['--ids', '1']));
        expect(end.stdout).toMatch(/^\[FAILED\] 1 .*unexplained 1$/m);
        expect(end.stdout).toMatch(
          /^ {4}1 cmc_ema_multi_tf 7D period 6 \S+ ema: theirs [\d.]+, ours [\d.]+, by its rules [\d.]+$/m,
        );
      },
    );
  });

  test('a bar, also on a day that a known difference is about, and one of a group of months', async () => {
    const at = `id = 2 and tf = '7D' and ${onDay(200).replace('<time>', 'time_close')}`;
    const table = `${ORIGIN}.cmc_price_bars_multi_tf`;
    await planted(
      `update ${table} set high = high + 1 where ${at}`,
      `update ${table} set high = high - 1 where ${at}`,
      async () => {
        const { first, unexplained, explained } = await report(1, ['--ids', '2', '--tfs', '7D']);
        expect(unexplained).toBe(1);
        expect(explained.raw_rows).toBeGreaterThan(1);
        expect(first).toMatchObject({
          table: 'cmc_price_bars_multi_tf',
          day: formatDay(lastDay - 200),
          column: 'high',
        });
      },
    );
    const groups = `${ORIGIN}.cmc_price_bars_multi_tf_cal_anchor_us`;
    const group = `id = 1 and ctid = (select min(ctid) from ${groups} where id = 1 and tf = '9M_CAL_ANCHOR')`;
    const marked = `id = 1 and volume = -1`;
    const [volume] = await warehouse.query<[number]>(`select volume from ${groups} where ${group}`);
    await planted(
      `update ${groups} set volume = -1 where ${group}`,
      `update ${groups} set volume = ${volume?.[0]} where ${marked}`,
      async () => expect((await report(1, ['--ids', '1'])).unexplained).toBe(1),
    );
  });

  test('a day that one side lacks, and a series or an asset that ours lacks', async () => {
    const daily = `${ORIGIN}.cmc_price_bars_1d`;
    await warehouse.execute(`create table kept as select * from ${daily}`);
    await planted(
      `delete from ${daily} where id = 1 and ${onDay(10).replace('<time>', 'timestamp')}`,
      `insert into ${daily} select k.* from kept k where k.id = 1 and ${onDay(10).replace('<time>', 'k.timestamp')}`,
      async () => {
        const { first } = await report(1, ['--ids', '1', '--tfs', '1D']);
        expect(first).toMatchObject({ tf: '1D', column: null, theirs: 'no row', ours: 'a row' });
      },
    );
    const bars = `${ORIGIN}.cmc_price_bars_multi_tf`;
    await planted(
      `insert into ${bars} (id, tf, bar_seq, time_close, close) values (1, '11D', 1, '2020-01-01', 1)`,
      `delete from ${bars} where tf = '11D'`,
      async () => {
        const { first, unexplained } = await report(1, ['--ids', '1']);
        expect([unexplained, first]).toEqual([1, expect.objectContaining({ tf: '11D', theirs: 'a series' })]);
      },
    );
    await warehouse.execute(`insert into dim_assets (id, symbol) values (77, 'NEW')`);
    await planted(
      `insert into ${bars} (id, tf, bar_seq, time_close, close) values (77, '7D', 1, '2020-01-01', 1)`,
      `delete from ${bars} where id = 77`,
      async () =>
        expect((await report(1, ['--ids', '77'])).first).toMatchObject({ theirs: '1 rows', ours: 'none' }),
    );
    const end = await expectExit(0, compare(['--ids', '77']));
    expect(end.stdout).toContain('[INFO] 77 NEW has no rows in both schemas');
  });
});

test('rows beyond the newest day of both sides are not compared', async () => {
  const bars = `${ORIGIN}.cmc_price_bars_multi_tf`;
  const cut = `id = 1 and time_close > (date '${formatDay(lastDay - 4)}')::timestamptz`;
  await warehouse.execute(`create table later as select * from ${bars} where ${cut}`);
  await planted(`delete from ${bars} where ${cut}`, `insert into ${bars} select * from later`, async () => {
    const { assets } = await report(0, ['--ids', '1', '--tfs', '2D']);
    const table = assets[0]?.tables.find((each) => each.table === 'cmc_price_bars_multi_tf');
    expect(table).toMatchObject({ upTo: formatDay(lastDay - 5), unexplained: 0 });
  });
});

test('what cannot be compared is refused with what to do', async () => {
  const own = await expectExit(2, compare(['--origin', 'public']));
  expect(own.stdout).toContain('is the schema of this warehouse itself');
  const absent = await expectExit(2, compare(['--origin', 'nowhere']));
  expect(absent.stdout).toContain('no schema "nowhere" in this database');
  await warehouse.execute('create schema hollow');
  expect((await expectExit(2, compare(['--origin', 'hollow']))).stdout).toContain('has none of the tables');
  expect((await expectExit(2, compare(['--tfs', '13D']))).stdout).toContain('no timeframe "13D"');
});
