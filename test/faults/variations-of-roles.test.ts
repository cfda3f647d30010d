/** Variations of breaks that were found before: other settings of roles, other policies, definers and triggers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { BAD_DAY, createRaw } from '../support/raw-table.js';
import { runAdminStatement } from '../support/server.js';
import { grantSource } from '../support/user-table.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const DAYS = 40;

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 2], days: DAYS }]);
    await warehouse.execute('create schema other');
    await expectExit(0, warehouse.run(['refresh', '--bars', '--allow-late']));
  });
  afterAll(() => warehouse?.drop());
  const refresh = (source: string) =>
    warehouse.report(['refresh', '--bars', '--allow-late', '--source', source]);

  describe('a role', () => {
    const runner = () => String(warehouse.roles?.runner);
    const database = () => new URL(warehouse.url).pathname.slice(1);
    const asAdmin = (sql: string) => runAdminStatement(warehouse.url, sql);
    const sentence = async (words: RegExp) => {
      const { code, stdout, stderr } = await warehouse.run(['refresh', '--bars', '--allow-late']);
      expect(code).toBe(1);
      expect(`${stdout}${stderr}`.replaceAll(/\n\s+/g, ' ')).toMatch(words);
      expect(`${stdout}${stderr}`).not.toMatch(/\n {4}at .*:\d+:\d+/);
    };
    const setting = async (name: string, value: string, check: () => Promise<unknown>) => {
      const role = `alter role ${runner()} in database ${database()}`;
      await asAdmin(`${role} set ${name} = ${value}`);
      try {
        await check();
      } finally {
        await asAdmin(`${role} reset ${name}`);
      }
    };

    test('whose transactions are read only by default: one sentence, and reading continues', () =>
      setting('default_transaction_read_only', 'on', async () => {
        await sentence(/takes no writes \(a standby, or default_transaction_read_only/);
        await expectExit(0, warehouse.run(['status']));
      }));

    test('that becomes another one by itself, without rights: one sentence', async () => {
      const reader = String(warehouse.roles?.reader);
      await asAdmin(`grant ${reader} to ${runner()}`);
      try {
        await setting('role', `'${reader}'`, () => sentence(/permission denied.*lacks a right/));
      } finally {
        await asAdmin(`revoke ${reader} from ${runner()}`);
      }
    });

    test('with a library to load that is not there: one sentence', () =>
      setting('session_preload_libraries', `'not_there'`, () => sentence(/not_there/)));

    test('that finds tables and functions of the same names first: they are not taken for ours', async () => {
      await warehouse.execute('create schema evil');
      await warehouse.execute('create table evil.dim_assets (id int, active bool)');
      await warehouse.execute('create table evil.cmc_price_histories7 (id int)');
      await warehouse.execute(
        `create function evil.now() returns timestamptz language sql as 'select timestamptz ''2001-01-01'''`,
      );
      await warehouse.execute('grant usage on schema evil to public');
      await warehouse.execute('grant all on all tables in schema evil to public');
      await setting('search_path', 'evil, public', async () => {
        const { report } = await warehouse.report(['refresh', '--bars', '--allow-late']);
        expect(outcomesOf(report, 'bars')).toEqual(expect.arrayContaining(['1 ok', '2 ok']));
      });
    });

    test('that a policy shows a part of the source: an error, never days that have vanished', async () => {
      await createRaw(warehouse, 'guarded', { ids: [71, 72] });
      await grantSource(warehouse, 'other.guarded');
      await refresh('other.guarded');
      await warehouse.execute('alter table other.guarded enable row level security');
      await warehouse.execute(`create policy part on other.guarded for select using (not (${BAD_DAY}))`);
      const { code, stdout, stderr } = await warehouse.run([
        'refresh',
        '--bars',
        '--source',
        'other.guarded',
      ]);
      expect(code).toBe(1);
      expect(`${stdout}${stderr}`.replaceAll(/\n\s+/g, ' ')).toMatch(
        /row-level security policy.*would look like days that have vanished: give the role .* BYPASSRLS/,
      );
      expect(await warehouse.query('select count(*) from cmc_price_bars_1d where id in (71, 72)')).toEqual([
        [2 * DAYS],
      ]);
    });
  });

  test('a type of a domain whose check notes who runs it, below triggers that are followed: it runs as the loader', async () => {
    await warehouse.execute('create table other.seen (who name)');
    await warehouse.execute('grant insert on other.seen to public');
    await warehouse.execute('grant usage on schema other to public');
    await warehouse.execute(
      `create function other.notes(int) returns bool language plpgsql volatile as
       'begin insert into other.seen select current_user; return true; end'`,
    );
    await warehouse.execute('create domain other.noted_id as int check (other.notes(value))');
    await createRaw(warehouse, 'noted', { ids: [81] });
    await warehouse.execute(`grant select, trigger on other.noted to ${warehouse.roles?.owner}`);
    await grantSource(warehouse, 'other.noted');
    await expectExit(0, warehouse.run(['init', '--track-changes', '--source', 'other.noted']));
    await refresh('other.noted');
    await warehouse.execute(
      'alter table other.noted alter column id type other.noted_id using id::int::other.noted_id',
    );
    await warehouse.execute('truncate other.seen');
    await warehouse.execute('update other.noted set close = close + 1, high = high + 1');
    const owner = warehouse.roles?.owner;
    expect(await warehouse.query('select who from other.seen where who = $1', [owner])).toEqual([]);
  });

  describe('triggers of somebody with rights of the owner', () => {
    test('on every change of the schema, which refuse: the assets fail by name, with its words', async () => {
      await expectExit(0, warehouse.run(['refresh', '--bars', '--allow-late', '--ids', '1,2']));
      await warehouse.execute(
        `create function other.refuse() returns event_trigger language plpgsql as
         'begin raise exception ''no changes of the schema on a Monday''; end'`,
      );
      await warehouse.execute(
        'create event trigger refuse on ddl_command_start execute function other.refuse()',
      );
      try {
        await warehouse.execute(
          `update cmc_price_histories7 set close = close + 1, high = high + 1 where id = 1`,
        );
        const { report } = await warehouse.report(['refresh', '--bars', '--allow-late', '--ids', '1,2']);
        expect(outcomesOf(report, 'bars')).toEqual(['1 failed', '2 ok']);
        expect(reasonOf(report, 'bars', 1)).toContain('no changes of the schema on a Monday');
      } finally {
        await warehouse.execute('drop event trigger refuse');
      }
    });

    test('on a table of ours, which leave rows out: the run fails and names the table', async () => {
      await warehouse.execute(
        `create function other.swallow() returns trigger language plpgsql as 'begin return null; end'`,
      );
      await warehouse.execute(
        'create trigger swallow before insert on ema_points for each row execute function other.swallow()',
      );
      const args = ['refresh', '--all', '--allow-late', '--ids', '1,2'];
      const { report, code } = await warehouse.report(args);
      expect(code).toBe(1);
      expect(outcomesOf(report, 'emas')).toEqual(['1 failed', '2 failed']);
      expect(reasonOf(report, 'emas', 1)).toMatch(/table ema_points took 0 of \d+ rows: a trigger on it/);
      await warehouse.execute('drop trigger swallow on ema_points');
      await expectExit(0, warehouse.run(args));
      await expectExit(0, warehouse.run(['verify', '--source', '--ids', '1,2']));
    });
  });
});
