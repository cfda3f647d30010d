import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../../../test/support/database.js';
import { findSecondServer } from '../../../test/support/second-server.js';
import { type Database, openDatabase } from '../session/database.js';
import { checkSchema, migrate, readSchemaState } from './migrate.js';
import { listCreatedNames, listMigrations } from './migrations.js';

const NAMES = listMigrations().map((migration) => migration.name);
const secondServer = await findSecondServer();

describe.each([['this server'], ...(secondServer === null ? [] : [['the second server']])])(
  'on %s',
  (which) => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await createEmptyDatabase(
        which === 'this server' || secondServer === null ? {} : { serverUrl: secondServer },
      );
    });
    afterEach(() => db.drop());

    async function execute(sql: string): Promise<void> {
      await db.database.transaction((tx) => tx.execute(sql));
    }

    async function readNumber(sql: string): Promise<number> {
      const rows = await db.database.read((tx) => tx.query<[number]>(sql));
      return rows[0]?.[0] ?? Number.NaN;
    }

    test('an empty database gets every migration once; a second call does nothing', async () => {
      await expect(checkSchema(db.database)).rejects.toThrow('run "barwright init"');
      expect(await migrate(db.database)).toEqual({ applied: NAMES });
      await checkSchema(db.database);
      expect(await migrate(db.database)).toEqual({ applied: [] });
      expect(await readNumber('select count(*) from barwright_migration')).toBe(NAMES.length);
      expect(await readNumber('select count(*) from dim_timeframe')).toBe(91 + 91 + 4 * 33);
      expect(await readNumber('select count(*) from dim_period')).toBe(17);
    });

    test('two at once: one does it, the other finds it done', async () => {
      const other = openDatabase(db.url);
      const results = await Promise.all([migrate(db.database), migrate(other)]);
      await other.close();
      expect(results.map((result) => result.applied.length).sort()).toEqual([0, NAMES.length]);
    });

    test('another schema is made, also with a name that needs quotes; public stays empty', async () => {
      const database = openDatabase(db.url, { schema: 'Bar "wright"' });
      await expect(checkSchema(database)).rejects.toThrow('barwright init --schema Bar "wright"');
      await migrate(database);
      await checkSchema(database);
      await database.close();
      expect(await readSchemaState(db.database)).toEqual({ kind: 'missing' });
      expect(
        await readNumber(`select count(*) from pg_class where relnamespace = 'public'::regnamespace`),
      ).toBe(0);
    });

    test('a schema without a migration that is here is older', async () => {
      await migrate(db.database);
      const last = NAMES.at(-1) ?? '';
      await execute(`delete from barwright_migration where name = '${last}'`);
      expect(await readSchemaState(db.database)).toMatchObject({ kind: 'older', pending: [{ name: last }] });
      await expect(checkSchema(db.database)).rejects.toThrow(`without ${last}: run "barwright migrate"`);
    });

    test('a schema with a migration that is not here is newer, and is refused', async () => {
      await migrate(db.database);
      await execute(`insert into barwright_migration values (999, '999_later', 'x')`);
      await expect(checkSchema(db.database)).rejects.toThrow(/newer than this barwright.*999_later/);
      await expect(migrate(db.database)).rejects.toThrow(/newer than this barwright.*999_later/);
    });

    test('a migration applied with another text is refused', async () => {
      await migrate(db.database);
      await execute(`update barwright_migration set checksum = 'x' where number = 3`);
      await expect(checkSchema(db.database)).rejects.toThrow(/another text of 003_bars/);
      await expect(migrate(db.database)).rejects.toThrow(/barwright init --schema NAME/);
    });

    test('tables, views and types of our names that are not ours are named, and nothing is changed', async () => {
      await execute(`create table price_bars (x int); create view ema_latest as select 1 as x;
      create type bar_alignment as enum ('mine'); create table theirs (x int)`);
      const error = await migrate(db.database).then(
        () => null,
        (reason: Error) => reason.message,
      );
      expect(error).toContain('table price_bars');
      expect(error).toContain('view ema_latest');
      expect(error).toContain('type bar_alignment');
      expect(error).not.toContain('theirs');
      expect(error).toContain('--schema NAME');
      expect(await readSchemaState(db.database)).toEqual({ kind: 'missing' });
    });

    test.each([
      ['table', 'create table cmc_price_histories7 (id int, timestamp timestamptz, mine text)'],
      ['view', 'create view cmc_price_histories7 as select 1 as id, now() as timestamp, null::text as mine'],
    ])("a user's own cmc_price_histories7, a %s, stays as it is", async (_kind, sql) => {
      await execute(sql);
      const columns = `select string_agg(attname, ',' order by attnum) from pg_attribute
      where attrelid = 'cmc_price_histories7'::regclass and attnum > 0`;
      await migrate(db.database);
      expect(await db.database.read((tx) => tx.query(columns))).toEqual([['id,timestamp,mine']]);
    });

    test('a user without the right to create schemas can migrate one that is there', async () => {
      const role = `barwright_test_${Date.now()}`;
      await execute(`create role ${role} login; create schema own authorization ${role}`);
      const owned: Database = openDatabase(db.url, { schema: 'own' });
      try {
        const asRole = owned.transaction;
        const database: Database = {
          ...owned,
          transaction: (work, options) =>
            asRole(async (tx) => {
              await tx.execute(`set local role ${role}`);
              return work(tx);
            }, options),
        };
        expect(await migrate(database)).toEqual({ applied: NAMES });
      } finally {
        await owned.close();
        await execute(`drop owned by ${role}; drop role ${role}`);
      }
    });
  },
);

describe('sql/ as files', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'barwright-sql-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('numbers are read, line ends do not change the checksum', () => {
    writeFileSync(join(directory, '001_a.sql'), 'select 1;\nselect 2;\n');
    const [plain] = listMigrations(directory);
    writeFileSync(join(directory, '001_a.sql'), 'select 1;\r\nselect 2;\r\n');
    expect(listMigrations(directory)).toEqual([plain]);
    expect(plain).toMatchObject({ number: 1, name: '001_a' });
  });

  test.each([[['1_a.sql']], [['001_a.sql', '001_b.sql']], [['000_a.sql']], [['notes.txt']]])(
    'refused: %j',
    (files) => {
      for (const file of files) writeFileSync(join(directory, file), '');
      expect(() => listMigrations(directory)).toThrow(/sql\//);
    },
  );

  test('names that a migration takes', () => {
    const sql = `create table a (x int); -- create table no
      create table if not exists theirs (x int); create table cmc_price_histories7 (x int); CREATE UNIQUE INDEX b on a (x); create index on a (x);
      create or replace view c as select 1; create materialized view d as select 1;
      create type e as enum ('x'); create or replace function f() returns int language sql as 'select 1';
-- creates: g, h,
-- creates: i
      do 'begin execute format(''create view %I as select 1'', ''g''); end';`;
    expect(listCreatedNames({ sql })).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
  });

  test('every object that the migrations make is known by name', async () => {
    const db = await createEmptyDatabase();
    await migrate(db.database);
    const made = await db.database.read((tx) =>
      tx.query<[string]>(`select relname from pg_class where relnamespace = 'public'::regnamespace
          and relkind in ('r', 'v', 'm', 'p', 'S')
        union select typname from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
        union select proname from pg_proc where pronamespace = 'public'::regnamespace`),
    );
    await db.drop();
    const known = new Set([
      'barwright_migration',
      'cmc_price_histories7',
      ...listMigrations().flatMap(listCreatedNames),
    ]);
    expect(made.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});
