/** What a row must be to become a day, at the door of the whole program: times, volumes, and rows judged by older rules. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedFile } from '../../support/shared.js';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectExit, type Warehouse } from '../../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.drop());

const LAYOUT = `id int, "timestamp" timestamptz, timeopen timestamptz, timeclose timestamptz, timehigh timestamptz,
  timelow timestamptz, open float8, high float8, low float8, close float8, volume float8, marketcap float8`;

/** A table of the user's own with these rows: select of opening, closing, time of the high, and volume. */
async function createTable(name: string, id: number, rows: string): Promise<void> {
  await warehouse.execute('create schema if not exists m');
  await warehouse.execute(`create table m.${name} (${LAYOUT})`);
  await warehouse.execute(
    `insert into m.${name} select ${id}, c, o, c, h, null, 10, 20, 5, 11, v, null from (${rows}) r (o, c, h, v)`,
  );
  await warehouse.execute('insert into dim_assets (id) values ($1)', [id]);
  await grantSource(warehouse, `m.${name}`);
}

const days = (count: number, columns: string) =>
  `select ${columns} from generate_series(timestamptz '2024-01-01Z', timestamptz '2024-01-01Z' + (${count} - 1) * interval '24 h', interval '24 h') d`;
const END = `d + interval '23:59:59.999'`;

/** Bars of an asset, and its rejects. */
async function stored(id: number) {
  return {
    bars: await warehouse.query(
      'select high, low, volume from cmc_price_bars_1d where id = $1 order by bar_seq',
      [id],
    ),
    rejects: await warehouse.query(
      'select action, reason, volume from cmc_price_bars_1d_rejects where id = $1 order by timestamp, reason',
      [id],
    ),
  };
}

const build = (id: number, table: string, code = 0) =>
  expectExit(code, warehouse.run(['refresh', '--all', '--ids', String(id), '--source', `m.${table}`]));
const verify = (id: number, table: string) =>
  expectExit(0, warehouse.run(['verify', '--ids', String(id), '--source', `m.${table}`]));

test('a price is not dropped because nobody recorded its time', async () => {
  await createTable('unknown_times', 900_101, days(3, `d, ${END}, null::timestamptz, 1`));
  await build(900_101, 'unknown_times');
  expect(await stored(900_101)).toEqual({ bars: [1, 2, 3].map(() => [20, 5, 1]), rejects: [] });
  await verify(900_101, 'unknown_times');
});

test('a time that is there and lies outside of its day is repaired as always', async () => {
  await createTable('wrong_times', 900_102, days(1, `d, ${END}, d - interval '1 h', 1`));
  await build(900_102, 'wrong_times');
  const { bars, rejects } = await stored(900_102);
  expect(bars).toEqual([[11, 5, 1]]);
  expect(rejects).toEqual([
    ['repaired', 'repaired_high', 1],
    ['repaired', 'repaired_timehigh', 1],
  ]);
});

test('a negative volume is never in a bar; the rejects have it as given', async () => {
  await createTable('negative', 900_103, days(2, `d, ${END}, null::timestamptz, -5`));
  await build(900_103, 'negative');
  expect(await stored(900_103)).toEqual({
    bars: [1, 2].map(() => [20, 5, null]),
    rejects: [1, 2].map(() => ['repaired', 'repaired_volume', -5]),
  });
  await verify(900_103, 'negative');
});

test('a close at the next midnight is the end of its day; times without length are absent', async () => {
  await createTable('midnight', 900_104, days(2, `d, d + interval '24 h', null::timestamptz, 1`));
  await warehouse.execute(`update m.midnight set "timestamp" = timeopen`);
  await createTable('instants', 900_105, days(2, `${END}, ${END}, null::timestamptz, 1`));
  for (const [id, table] of [
    [900_104, 'midnight'],
    [900_105, 'instants'],
  ] as const) {
    await build(id, table);
    const times = await warehouse.query(
      `select time_open::text, time_close::text from cmc_price_bars_1d where id = $1 order by bar_seq`,
      [id],
    );
    expect(times).toEqual([
      ['2024-01-01 00:00:00+00', '2024-01-01 23:59:59.999+00'],
      ['2024-01-02 00:00:00+00', '2024-01-02 23:59:59.999+00'],
    ]);
    await verify(id, table);
  }
});

test('one weekly row among days is refused, and the day before it stays', async () => {
  await createTable('mixed', 900_106, days(7, `d, ${END}, null::timestamptz, 1`));
  await warehouse.execute(
    `insert into m.mixed select id, "timestamp" + interval '1 microsecond', timeopen - interval '144 h', timeclose, null, null,
       1, 99, 1, 50, 7, null from m.mixed where "timestamp"::date = '2024-01-07'`,
  );
  await build(900_106, 'mixed');
  const { bars, rejects } = await stored(900_106);
  expect(bars).toHaveLength(7);
  expect(bars.at(-1)).toEqual([20, 5, 1]);
  expect(rejects).toEqual([['rejected', 'not_one_utc_day', 7]]);
});

test('days that were judged by older rules are judged again by the next run, and verify is level again', async () => {
  await createTable('upgraded', 900_107, days(5, `d, ${END}, null::timestamptz, 1`));
  await build(900_107, 'upgraded');
  // As the version before left it: the high dropped for lack of its time.
  await warehouse.execute(
    `update cmc_price_bars_1d set high = 11, repaired_high = true, repaired_timehigh = true where id = 900107`,
  );
  await warehouse.execute('update cmc_price_bars_1d_state set rules = 1 where id = 900107');
  const { stdout } = await build(900_107, 'upgraded');
  expect(stdout).toContain('judged by the rules of this version');
  expect((await stored(900_107)).bars).toEqual([1, 2, 3, 4, 5].map(() => [20, 5, 1]));
  await verify(900_107, 'upgraded');
  expect((await build(900_107, 'upgraded')).stdout).toContain('up to date');
});

const CASE = sharedFile('cases/door/08-own-table-no-times.sql');

describe.runIf(CASE !== null)('cases of the field', () => {
  test('08: an own table, and a JSON file, without the times of high and low', async () => {
    for (const statement of (await readFile(CASE ?? '', 'utf8')).split(';').filter((each) => each.trim()))
      await warehouse.execute(statement);
    await warehouse.execute('insert into dim_assets (id) values (990018)');
    await grantSource(warehouse, 'm.c08');
    await build(990_018, 'c08');
    const { bars, rejects } = await stored(990_018);
    expect(bars).toEqual(Array.from({ length: 10 }, () => [20, 5, 1]));
    expect(rejects).toEqual([]);
    const json = sharedFile('cases/door/08-no-high-low-times.json') ?? '';
    await expectExit(0, warehouse.run(['ingest', json]));
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '990008']));
    expect(await stored(990_008)).toEqual({ bars: [[20, 5, 1000]], rejects: [] });
  });

  test('13: a negative volume', async () => {
    const csv = sharedFile('cases/door/13-negative-volume.csv') ?? '';
    await expectExit(0, warehouse.run(['ingest', csv, '--id', '990013']));
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '990013']));
    const { bars, rejects } = await stored(990_013);
    expect(bars).toEqual([
      [12, 9, null],
      [12, 9, 3],
    ]);
    expect(rejects).toEqual([['repaired', 'repaired_volume', -5]]);
  });
});
