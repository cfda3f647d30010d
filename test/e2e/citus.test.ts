/** The schema's rules for being spread by asset, on a real catalogue; and the SQL that Citus is to be given. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDistribution, placeOf } from '../../src/storage/workers/distribution.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase } from '../support/database.js';
import { listCatalogueTables, listQueries, listShardFaults } from '../support/shard-rules.js';
import { inRolledBack } from '../support/verify.js';
import { type Warehouse, warehouseOf } from '../support/warehouse.js';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = warehouseOf(await createTestDatabase());
});
afterAll(async () => {
  await warehouse?.drop();
});

/** What is found after this SQL. */
function faultsAfter(sql: string): Promise<string[]> {
  return inRolledBack(warehouse.database, async (_, tx) => {
    await tx.execute(sql);
    return listShardFaults(tx);
  });
}

describe('asset tables can be spread by asset', () => {
  test('keys, foreign keys, columns, and every view and function', async () => {
    expect(await warehouse.database.read(listShardFaults)).toEqual([]);
  });

  test('the views and functions were read', async () => {
    const queries = await warehouse.database.read(listQueries);
    expect(queries.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'price_bar_snapshots',
        'cmc_ema_multi_tf',
        'cmc_ema_multi_tf_u',
        'ema_latest',
        'bar_series()',
        'ema_series()',
        'ema_asof()',
      ]),
    );
    for (const { name, sql } of queries) expect(sql, name).toMatch(/select/i);
  });

  const BAD: readonly [what: string, sql: string, fault: string][] = [
    [
      'a key that does not begin with id',
      'create table a (day date, id int, primary key (day, id))',
      'a: a_pkey is unique by day, id alone',
    ],
    [
      'a unique index without id',
      'create unique index b on price_bars (alignment, tf, bar_seq)',
      'price_bars: b is unique by alignment, tf, bar_seq alone',
    ],
    ['no key', 'create table a (id int not null)', 'a has no primary key'],
    ['no id', 'create table a (n int primary key)', 'a has no column id that is never null'],
    ['a sequence', 'create table a (id int primary key, n serial)', 'sequence a_n_seq'],
    [
      'an identity',
      'create table a (id int primary key, n int generated always as identity)',
      'a.n counts by itself',
    ],
    [
      'a foreign key to another asset',
      'create table a (id int primary key, of int references cmc_price_bars_1d_state (id))',
      'a: a_of_fkey refers to cmc_price_bars_1d_state',
    ],
    [
      'a foreign key to a table of runs',
      'create table a (id int primary key, run uuid references refresh_run)',
      'a: a_run_fkey refers to refresh_run',
    ],
    [
      'a view that joins on something else',
      'create view a as select b.id from price_bars b join ema_points p on p.tf = b.tf and p.bar_seq = b.bar_seq',
      'a: p is not joined on id',
    ],
    [
      'a view that joins everything',
      'create view a as select b.id from price_bars b, ema_carry',
      'a: ema_carry is not joined on id',
    ],
    [
      'a join on id only where something holds',
      'create view a as select b.id from price_bars b join ema_points p on p.id = b.id or p.day = b.first_day',
      'a: p is not joined on id',
    ],
    [
      'a lateral subquery of all assets',
      `create view a as select s.id, d.day from ema_carry s cross join lateral (
         select max(day) as day from ema_points p where p.alignment = s.alignment) d`,
      'a: p is not joined on id',
    ],
    [
      'a subquery in an expression',
      'create view a as select id, (select max(p.close) from cmc_price_bars_1d p where p.timestamp = s.last_src_ts) as close from cmc_price_bars_1d_state s',
      'a: p is not joined on id',
    ],
    [
      'a view over views',
      'create view a as select e.id from cmc_ema_multi_tf e join bars_latest b on b.tf = e.tf',
      'a: b is not joined on id',
    ],
    [
      'one arm of a union',
      `create view a as select id from price_bars union all
         select b.id from price_bars b join ema_points p on p.tf = b.tf`,
      'a: p is not joined on id',
    ],
    [
      'a subquery of all assets beside another',
      `create view a as select b.id from price_bars b join (select p.day from ema_points p) q on q.day = b.first_day`,
      'a: q is not joined on id',
    ],
    [
      'two assets by their numbers',
      'create view a as select b.id from price_bars b, ema_points p where b.id = 1 and p.id = 2',
      'a: p is not joined on id',
    ],
    [
      'a function',
      `create function a(id int) returns bigint language sql stable begin atomic
         select count(*) from price_bars b, ema_points p where b.id = a.id and p.tf = b.tf; end`,
      'a(): p is not joined on id',
    ],
  ];
  test.each(BAD)('%s is found', async (_, sql, fault) => {
    const faults = await faultsAfter(sql);
    expect(faults).toContain(fault);
  });

  const GOOD: readonly [what: string, sql: string][] = [
    ['a key that begins with id', 'create table a (id int, day date, primary key (id, day))'],
    [
      'foreign keys to the same asset and to reference tables',
      `create table a (id int, alignment bar_alignment, tf text collate "C", primary key (id),
         foreign key (id) references cmc_price_bars_1d_state (id),
         foreign key (alignment, tf) references dim_timeframe)`,
    ],
    [
      'joins on id by way of a third table, and to reference tables',
      `create view a as select b.id from price_bars b join ema_carry s on s.id = b.id
         join ema_points p on s.id = p.id join dim_assets d on d.symbol = b.tf`,
    ],
    [
      'a function of one asset',
      `create function a(id int) returns bigint language sql stable begin atomic
         select count(*) from price_bars b, ema_points p where b.id = a.id and p.id = a.id; end`,
    ],
  ];
  test.each(GOOD)('%s: nothing is found', async (_, sql) => {
    expect(await faultsAfter(sql)).toEqual([]);
  });
});

