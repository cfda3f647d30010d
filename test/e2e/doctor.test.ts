/** barwright doctor: what is right, what is not and what to do, with every kind of database and with none. */
import { chmodSync, existsSync, lstatSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../../src/orchestration/inspect/doctor.js';
import { writeBinaries } from '../../src/storage/embedded/binaries.js';
import { listMigrations } from '../../src/storage/schema/migrations.js';
import { type CliOptions, runCli } from '../support/cli.js';
import { note } from '../support/note.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-doctor-'));
  warehouse = await createWarehouse({}, [{ ids: [1], days: 40 }]);
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true });
});

/** The checks by name, as JSON tells them; each is a line of the talk, too. */
async function examine(args: readonly string[] = [], options: CliOptions = {}) {
  const end = await runCli(['doctor', '--data-dir', folder, '--json', ...args], {
    ...options,
    env: { TARGET_DB_URL: warehouse.urls.runner, ...options.env },
  });
  const { checks, exitCode } = JSON.parse(end.stdout) as { checks: Check[]; exitCode: number };
  const tags = { ok: '[OK]', warning: '[WARNING]', failed: '[FAILED]' };
  for (const { name, status, message } of checks)
    expect(end.stderr).toContain(`${tags[status]} ${name}: ${message}\n`);
  expect(end.code).toBe(exitCode);
  expect(exitCode).toBe(checks.some(({ status }) => status === 'failed') ? 1 : 0);
  expect(end.stderr).not.toMatch(/^\s+at /m);
  const of = (name: string) => checks.filter((check) => check.name === name);
  const notOk = checks
    .filter(({ status }) => status !== 'ok')
    .map(({ name, message }) => `${name}: ${message}`);
  return { code: end.code, checks, of, notOk };
}

describe('a sound warehouse', () => {
  test('all is well, as the runner; every setting has its source', async () => {
    const { code, of, notOk } = await examine();
    expect({ code, notOk }).toEqual({ code: 0, notOk: [] });
    expect(of('setting').map(({ message }) => message)).toEqual([
      'schema: public (default)',
      'source: cmc_price_histories7 (default)',
      'embedded: no (default)',
      `data dir: ${folder} (--data-dir)`,
      expect.stringMatching(/^Node: \d+\.\d+\.\d+ \(\/.*\)$/),
    ]);
    expect(of('database')[0]?.message).toMatch(
      /^postgresql:\/\/barwright_runner_\w+:\*\*\*@.* \(from TARGET_DB_URL\)$/,
    );
    expect(of('server')[0]?.message).toMatch(/^PostgreSQL 18.*, as role "barwright_runner_/);
    expect(of('clock')[0]?.message).toMatch(/^differs by \d\.\d s from the database's$/);
    expect(of('rights')[0]?.message).toContain('may do what a run does');
    expect(of('source')[0]?.message).toBe('public.cmc_price_histories7, changes are noted by triggers');
  });

  test('settings from the environment and from a config file are named as such', async () => {
    const cwd = mkdtempSync(join(folder, 'config-'));
    writeFileSync(join(cwd, 'db_config.env'), `TARGET_DB_URL=${warehouse.urls.runner}\n`, { mode: 0o600 });
    const env = {
      BARWRIGHT_SCHEMA: 'public',
      BARWRIGHT_SOURCE: 'public.cmc_price_histories7',
      TARGET_DB_URL: 'x',
    };
    const { code, of } = await examine([], { cwd, env });
    expect(code).toBe(0);
    expect(of('setting').map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'schema: public (BARWRIGHT_SCHEMA)',
        'source: public.cmc_price_histories7 (BARWRIGHT_SOURCE)',
      ]),
    );
    expect(of('database')[0]?.message).toContain(`(from db_config.env (${cwd}/db_config.env))`);
  });
});

describe('without a database', () => {
  test.each([
    ['no URL', { TARGET_DB_URL: '' }, /^database: no database is named/],
    [
      'a URL that is none',
      { TARGET_DB_URL: 'mysql://h/d' },
      /^database: TARGET_DB_URL: expected a URL like postgresql:\/\/user:password@/,
    ],
    ['nothing that answers', { TARGET_DB_URL: 'postgresql://u:pw@127.0.0.1:1/d' }, /^server: .*ECONNREFUSED/],
  ])('%s', async (_what, env, words) => {
    const { code, notOk } = await examine([], { env });
    expect(code).toBe(1);
    expect(notOk).toEqual([expect.stringMatching(words)]);
  });

  test('a db_config.env that everybody may write', async () => {
    const cwd = mkdtempSync(join(folder, 'config-'));
    writeFileSync(join(cwd, 'db_config.env'), 'TARGET_DB_URL=postgresql://h/d\n');
    chmodSync(join(cwd, 'db_config.env'), 0o666);
    const { code, notOk } = await examine([], { cwd });
    expect(code).toBe(1);
    expect(notOk).toEqual([expect.stringMatching(/^database: .* can be written by everybody.*chmod o-w/)]);
  });

  test('an embedded server that was never made is not made now', async () => {
    const { code, notOk } = await examine(['--embedded'], { env: { TARGET_DB_URL: '' } });
    expect(code).toBe(0);
    expect(notOk).toEqual([
      expect.stringMatching(/^database: the embedded server does not exist yet: "barwright db start"/),
    ]);
    expect(existsSync(join(folder, 'cluster'))).toBe(false);
  });
});

