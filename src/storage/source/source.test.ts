import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { UsageError } from '../../domain/text/errors.js';
import { readPrices } from './prices.js';
import { readSource } from './source.js';

let warehouse: TestDatabase;
const read = (text: string | null) => warehouse.database.read((tx) => readSource(tx, text));
const run = (sql: string) => warehouse.database.transaction((tx) => tx.query(sql));

beforeAll(async () => {
  warehouse = await createTestDatabase();
});
afterAll(async () => {
  await warehouse?.drop();
});
beforeEach(async () => {
  await run('drop schema if exists own cascade');
  await run('create schema own');
});

const COLUMNS = `id smallint, timestamp date, timeopen timestamp, timeclose timestamptz, timehigh timestamptz,
  timelow timestamptz, open real, high numeric, low float8, close bigint, volume int, marketcap numeric(30, 2)`;

test('our own table is the default, with every optional column', async () => {
  const source = await read(null);
  expect(source).toMatchObject({ asOfUs: null, acceptProvisional: false });
  expect(source.parts).toHaveLength(1);
  expect(source.parts[0]).toMatchObject({
    schema: 'public',
    name: 'cmc_price_histories7',
    label: 'cmc_price_histories7',
    relation: '"public"."cmc_price_histories7"',
    optional: { name: true, source_file: true, load_ts: true },
    isTracked: true,
    description: null,
  });
});

test('a table of other number and time types without the optional columns is read as doubles and UTC times', async () => {
  await run(`create table own."Odd Prices" (${COLUMNS})`);
  await run(`insert into own."Odd Prices" values (7, '2020-02-01', '2020-02-01 01:02:03.5', '2020-02-01 23:59:59Z',
    '-infinity', null, 1.5, 'NaN', 1e-9, 3, 4, 12.34)`);
  // Infinite, absent and future timestamps and other assets are not read.
  await run(`insert into own."Odd Prices" (id, timestamp)
    values (7, 'infinity'), (7, null), (7, '2999-01-01'), (8, '2020-01-01')`);
  const source = await read('own."Odd Prices"');
  expect(source.parts[0]?.optional).toEqual({ name: false, source_file: false, load_ts: false });
  const prices = await warehouse.database.read((tx) => readPrices(tx, source, { ids: [7] }));
  expect([...prices]).toEqual([
    [
      7,
      [
        {
          timestampUs: Date.UTC(2020, 1, 1) * 1000,
          timeOpenUs: Date.UTC(2020, 1, 1, 1, 2, 3, 500) * 1000,
          timeCloseUs: Date.UTC(2020, 1, 1, 23, 59, 59) * 1000,
          timeHighUs: Number.NEGATIVE_INFINITY,
          timeLowUs: null,
          open: 1.5,
          high: Number.NaN,
          low: 1e-9,
          close: 3,
          volume: 4,
          marketCap: 12.34,
          name: null,
          sourceFile: null,
          loadTsUs: null,
        },
      ],
    ],
  ]);
});

test('rows of one timestamp come in the order of load_ts, null first, whatever order they are stored in', async () => {
  await run(`create table own.twice (${COLUMNS}, load_ts timestamptz)`);
  await run(`insert into own.twice (id, timestamp, open, load_ts) values
    (7, '2020-01-02', 4, null), (7, '2020-01-01', 3, '2021-01-02'), (7, '2020-01-01', 1, null), (7, '2020-01-01', 2, '2021-01-01')`);
  const source = await read('own.twice');
  const prices = await warehouse.database.read((tx) => readPrices(tx, source, { ids: [7] }));
  expect(prices.get(7)?.map(({ open }) => open)).toEqual([1, 2, 3, 4]);
});

test('a view may be the source, named without quotes in any case', async () => {
  await run(`create table own.prices (${COLUMNS}, name varchar(9), load_ts timestamp)`);
  await run('create view own.latest as select * from own.prices');
  expect((await read('OWN.Latest')).parts[0]).toMatchObject({
    schema: 'own',
    name: 'latest',
    optional: { name: true },
  });
});

test('missing and unsuitable columns are named at once, with what was expected and what to type', async () => {
  await run(`create table own.bad (id text, timestamp timestamptz, timeopen text, timeclose timestamptz,
    timehigh timestamptz, timelow timestamptz, open float8, high float8, low float8, close float8, volume float8,
    load_ts text)`);
  await expect(read('own.bad')).rejects.toThrow(
    'the source own.bad cannot be read: column "id" has type text (expected integer, smallint, bigint); ' +
      'column "timeopen" has type text (expected timestamp with time zone, timestamp without time zone, date); ' +
      'column "marketcap" is missing (expected double precision); ' +
      'column "load_ts" has type text (expected timestamp with time zone, timestamp without time zone, date). ' +
      `Describe it as it is ("barwright source add 'own.bad'" proposes how), or make a view with these columns and types`,
  );
});

test('a relation that does not exist is an error that names it', async () => {
  await expect(read('own.nothing')).rejects.toThrow('the source own.nothing does not exist in this database');
});

test.each(['a.b.c', 'prices; drop table x', '', 'own.', '"', 'own."a"b"', '1st'])(
  '%j is no name',
  async (text) => {
    await expect(read(text)).rejects.toThrow(UsageError);
  },
);