/** Functions with the signatures of Citus, which write down how they were called and refuse what it refuses. */
const CITUS = `
  create table called (what text, relation regclass, place text, beside text);
  create function create_reference_table(table_name regclass) returns void language sql as
    $$ insert into called values ('reference', table_name) $$;
  create function create_distributed_table(table_name regclass, distribution_column text,
    distribution_type text default 'hash', colocate_with text default 'default', shard_count int default null)
  returns void language plpgsql as $$
  begin
    if exists (select from pg_trigger where tgrelid = table_name and not tgisinternal) then
      raise 'triggers are not supported on distributed tables: %', table_name;
    end if;
    if exists (select from pg_index i where i.indrelid = table_name and i.indisunique and not exists (
      select from pg_attribute a where a.attrelid = table_name and a.attname = distribution_column and a.attnum = any(i.indkey))) then
      raise 'cannot create constraint on %', table_name;
    end if;
    if colocate_with <> 'none' and not exists (
      select from called where relation = colocate_with::regclass and what = 'distributed') then
      raise 'relation % is not distributed', colocate_with;
    end if;
    insert into called values ('distributed', table_name, distribution_column, colocate_with);
  end $$;`;

test('init --citus prints SQL that puts every table in its place exactly once, and does nothing', async () => {
  const end = await runCli(['init', '--citus']);
  expect(end).toMatchObject({ code: 0, stderr: '', stdout: formatDistribution('public') });
  const text = end.stdout.replace(/^(begin|commit);$/gm, '');
  await inRolledBack(warehouse.database, async (_, tx) => {
    // As an extension: in a schema of its own that every name is looked for in.
    await tx.execute('create schema citus_functions; set local search_path = citus_functions, public');
    await tx.execute(CITUS);
    await tx.execute('set local search_path = public, citus_functions');
    await tx.execute(text);
    const calls = await tx.query<[string, string, string | null, string | null]>(
      'select what, relation::text, place, beside from called',
    );
    const local = /^-- On the coordinator: (.*)\.$/m.exec(text)?.[1]?.split(', ') ?? [];
    const named = [...calls.map(([, table]) => table), ...local].sort();
    const tables = (await listCatalogueTables(tx)).filter((table) => table !== '_template');
    expect(named).toEqual(tables);
    for (const [what, table, column, beside] of calls) {
      expect(what, table).toBe(placeOf(table));
      if (what === 'distributed')
        expect([column, beside], table).toEqual([
          'id',
          table === 'cmc_price_bars_1d' ? 'none' : '"public".cmc_price_bars_1d',
        ]);
    }
  });
});

test("a price table of the user's own is left where it is, and other schemas are named", async () => {
  await inRolledBack(warehouse.database, async (_, tx) => {
    await tx.execute(`comment on table cmc_price_histories7 is 'mine'`);
    await tx.execute('create schema citus_functions; set local search_path = citus_functions, public');
    await tx.execute(CITUS);
    await tx.execute('set local search_path = public, citus_functions');
    await tx.execute(formatDistribution('public').replace(/^(begin|commit);$/gm, ''));
    const calls = await tx.query<[string]>('select relation::text from called');
    expect(calls.flat()).not.toContain('cmc_price_histories7');
    expect(calls.flat()).toContain('price_bars');
  });
  const end = await runCli(['init', '--citus', '--schema', 'Odd name']);
  expect(end.stdout).toContain(`create_reference_table('"Odd name".dim_assets')`);
  expect(await runCli(['init', '--citus', '--track-changes'])).toMatchObject({ code: 2 });
});
