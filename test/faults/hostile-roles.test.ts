/** Roles of the database that try to have SQL of theirs run as the owner, or to reach what is not for them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatGrants } from '../../src/storage/schema/grants.js';
import { migrate } from '../../src/storage/schema/migrate.js';
import { openDatabase } from '../../src/storage/session/database.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { createRoles, dropRoles, urlAs } from '../support/roles.js';
import { runAdminStatement } from '../support/server.js';
import { createLoader, createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';
import { createQueuedWarehouse } from '../support/workers.js';

/** Runs one statement as the role of the URL; gives the server's words when it is refused. */
async function attempt(url: string, sql: string): Promise<string> {
  const database = openDatabase(url, { maxConnections: 1 });
  try {
    await database.transaction((tx) => tx.execute(sql));
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await database.close();
  }
}

describe.each(SERVERS)('the owner of a source table that is followed, on $server', ({ options }) => {
  let warehouse: Warehouse;
  let loader: Awaited<ReturnType<typeof createLoader>>;
  beforeAll(async () => {
    warehouse = await createWarehouse(options);
    await warehouse.execute('create table seen (who name)');
    await warehouse.execute('grant insert on seen to public');
  });
  afterAll(() => warehouse?.drop());
  beforeEach(async () => {
    await warehouse.execute('truncate seen, price_change');
    await createUserTable(warehouse, { ids: [1, 52], days: 20 });
    loader = await createLoader(warehouse);
    await warehouse.execute(`alter table ${USER_TABLE} owner to ${loader.role}`);
    await warehouse.execute(`grant all on schema public, market to ${loader.role}`);
    return async () => {
      await warehouse.execute('drop schema market cascade');
      await warehouse.execute(`drop owned by ${loader.role} cascade`);
      await loader.drop();
    };
  });

  /** A type of the loader's that becomes an int, and back, by functions that note who runs them. */
  const HOSTILE = [
    'create type evil as (v int)',
    `create function evil_to(evil) returns int language sql as 'insert into public.seen select current_user; select ($1).v'`,
    `create function evil_from(int) returns evil language sql as 'select row($1)::evil'`,
    'create cast (evil as int) with function evil_to(evil) as implicit',
  ];

  test('changes the type of a column to one with a cast of theirs: nothing of it runs as us, and the change is noted', async () => {
    await expectExit(0, warehouse.run(['init', '--track-changes', '--source', USER_TABLE]));
    await expectExit(0, warehouse.run(['refresh', '--bars', '--source', USER_TABLE]));
    await warehouse.execute('truncate price_change');
    for (const sql of HOSTILE) await loader.load(sql);
    await loader.load('alter table prices alter column id type evil using evil_from(id::int)');
    await loader.load('update prices set close = close + 1');
    expect(await warehouse.query('select distinct who from seen where who <> $1', [loader.role])).toEqual([]);
    expect(await warehouse.query('select id, op from price_change order by 1')).toEqual([
      [1, 'T'],
      [52, 'T'],
    ]);
  });

  test('has a column of such a type from the beginning: it is not followed, and one sentence says why', async () => {
    await loader.load(`create type mood as enum ('a')`);
    await loader.load(`alter table prices alter column marketcap type mood using 'a'`);
    const args = ['init', '--track-changes', '--source', USER_TABLE];
    const { stdout } = await expectExit(1, warehouse.run(args));
    expect(stdout).toMatch(/column "marketcap" has type .*mood \(expected/);
  });

  test('puts a trigger function of ours on a table of their own: refused', async () => {
    await expectExit(0, warehouse.run(['init', '--track-changes', '--source', USER_TABLE]));
    for (const sql of HOSTILE) await loader.load(sql);
    await loader.load('create table trap (id evil, "timestamp" timestamptz)');
    const functions = await warehouse.query<[string]>(
      `select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
         and p.prorettype = 'trigger'::regtype and p.prosecdef`,
    );
    expect(functions.length).toBeGreaterThanOrEqual(6);
    for (const [name] of functions)
      await expect(
        loader.load(
          `create trigger t after insert on trap referencing new table as new_rows
           for each statement execute function public.${name}('x')`,
        ),
      ).rejects.toThrow(/permission denied for function/);
  });

  test('makes functions and operators that ours could find by name: none is found', async () => {
    for (const sql of [
      `create function public.isfinite(timestamptz) returns bool language sql as 'insert into public.seen select current_user; select true'`,
      `create function public.ge(bigint, int) returns bool language sql as 'insert into public.seen select current_user; select true'`,
      'create operator public.>= (leftarg = bigint, rightarg = int, function = public.ge)',
      'create operator public.>= (leftarg = numeric, rightarg = int, function = public.ge)',
    ])
      await loader.load(sql).catch(() => {});
    await expectExit(0, warehouse.run(['init', '--track-changes', '--source', USER_TABLE]));
    await loader.load('update prices set close = close + 1');
    expect(await warehouse.query('select who from seen')).toEqual([]);
  });
});

describe('a runner of the queue', () => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createQueuedWarehouse();
  });
  afterAll(() => warehouse?.drop());

  test('writes jobs, reads two tables, and reaches nothing else', async () => {
    const rights = await warehouse.query<[string, string]>(
      `select c.relname, string_agg(lower(r), ' ' order by r)
       from pg_class c, unnest(array['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']) r
       where c.relnamespace = 'public_queue'::regnamespace and c.relkind in ('r', 'p', 'v')
         and has_table_privilege($1, c.oid, r) group by 1 order by 1`,
      [warehouse.roles?.runner],
    );
    expect(rights).toEqual([
      ['job', 'delete insert select update'],
      ['job_common', 'delete insert select update'],
      ['queue', 'select'],
      ['version', 'select'],
    ]);
  });

  test.each([
    `insert into public_queue.bam (name, version, table_name, command) values ('x', 1, 'job', 'alter role ROLE superuser')`,
    `update public_queue.queue set table_name = 'job; alter role ROLE superuser; --'`,
    'update public_queue.version set version = 1',
    `insert into public_queue.schedule (name, cron) values ('tasks', '* * * * *')`,
    `create trigger t before update on public_queue.job for each row execute function suppress_redundant_updates_trigger()`,
    `create function public_queue.now() returns timestamptz language sql as 'select null'`,
    'create table public_queue.mine (a int)',
    'truncate public_queue.job',
    `select public_queue.create_queue('x', '{}')`,
  ])('%s: denied', async (sql) => {
    const said = await attempt(warehouse.urls.runner, sql.replaceAll('ROLE', warehouse.roles?.runner ?? ''));
    expect(said).toMatch(/permission denied|must be owner/);
  });

  test('the owner makes the queue again after all of that: nothing of the runner runs', async () => {
    await expectExit(0, warehouse.run(['init', '--queue']));
    expect(
      await warehouse.query('select rolsuper from pg_roles where rolname = $1', [warehouse.roles?.runner]),
    ).toEqual([[false]]);
  });

  test('what an earlier text gave is taken back', async () => {
    const { owner, runner } = warehouse.roles as { owner: string; runner: string };
    await warehouse.execute(`grant all on all tables in schema public_queue to ${runner}`);
    await warehouse.execute(
      `alter default privileges for role ${owner} in schema public_queue grant all on tables to ${runner}`,
    );
    const scope = { owner, runner, reader: null, schema: 'public', source: null, queue: true };
    await runAdminStatement(warehouse.url, formatGrants(scope));
    expect(await attempt(warehouse.urls.runner, 'delete from public_queue.bam')).toMatch(/permission denied/);
    expect(
      await warehouse.query(`select count(*) from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace
      where n.nspname = 'public_queue'`),
    ).toEqual([[0]]);
  });
});

test('roles get rights on what a later migration makes, and on no other later table of the owner', async () => {
  const empty = await createEmptyDatabase();
  const before = openDatabase(empty.url, { maxConnections: 1 });
  await migrate(before, { through: 17 });
  const roles = await createRoles(empty.url);
  const owner = openDatabase(urlAs(empty.url, roles.owner), { maxConnections: 1 });
  try {
    await migrate(owner);
    await owner.transaction((tx) => tx.execute('create table of_another_program (secret text)'));
    const may = (role: string, right: string) =>
      before.read((tx) =>
        tx.query<[string]>(
          `select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
             and has_table_privilege($1, c.oid, $2) order by 1`,
          [role, right],
        ),
      );
    const every = await may(roles.owner, 'select');
    const others = every.flat().filter((name) => name !== 'of_another_program');
    for (const role of [roles.runner, roles.reader])
      expect((await may(role, 'select')).flat()).toEqual(others);
    expect((await may(roles.reader, 'insert')).flat()).toEqual([]);
  } finally {
    await owner.close();
    await before.close();
    await empty.drop();
    await dropRoles(empty.url, roles).catch(() => {});
  }
});
