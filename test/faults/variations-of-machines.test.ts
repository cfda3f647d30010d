/** Variations of breaks that were found before: other streams, folders, environments and files. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtFile, cleanEnvironment } from '../support/cli.js';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const TIMEOUT_MS = 60_000;
const REFRESH = ['refresh', '--bars', '--allow-late'];

let warehouse: Warehouse;
let folder: string;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
  folder = mkdtempSync(join(tmpdir(), 'barwright-variations-'));
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Below {
  /** What the shell does before it. */
  before?: string;
  /** Redirections after it. */
  streams?: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs the program by a shell, and expects a sentence where it fails. */
function runBelow(args: readonly string[], { before = ':', streams = '', env = {}, cwd = folder }: Below) {
  const end = spawnSync(
    '/bin/sh',
    ['-c', `${before}; exec "$@" ${streams}`, 'sh', process.execPath, builtFile('cli/bin.js'), ...args],
    {
      ...{ cwd, encoding: 'utf8', timeout: TIMEOUT_MS },
      env: cleanEnvironment({ TARGET_DB_URL: warehouse.urls.runner, ...env }),
    },
  );
  const said = `${end.stdout}${end.stderr}`;
  expect(said).not.toMatch(/TypeError|\n {4}at .*:\d+:\d+|\[object Object\]/);
  expect(end.signal).toBeNull();
  return { ...end, said };
}

describe('streams', () => {
  test.each(['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])(
    'closed before it begins (%s): the work is done and recorded',
    async (streams) => {
      await warehouse.execute('truncate refresh_run cascade');
      expect(runBelow(REFRESH, { streams }).status).toBe(0);
      expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([['ok', 0]]);
      expect(runBelow(['status', '--json'], { streams }).status).toBe(0);
    },
  );
});

describe('folders', () => {
  test.each([
    ['without a HOME', 'unset HOME', {}],
    ['a HOME that is not there', ':', { HOME: '/nowhere' }],
    ['relative folders for HOME and the cache', ':', { HOME: 'here', XDG_CACHE_HOME: 'there' }],
    ['without a folder for temporary files', ':', { TMPDIR: '/nowhere' }],
    ['a folder for temporary files that takes none', ':', { TMPDIR: '/proc' }],
  ])('%s: a run and a backup are as always', (what, before, env) => {
    const cwd = mkdtempSync(join(folder, 'folders-'));
    expect(runBelow(REFRESH, { before, env, cwd }).status).toBe(0);
    expect(runBelow(['db', 'backup', join(cwd, 'backup')], { before, env, cwd }).status, what).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['.logs', 'backup']);
  });

  test('a working directory that was removed: one sentence', () => {
    const cwd = mkdtempSync(join(folder, 'gone-'));
    const { status, said } = runBelow(REFRESH, { before: `rmdir '${cwd}'`, cwd });
    expect(status).not.toBe(0);
    expect(said).toMatch(/the current working directory was likely removed/);
  });

  test('umask 0: nothing that is written may be written by others', () => {
    const cwd = mkdtempSync(join(folder, 'umask-'));
    runBelow(REFRESH, { before: 'umask 0', cwd });
    runBelow(['db', 'backup', join(cwd, 'backup')], { before: 'umask 0', cwd });
    const all = readdirSync(cwd, { recursive: true }).map(String);
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter((name) => (statSync(join(cwd, name)).mode & 0o002) !== 0)).toEqual([]);
  });

  test('files may have no length: the work is done, what could not be said is exit 5, a backup fails by name', () => {
    const before = 'ulimit -f 0';
    const cwd = mkdtempSync(join(folder, 'length-'));
    expect([0, 5]).toContain(runBelow(REFRESH, { before, cwd }).status);
    const { status, said } = runBelow(['db', 'backup', join(cwd, 'backup')], { before, cwd });
    expect(status).toBe(1);
    expect(said).toMatch(/the backup failed, .*backup was not made: EFBIG/);
    expect(existsSync(join(cwd, 'backup'))).toBe(false);
  });
});

describe('environments', () => {
  test.each([
    ['without a PATH', { PATH: '' }],
    [
      'a locale and a time zone that there are not',
      { LC_ALL: 'xx_YY', LANG: 'tr_TR.UTF-8', TZ: 'Nowhere/At_All' },
    ],
    [
      'variables of PostgreSQL that name other places and settings',
      {
        PGDATABASE: 'nowhere',
        PGHOST: 'nowhere.invalid',
        PGUSER: 'nobody',
        PGTZ: 'Asia/Kathmandu',
        PGOPTIONS:
          '-c search_path=pg_catalog -c datestyle=German -c extra_float_digits=-15 -c row_security=on',
      },
    ],
  ])('%s: the same rows', async (_what, env) => {
    const hashOf = async () => {
      const { stdout } = await expectExit(0, warehouse.run(['verify', '--source', '--json']));
      return (JSON.parse(stdout) as { sha256: string }).sha256;
    };
    await expectExit(0, warehouse.run(REFRESH));
    const before = await hashOf();
    expect(runBelow([...REFRESH, '--full-rebuild'], { env }).status).toBe(0);
    expect(await hashOf()).toBe(before);
  });
});

test('a folder with a socket, links to nothing and to itself, an empty file and one of a terabyte: each by name, nothing waits', async () => {
  const cwd = mkdtempSync(join(folder, 'files-'));
  writeFileSync(join(cwd, 'Bitcoin_1_1_2025.csv'), `${HEADER}\n${line(1)}\n`);
  const socket = createServer().listen(join(cwd, 'socket.csv'));
  symlinkSync('nothing.csv', join(cwd, 'dangling.csv'));
  symlinkSync('circle.csv', join(cwd, 'circle.csv'));
  symlinkSync('.', join(cwd, 'loop'));
  mkdirSync(join(cwd, 'folder.csv'));
  for (const name of ['empty.csv', 'terabyte.csv', 'terabyte.csv.gz', 'terabyte.json']) {
    writeFileSync(join(cwd, name), '');
    if (name !== 'empty.csv') truncateSync(join(cwd, name), 2 ** 40);
  }
  const startedMs = performance.now();
  const { stdout } = await expectExit(1, warehouse.run(['ingest', cwd], { timeoutMs: TIMEOUT_MS }));
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  for (const name of ['socket', 'dangling', 'circle', 'empty', 'terabyte'])
    expect(stdout).toMatch(new RegExp(`\\[FAILED\\] .*${name}\\.csv`));
  expect(stdout).toContain(': 1 stored, ');
  socket.close();
});
