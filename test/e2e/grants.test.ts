/** The SQL that `grants` prints, run on every server: who may do what, and what is said to those who may not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { SERVERS } from '../support/each-server.js';
import { runAdminStatement } from '../support/server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const TABLES = `select c.oid, c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')`;

async function printGrants(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(['grants', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Rights of a role on tables and views, by name; those with none are left out. */
async function listRights(warehouse: Warehouse, role: string): Promise<Record<string, string>> {
  const rows = await warehouse.query<[string, string]>(
    `select c.relname, string_agg(lower(right_name), ' ' order by right_name)
     from (${TABLES}) c,
       unnest(array['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']) right_name
     where has_table_privilege($1, c.oid, right_name) group by 1 order by 1`,
    [role],
  );
  return Object.fromEntries(rows);
}

/** Functions of the schema that a role may call, and those that it may not, where nobody may call them by default. */
async function listCallable(warehouse: Warehouse, role: string): Promise<Record<'may' | 'mayNot', string[]>> {
  const rows = await warehouse.query<[string, boolean]>(
    `select proname::text, has_function_privilege($1, oid, 'execute') from pg_proc
     where pronamespace = 'public'::regnamespace order by proname`,
    [role],
  );
  const names = (isCallable: boolean) => rows.filter(([, may]) => may === isCallable).map(([name]) => name);
  return { may: names(true), mayNot: names(false) };
}

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  let roles: NonNullable<Warehouse['roles']>;

  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 40 }]);
    expect(warehouse.roles).not.toBeNull();
    roles = warehouse.roles as typeof roles;
  });
  afterAll(() => warehouse?.drop());

  test('each role has exactly the rights of its kind', async () => {
    const every = (await warehouse.query<[number, string]>(TABLES)).map(([, name]) => name).sort();
    const reader = await listRights(warehouse, roles.reader);
    expect(Object.keys(reader).sort()).toEqual(every);
    expect([...new Set(Object.values(reader))]).toEqual(['select']);

    const runner = await listRights(warehouse, roles.runner);
    expect(Object.keys(runner).sort()).toEqual(every);
    const kinds = new Set(Object.values(runner));
    expect([...kinds].sort()).toEqual([
      'delete insert select update',
      'delete select',
      'insert select update',
      'select',
    ]);
    expect(runner).toMatchObject({ dim_timeframe: 'select', barwright_migration: 'select' });
    expect(runner).toMatchObject({
      price_change: 'delete select',
      cmc_price_histories7: 'insert select update',
    });

    // A database that is kept strict takes away what PostgreSQL gives to every role.
    await runAdminStatement(warehouse.url, 'revoke execute on all functions in schema public from public');
    for (const role of [roles.runner, roles.reader]) {
      const { may, mayNot } = await listCallable(warehouse, role);
      expect(may).toEqual(
        expect.arrayContaining(['bar_series', 'ema_asof', 'ema_series', 'series_alignment']),
      );
      expect(mayNot.length).toBeGreaterThan(3);
      expect(mayNot.filter((name) => !name.startsWith('price_change_'))).toEqual([]);
    }

    const foreign = await warehouse.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) <> $1
       union all select proname from pg_proc where pronamespace = 'public'::regnamespace and pg_get_userbyid(proowner) <> $1
       union all select typname from pg_type where typnamespace = 'public'::regnamespace and pg_get_userbyid(typowner) <> $1`,
      [roles.owner],
    );
    expect(foreign).toEqual([]);
    for (const role of [roles.runner, roles.reader]) {
      const [may] = await warehouse.query(
        `select has_schema_privilege($1, 'public', 'usage'), has_schema_privilege($1, 'public', 'create'),
           has_database_privilege($1, current_database(), 'create')`,
        [role],
      );
      expect(may).toEqual([true, false, false]);
    }
  });

  test('running it again changes nothing, takes back what was given besides, and covers nothing that comes later', async () => {
    const { owner, runner, reader } = roles;
    const sql = await printGrants(['--owner', owner, '--runner', runner, '--reader', reader]);
    const before = await listRights(warehouse, runner);
    await warehouse.execute(`grant truncate, trigger on price_bars to ${runner}`);
    await warehouse.execute(`grant update on price_bars to ${reader}`);
    await runAdminStatement(warehouse.url, sql);
    expect(await listRights(warehouse, runner)).toEqual(before);
    expect(Object.values(await listRights(warehouse, reader))).not.toContain('select update');
    await warehouse.database.transaction(async (tx) => {
      await tx.execute(`set local role ${owner}`);
      await tx.execute('create table of_another_program (id int)');
    });
    // What a migration makes "barwright migrate" gives rights on (test/faults/hostile-roles.test.ts).
    expect((await listRights(warehouse, runner)).of_another_program).toBeUndefined();
    expect((await listRights(warehouse, reader)).of_another_program).toBeUndefined();
    await warehouse.execute('drop table of_another_program');
  });

  test('the owner migrates, the runner refreshes, the reader reads', async () => {
    const as = (url: string) => ({ env: { TARGET_DB_URL: url } });
    const { owner, runner, reader } = warehouse.urls;
    expect((await expectExit(0, runCli(['migrate'], as(owner)))).stdout).toContain('is up to date');
    await expectExit(0, runCli(['refresh', '--all', '--validate'], as(runner)));
    const commands = [['status'], ['explain', '1'], ['verify'], ['asset', 'list'], ['plan', '--all']];
    await Promise.all(commands.map((args) => expectExit(0, runCli(args, as(reader)))));
    const exported = await expectExit(
      0,
      runCli(['export', 'emas', '--id', '1', '--tf', '3D', '--period', '6'], as(reader)),
    );
    expect(exported.stdout.split('\n').length).toBeGreaterThan(10);
  });

  test('a missing right is one sentence, with what to type; nothing is written', async () => {
    const { runner, reader } = warehouse.urls;
    const cases: [string, string[], RegExp][] = [
      [
        reader,
        ['refresh', '--all'],
        /permission denied for table refresh_lease; .*"barwright grants --runner ROLE"/,
      ],
      [
        reader,
        ['asset', 'add', '9'],
        /permission denied for table dim_assets; .*"barwright grants --runner ROLE"/,
      ],
      [
        runner,
        ['init', '--schema', 'elsewhere'],
        /permission denied for database .*"barwright grants --owner ROLE"/,
      ],
      [
        runner,
        ['asset', 'purge', '1', '--yes'],
        /permission denied for table .*"barwright grants --runner ROLE"/,
      ],
    ];
    const [before] = await warehouse.query('select count(*) from refresh_run');
    for (const [url, args, words] of cases) {
      const { stdout, stderr } = await expectExit(1, runCli(args, { env: { TARGET_DB_URL: url } }));
      // Long lines are wrapped in a summary.
      const said = `${stdout}${stderr}`
        .replaceAll(/\n {4}/g, ' ')
        .split('\n')
        .filter((line) => line.startsWith('[FAILED] '));
      expect(
        said.filter((line) => words.test(line)),
        `${stdout}${stderr}`,
      ).not.toEqual([]);
      expect(stdout + stderr).not.toMatch(/^\s+at /m);
    }
    expect(await warehouse.query('select count(*) from refresh_run')).toEqual([before]);
    expect(await warehouse.query('select count(*) from dim_assets')).toEqual([[2]]);
    await warehouse.execute(`revoke usage on schema public from ${roles.reader}, public`);
    const { stderr } = await expectExit(1, runCli(['status'], { env: { TARGET_DB_URL: reader } }));
    expect(stderr).toContain('the role of this connection may not use schema "public": "barwright grants');
    await warehouse.execute(`grant usage on schema public to ${roles.reader}`);
  });
});

test('fault table: a right that is revoked in mid-run stops the run with what to do; what was committed stays', async () => {
  const warehouse = await createWarehouse({}, [{ ids: [1, 2, 3, 4], days: 2000 }]);
  try {
    // A few series tell as much as all of them; two assets of this length share a transaction.
    await warehouse.execute('delete from dim_timeframe where tf_days > 14');
    const runner = warehouse.roles?.runner;
    // At the commit of the first batch that has asset 2 in it.
    await warehouse.execute(`create function revoke_now() returns trigger language plpgsql security definer as $$
      begin revoke insert on price_bars from ${runner}; return null; end $$`);
    await warehouse.execute(`create constraint trigger revoke_now after insert on cmc_price_bars_1d_state
      deferrable initially deferred for each row when (new.id = 2) execute function revoke_now()`);
    const { code, report } = await warehouse.report(['refresh', '--all']);
    expect(code).toBe(1);
    const [bars, emas] = report.components;
    expect(bars?.errorMessage).toMatch(
      /permission denied for table price_bars; .*"barwright doctor" names what a run misses, "barwright grants --runner ROLE" prints the SQL/,
    );
    expect(emas?.errorMessage).toContain('bars failed as a whole');
    const done = await warehouse.query<[number]>('select id from cmc_price_bars_1d_state order by 1');
    expect(done.flat()).toEqual(expect.arrayContaining([1, 2]));
    expect(done.length).toBeLessThan(4);
    expect(bars?.ok).toBe(done.length);
    expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([['failed', 1]]);

    await warehouse.execute('drop trigger revoke_now on cmc_price_bars_1d_state');
    await warehouse.execute(`grant insert on price_bars to ${runner}`);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await expectExit(0, warehouse.run(['verify']));
  } finally {
    await warehouse.drop();
  }
});

test('names: quoted, checked, and different', async () => {
  const sql = await printGrants(['--runner', 'x"; drop table a; --', '--schema', '$grants$ "s']);
  expect(sql).toContain('grant usage on schema "$grants$ ""s" to "x""; drop table a; --";');
  expect(sql).toContain('$grants_$');
  for (const [args, words] of [
    [[], 'grants expects at least one of --owner ROLE, --runner ROLE, --reader ROLE'],
    [['--runner', 'a', '--reader', 'a'], 'grants expects different roles'],
    [['--runner', ''], '--runner expects a name of 1 to 63 bytes'],
    [['--reader', 'pg_monitor'], `"pg_monitor" is PostgreSQL's own`],
    [['--runner', 'a', '--schema', 'x\ny'], '"x y" has control characters in it'],
    [['--runner', 'a', '--source', 'a.b.c'], '--source expects a table or view'],
  ] as const) {
    const { code, stdout } = await runCli(['grants', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining(words) });
  }
});
