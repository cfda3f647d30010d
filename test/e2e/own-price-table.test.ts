/** A cmc_price_histories7 that was there before barwright, in whatever form: read as it is, never altered, all promises kept. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { expectFreshBuild, readVersions } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { createRoles, dropRoles, type TestRoles, urlAs } from '../support/roles.js';
import { createWarehouse, expectExit, type Warehouse, warehouseOf } from '../support/warehouse.js';

const IDS = [1, 52, 825];
const DAYS = 60;

/** Columns in another order, others between them, and one that the database computes. */
const COLUMNS = `slug text, close double precision, "timestamp" timestamptz not null, marketcap numeric(24, 2), id bigint not null,
  "Note" jsonb default '{}', low double precision, high double precision, open double precision, volume double precision,
  timelow timestamptz, timehigh timestamptz, timeclose timestamptz, timeopen timestamptz, rank int,
  mid double precision generated always as ((open + close) / 2) stored`;

/** How a person may have their prices; `rows` is the table that a loader of theirs writes to. */
const FORMS = [
  {
    form: 'a table',
    rows: 'cmc_price_histories7',
    make: [`create table cmc_price_histories7 (${COLUMNS}, primary key (id, "timestamp"))`],
  },
  {
    form: 'a table without a key',
    rows: 'cmc_price_histories7',
    make: [`create table cmc_price_histories7 (${COLUMNS})`],
  },
  {
    form: 'a partitioned table',
    rows: 'cmc_price_histories7',
    make: [
      `create table cmc_price_histories7 (${COLUMNS}, primary key (id, "timestamp")) partition by list (id)`,
      // Elsewhere: what is in our schema counts as ours by the test of a fresh build.
      'create schema raw',
      'create table raw.prices_of_1 partition of cmc_price_histories7 for values in (1)',
      'create table raw.other_prices partition of cmc_price_histories7 default',
    ],
  },
  {
    form: 'a view over a table elsewhere',
    rows: 'raw.prices',
    make: [
      'create schema raw',
      `create table raw.prices (${COLUMNS})`,
      'create view cmc_price_histories7 as select * from raw.prices where slug is distinct from $$hidden$$',
    ],
  },
] as const;

/** Days up to yesterday that close within the last microsecond before midnight. */
function insertDays(rows: string): string {
  return `insert into ${rows} (slug, id, "timestamp", timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap)
    select 'a', id, t + interval '86399.999999 s', t, t + interval '86399.999999 s', t + interval '5 h 0.000001 s', t + interval '7 h',
      close - 1, close + 2, close - 2, close, 1000 + k, 1e9 + k
    from unnest(array[${IDS}]) id, generate_series(1, ${DAYS}) k,
      lateral (select ((now() at time zone 'UTC')::date - ${DAYS} - 1 + k)::timestamp at time zone 'UTC' as t,
        50 + id % 7 + 20 * sin(k / 3.0) as close) p`;
}