describe('what is wrong', () => {
  test('no schema, and one that somebody changed', async () => {
    const none = await examine(['--schema', 'nothing_here']);
    expect(none.code).toBe(1);
    expect(none.notOk[0]).toBe(
      'schema: schema "nothing_here" has no barwright tables: run "barwright init --schema nothing_here"',
    );
    await warehouse.execute(`update barwright_migration set checksum = 'x' where number = 3`);
    const changed = await examine();
    expect(changed.notOk).toEqual([
      expect.stringMatching(/^schema: schema "public" was made with another text of 003_bars/),
    ]);
    await warehouse.execute('delete from barwright_migration where number = 12');
    await warehouse.execute(
      `update barwright_migration m set checksum = o.checksum from (values (3, $1::text)) o (number, checksum) where m.number = o.number`,
      [checksumOf(3)],
    );
    expect((await examine()).notOk).toEqual([
      expect.stringContaining('without 012_validation: run "barwright migrate"'),
    ]);
    await warehouse.execute(
      `insert into barwright_migration (number, name, checksum) values (12, '012_validation', $1)`,
      [checksumOf(12)],
    );
    expect((await examine()).notOk).toEqual([]);
  });

  test('rights that are missing are named, with what to type', async () => {
    const { runner, reader } = warehouse.roles as NonNullable<Warehouse['roles']>;
    await warehouse.execute(`revoke insert, update on price_bars, cmc_price_histories7 from ${runner}`);
    const { code, notOk } = await examine();
    expect(code).toBe(1);
    expect(notOk).toEqual([
      `rights: "${runner}" lacks rights that a run needs: insert on cmc_price_histories7, insert on price_bars, ` +
        `update on cmc_price_histories7, update on price_bars; "barwright grants --runner ${runner}" prints the SQL that gives them`,
    ]);
    await warehouse.execute(`grant insert, update on price_bars, cmc_price_histories7 to ${runner}`);
    const asReader = await examine([], { env: { TARGET_DB_URL: warehouse.urls.reader } });
    expect(asReader.notOk).toEqual([
      expect.stringMatching(new RegExp(`^rights: "${reader}" lacks .* and \\d+ more`)),
    ]);
  });

  test('a note trigger that is switched off, and a source that is not there', async () => {
    await warehouse.execute('alter table cmc_price_histories7 disable trigger price_change_update');
    const { code, notOk } = await examine();
    expect(code).toBe(0);
    expect(notOk).toEqual([
      expect.stringMatching(
        /^source: .*missing or switched off: price_change_update; every run compares fingerprints/,
      ),
    ]);
    await warehouse.execute('alter table cmc_price_histories7 enable trigger price_change_update');
    expect((await examine(['--source', 'elsewhere'])).notOk).toEqual([
      expect.stringContaining('source: the source elsewhere does not exist'),
    ]);
  });

  test('library links of the embedded programs that are missing are made again', async () => {
    const root = mkdtempSync(join(folder, 'data-'));
    const { version } = await writeBinaries(root);
    const lib = join(root, `postgresql-${version}`, 'lib');
    const links = (await readdir(lib)).filter((name) => lstatSync(join(lib, name)).isSymbolicLink());
    expect(links.length).toBeGreaterThan(5);
    for (const name of links) unlinkSync(join(lib, name));
    const { code, notOk } = await examine(['--data-dir', root]);
    expect(code).toBe(0);
    expect(notOk).toEqual([
      expect.stringMatching(/^embedded programs: \d+ library links were missing and have been made again/),
    ]);
    expect(links.filter((name) => !existsSync(join(lib, name)))).toEqual([]);
    expect((await examine(['--data-dir', root])).notOk).toEqual([]);
  });
});

function checksumOf(number: number): string {
  return listMigrations().find((migration) => migration.number === number)?.checksum ?? '';
}

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

describe.runIf(existsSync(FAKETIME))(
  'fault table: a clock that is wrong by more than 5 s is reported',
  () => {
    const clock = (offset: string) => ({ env: { LD_PRELOAD: FAKETIME, FAKETIME: offset } });

    test('by doctor', async () => {
      const ahead = await examine([], clock('+12s'));
      expect(ahead.notOk).toEqual([
        expect.stringMatching(/^clock: the clock of this machine is 1[12]\.\d s ahead of the database's/),
      ]);
      const behind = await examine([], clock('-1h'));
      expect(behind.notOk).toEqual([
        expect.stringMatching(/^clock: the clock of this machine is 3[56]\d\d\.\d s behind the database's/),
      ]);
      expect((await examine([], clock('+2s'))).notOk).toEqual([]);
    });

    test('by a run, whose freshness and numbers stay those of the database', async () => {
      const { code, report } = await warehouse.report(['refresh', '--all'], clock('-40d'));
      expect(code).toBe(0);
      expect(report.warnings).toEqual([
        expect.stringMatching(/^the clock of this machine is \d+\.\d s behind the database's/),
      ]);
      expect(report.sourceLate).toEqual([]);
      const sound = await warehouse.report(['verify']);
      expect(sound.code).toBe(0);
      expect((await warehouse.report(['refresh', '--all'])).report.warnings).toEqual([]);
    });
  },
);
if (!existsSync(FAKETIME)) note('[INFO] left out: tests with a wrong clock (no libfaketime)');
