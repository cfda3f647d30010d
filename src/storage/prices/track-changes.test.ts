import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { UsageError } from '../../domain/text/errors.js';
import { migrate } from '../schema/migrate.js';
import { openDatabase } from '../session/database.js';
import { readSource } from '../source/source.js';
import { deleteChangeTracking, writeChangeTracking } from './track-changes.js';

let warehouse: TestDatabase;
const run = (sql: string) => warehouse.database.transaction((tx) => tx.query(sql));
const track = (text: string | null) => warehouse.database.transaction((tx) => writeChangeTracking(tx, text));
const untrack = (text: string | null) =>
  warehouse.database.transaction((tx) => deleteChangeTracking(tx, text));
const isTracked = async (text: string | null) =>
  (await warehouse.database.read((tx) => readSource(tx, text))).parts[0]?.isTracked;

const COLUMNS = `id smallint, timestamp date, timeopen timestamp, timeclose timestamptz, timehigh timestamptz,
  timelow timestamptz, open real, high numeric, low float8, close bigint, volume int, marketcap numeric(30, 2)`;

beforeAll(async () => {
  warehouse = await createTestDatabase();
});
afterAll(() => warehouse?.drop());
beforeEach(async () => {
  await run('drop schema if exists own cascade');
  await run('create schema own');
});

test.each([
  [
    'view',
    'create view own.target as select * from own.prices',
    /is a view: .*--source may name the table behind it/,
  ],
  [
    'materialized view',
    'create materialized view own.target as select * from own.prices',
    /is a materialized view/,
  ],
  [
    'partitioned table',
    `create table own.target (${COLUMNS}) partition by list (id)`,
    /is a partitioned table/,
  ],
  [
    'partition',
    `create table own.parent (${COLUMNS}) partition by list (id);
     create table own.target partition of own.parent default`,
    /is a partition, or shares its rows/,
  ],
  [
    'table with heirs',
    `create table own.target (${COLUMNS}); create table own.heir () inherits (own.target)`,
    /inheritance/,
  ],
  ['unlogged table', `create unlogged table own.target (${COLUMNS})`, /is not a permanent table/],
  [
    'foreign table',
    `create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
     create foreign table own.target (${COLUMNS}) server nowhere`,
    /is a foreign table/,
  ],
  [
    'table that another schema follows',
    `create table own.target (${COLUMNS});
     create function own.other() returns trigger language plpgsql as 'begin return null; end';
     create trigger price_change_insert after insert on own.target execute function own.other()`,
    /is followed already, for the barwright schema "own"/,
  ],
])('a %s is refused, and nothing is changed', async (_what, sql, reason) => {
  await run(`create table own.prices (${COLUMNS})`);
  for (const statement of sql.split(/;\s+(?=create)/)) await run(statement);
  const tracking = track('own.target');
  await expect(tracking).rejects.toThrow(reason);
  await expect(tracking).rejects.toThrow(/every run compares fingerprints$/);
  await expect(tracking).rejects.toBeInstanceOf(UsageError);
  expect(await isTracked('own.target')).toBe(false);
  expect(
    await run(`select count(*) from pg_proc where proname ~ '^price_change_note_[0-9a-f]{12}$'`),
  ).toEqual([[0]]);
});

test('a table whose owner has not granted TRIGGER is refused; with that right alone it is followed, and let go', async () => {
  const role = `tracker_${process.pid}`;
  await run(`create table own.prices (${COLUMNS})`);
  await run(`create role ${role}`);
  await run(`grant usage on schema own to ${role}`);
  await run(`grant usage, create on schema public to ${role}`);
  await run(`grant select on all tables in schema public to ${role}`);
  await run(`grant insert on price_change to ${role}`);
  await run(`grant select on own.prices to ${role}`);
  const asRole = <T>(work: typeof writeChangeTracking): Promise<T> =>
    warehouse.database.transaction(async (tx) => {
      await tx.execute(`set local role ${role}`);
      return (await work(tx, 'own.prices')) as T;
    });
  await expect(asRole(writeChangeTracking)).rejects.toThrow(/its owner can grant TRIGGER on it/);
  await run(`grant trigger on own.prices to ${role}`);
  await asRole(writeChangeTracking);
  expect(await isTracked('own.prices')).toBe(true);
  await run(`insert into own.prices (id, timestamp) values (5, '2020-02-29')`);
  expect(await run('select id, op, from_day from price_change')).toEqual([[5, 'I', 18_321]]);
  await asRole(deleteChangeTracking);
  expect(await isTracked('own.prices')).toBe(false);
  await run('delete from price_change');
  await run(`drop owned by ${role}`);
  await run(`drop role ${role}`);
});