describe.each(FORMS)('$form', ({ rows, make }) => {
  let warehouse: Warehouse;
  let roles: TestRoles;

  beforeAll(async () => {
    const created = await createEmptyDatabase();
    const empty = warehouseOf(created);
    for (const statement of [...make, insertDays(rows)]) await empty.execute(statement);
    await expectExit(0, empty.run(['init']));
    roles = await createRoles(created.url);
    const urls = {
      owner: created.url,
      runner: urlAs(created.url, roles.runner),
      reader: urlAs(created.url, roles.reader),
    };
    warehouse = warehouseOf({ ...created, roles, urls });
  });
  afterAll(async () => {
    await warehouse?.drop();
    if (roles !== undefined) await dropRoles(inject('adminUrl'), roles);
  });

  /** What the relation is like, and which row versions are in it. */
  async function readTheirs(): Promise<unknown[]> {
    const form = await warehouse.query(
      `select c.relkind, c.relname, obj_description(c.oid), pg_get_userbyid(c.relowner),
         (select jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), attnotnull) order by attnum)
          from pg_attribute a where a.attrelid = c.oid and attnum > 0),
         (select count(*) from pg_trigger t where t.tgrelid = c.oid), (select count(*) from pg_index i where i.indrelid = c.oid)
       from pg_class c where c.oid = any(array['cmc_price_histories7', $1]::regclass[]) order by 2`,
      [rows],
    );
    const versions = await warehouse.query(
      `select count(*), md5(string_agg(ctid::text || xmin::text || p::text, ',' order by id, "timestamp", ctid)) from ${rows} p`,
    );
    return [form, versions];
  }

  /** Runs it as a runner that may only read these prices, and looks whether it was only read. */
  async function refresh() {
    const before = await readTheirs();
    const { code, stdout, report } = await warehouse.report(['refresh', '--all']);
    expect(code, stdout).toBe(0);
    expect(await readTheirs()).toEqual(before);
    return report;
  }

  test('is built as it stands, by a runner that may only select', async () => {
    const rights = await warehouse.query<[boolean, boolean]>(
      `select has_table_privilege($1, c, 'select'), has_table_privilege($1, c, 'insert, update, delete, truncate, trigger')
       from unnest(array['cmc_price_histories7']::regclass[]) c`,
      [roles.runner],
    );
    expect(rights).toEqual([[true, false]]);
    const report = await refresh();
    expect(report.components.map(({ ok }) => ok)).toEqual([IDS.length, IDS.length]);
    const different = await warehouse.query(
      `select p.id, p."timestamp" from cmc_price_histories7 p full join cmc_price_bars_1d b on b.id = p.id and b."timestamp" = p."timestamp"
       where (b.time_open, b.time_close, b.time_high, b.time_low, b.open, b.high, b.low, b.close, b.volume, b.market_cap::numeric)
         is distinct from (p.timeopen, p.timeclose, p.timehigh, p.timelow, p.open, p.high, p.low, p.close, p.volume, p.marketcap)`,
    );
    expect(different).toEqual([]);
    expect(await warehouse.query('select count(*) from cmc_price_bars_1d')).toEqual([[IDS.length * DAYS]]);
    const versions = await readVersions(warehouse.database);
    await refresh();
    expect(await readVersions(warehouse.database)).toEqual(versions);
  });

  test('a new day, a correction by a microsecond and by a price, and a row that is gone are found', async () => {
    const day = (ago: number) => `(now() at time zone 'UTC')::date - ${ago}`;
    const ofDay = (ago: number) => `("timestamp" at time zone 'UTC')::date = ${day(ago)}`;
    await warehouse.execute(`delete from ${rows} where id = 1 and ${ofDay(1)}`);
    await refresh();
    await warehouse.execute(
      insertDays(rows)
        .replace(`generate_series(1, ${DAYS})`, `generate_series(${DAYS}, ${DAYS})`)
        .replace(`array[${IDS}]`, 'array[1]'),
    );
    await warehouse.execute(
      `update ${rows} set close = close * 1.5, high = high * 2 where id = 52 and ${ofDay(20)}`,
    );
    await warehouse.execute(
      `update ${rows} set timehigh = timehigh + interval '1 microsecond' where id = 825 and ${ofDay(30)}`,
    );
    const report = await refresh();
    const [bars] = report.components;
    expect(bars?.outcomes?.map(({ id, status }) => [id, status])).toEqual(IDS.map((id) => [id, 'ok']));
    expect(bars?.rowsWritten).toBeGreaterThan(0);
    const changed = await warehouse.query(
      `select b.id from cmc_price_bars_1d b join cmc_price_histories7 p using (id, "timestamp") where b.close <> p.close or b.time_high <> p.timehigh`,
    );
    expect(changed).toEqual([]);
    await expectFreshBuild(warehouse);
    await expectExit(0, warehouse.run(['verify', '--source']));
  });

  test('columns that bars do not use change nothing', async () => {
    const versions = await readVersions(warehouse.database);
    await warehouse.execute(`update ${rows} set "Note" = '{"seen": true}', rank = 1, slug = 'b'`);
    await warehouse.execute(`alter table ${rows} add column later text`);
    await refresh();
    const after = await readVersions(warehouse.database);
    for (const table of ['cmc_price_bars_1d', 'price_bars', 'ema_points'])
      expect(after[table]).toEqual(versions[table]);
  });

  test('ingest, migrate and purge of an asset leave it alone', async () => {
    const before = await readTheirs();
    const { stdout } = await expectExit(
      2,
      warehouse.run(['ingest', '--coinmarketcap', '--id', '1'], { env: { CMC_API_KEY: 'no-key-is-needed' } }),
    );
    expect(stdout).toMatch(/cmc_price_histories7 .*never written/);
    await expectExit(0, warehouse.run(['migrate']));
    await expectExit(0, warehouse.run(['asset', 'purge', '825', '--yes']));
    expect(await readTheirs()).toEqual(before);
  });
});

test('the numbers are those of the same prices in a table of ours', async () => {
  const ours = await createWarehouse();
  try {
    await ours.execute(insertDays('cmc_price_histories7').replace('(slug, ', '(name, '));
    await expectExit(0, ours.run(['refresh', '--all']));
    const theirs = await createEmptyDatabase();
    try {
      const warehouse = warehouseOf(theirs);
      for (const statement of [...FORMS[3].make, insertDays(FORMS[3].rows)])
        await warehouse.execute(statement);
      await expectExit(0, warehouse.run(['init']));
      await expectExit(0, warehouse.run(['refresh', '--all']));
      for (const table of ['price_bars', 'ema_points']) {
        const sql = `select count(*), md5(string_agg(t::text, ',' order by t::text)) from ${table} t`;
        expect(await warehouse.query(sql)).toEqual(await ours.query(sql));
      }
    } finally {
      await theirs.drop();
    }
  } finally {
    await ours.drop();
  }
});