test('our own table is followed from the start; its triggers may be taken away and put back', async () => {
  expect(await track(null)).toEqual({ label: 'public.cmc_price_histories7', isChanged: false, notes: 0 });
  expect(await untrack(null)).toMatchObject({ isChanged: true });
  expect(await isTracked(null)).toBe(false);
  expect(await track(null)).toMatchObject({ isChanged: true });
  expect(await isTracked(null)).toBe(true);
  await run(
    `insert into cmc_price_histories7 (id, timestamp, name) values (5, '2020-02-29 23:59:59.999Z', 'x')`,
  );
  await run(`update cmc_price_histories7 set name = 'y', circulatingsupply = 3 where id = 5`);
  await run('update cmc_price_histories7 set circulatingsupply = 4 where id = 5');
  expect(await run('select id, op, from_day from price_change order by filed_at')).toEqual([
    [5, 'I', 18_321],
    [5, 'U', 18_321],
  ]);
  await run('delete from price_change');
});

test('triggers that are switched off, or made for other types, do not count', async () => {
  await run(`create table own.prices (${COLUMNS}, name json)`);
  await track('own.prices');
  await run(`insert into own.prices (id, timestamp, name) values (5, '2020-02-29', '{}')`);
  await run(`update own.prices set name = '[]'`);
  expect(await run('select op, rows from price_change order by filed_at')).toEqual([
    ['I', 1],
    ['U', 1],
  ]);
  await run('alter table own.prices disable trigger price_change_delete');
  expect(await isTracked('own.prices')).toBe(false);
  await run('alter table own.prices enable always trigger price_change_delete');
  expect(await isTracked('own.prices')).toBe(true);
  await run('alter table own.prices alter column marketcap type numeric(30, 1)');
  expect(await isTracked('own.prices')).toBe(false);
});

test('a table that takes the name of a followed one is followed by itself, and the other one is still followed', async () => {
  await run('delete from price_change');
  await run(`create table own.prices (${COLUMNS}, load_ts timestamptz)`);
  await track('own.prices');
  await run('alter table own.prices rename to older');
  await run(`create table own.prices (${COLUMNS})`);
  expect(await isTracked('own.prices')).toBe(false);
  await track('own.prices');
  await run(`insert into own.older (id, timestamp) values (5, '2020-02-29')`);
  await run('update own.older set load_ts = now()');
  await run(`insert into own.prices (id, timestamp) values (6, '2020-02-29')`);
  expect(await run('select id, op from price_change order by filed_at')).toEqual([
    [5, 'I'],
    [5, 'U'],
    [6, 'I'],
  ]);
});

test('also for a schema whose name must be quoted', async () => {
  const elsewhere = openDatabase(warehouse.url, { schema: 'Some "where" else' });
  try {
    await migrate(elsewhere);
    await run(`create table own.prices (${COLUMNS})`);
    const isTrackedThere = async () =>
      (await elsewhere.read((tx) => readSource(tx, 'own.prices'))).parts[0]?.isTracked;
    await elsewhere.transaction((tx) => writeChangeTracking(tx, 'own.prices'));
    expect(await isTrackedThere()).toBe(true);
    // Again: those that are there are replaced.
    await elsewhere.transaction((tx) => writeChangeTracking(tx, 'own.prices'));
    expect(await isTrackedThere()).toBe(true);
    await elsewhere.transaction((tx) => deleteChangeTracking(tx, 'own.prices'));
    expect(await isTrackedThere()).toBe(false);
  } finally {
    await elsewhere.close();
  }
});
