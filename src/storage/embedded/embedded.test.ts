import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { note } from '../../../test/support/note.js';
import { runAdminStatement } from '../../../test/support/server.js';
import { type EnsuredServer, ensureEmbedded, findEmbedded, stopEmbedded } from './embedded.js';
import { embeddedPaths } from './paths.js';
import { findPostmaster } from './postmaster.js';

const CHECKOUT = resolve(import.meta.dirname, '../../..');
const NODE_ARGS = [
  '--import',
  join(CHECKOUT, 'test/support/run-typescript.mjs'),
  join(CHECKOUT, 'test/fixtures/children/ensure-embedded.ts'),
];
const NOBODY = 65_534;
const CHILD_TIMEOUT_MS = 40_000;
const isRoot = process.getuid?.() === 0;

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'barwright-embedded-')));
  chmodSync(root, 0o755);
});
afterAll(async () => {
  // One of the folders belongs to another user.
  vi.stubEnv('BARWRIGHT_TRUSTED_OWNERS', String(NOBODY));
  for (const name of readdirSync(root)) await stopEmbedded({ dataDir: join(root, name) });
  rmSync(root, { recursive: true, force: true });
});

/** A command of its own that needs the server and ends; rejects when it does not end in time. */
function ensureInChild(
  dataDir: string | null,
  as: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<EnsuredServer> {
  return new Promise((done, fail) => {
    const child: ChildProcess = spawn(
      process.execPath,
      [...NODE_ARGS, ...(dataDir === null ? [] : [dataDir])],
      {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: CHILD_TIMEOUT_MS,
        killSignal: 'SIGKILL',
        ...as,
      },
    );
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    // "close", not "exit": a server that kept our pipes open would hold it up.
    child.once('close', (code, signal) => {
      if (code === 0) done(JSON.parse(output) as EnsuredServer);
      else fail(new Error(`the command ended with ${code ?? signal}: ${errors}`));
    });
  });
}

function pidOf(dataDir: string): number {
  return findPostmaster(embeddedPaths(dataDir))?.pid ?? 0;
}

describe('the life of one embedded server', () => {
  let dataDir: string;
  let url: string;
  beforeAll(() => {
    dataDir = join(root, 'life');
  });

  test('asking creates nothing', async () => {
    expect(await findEmbedded({ dataDir })).toBeNull();
    expect(await stopEmbedded({ dataDir })).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('two commands at once from nothing: one database, one server, both get it, and it outlives them', async () => {
    const [a, b] = await Promise.all([ensureInChild(dataDir), ensureInChild(dataDir)]);
    url = a.url;
    expect(b.url).toBe(url);
    expect([a.created, b.created].sort()).toEqual([false, true]);
    expect([a.started, b.started].sort()).toEqual([false, true]);
    await runAdminStatement(url, 'create table kept as select 1 as x');
    expect(readdirSync(dataDir).filter((name) => name.startsWith('new-'))).toEqual([]);
  });

  test('the next command attaches to it', async () => {
    expect(await ensureEmbedded({ dataDir })).toEqual({ url, started: false, created: false });
    expect(await findEmbedded({ dataDir })).toEqual({ url, running: true });
  });

  test('UTF-8, code point order, UTC; only on 127.0.0.1; only with the password; page images in the WAL compressed', async () => {
    const settings = [
      'server_encoding',
      'timezone',
      'listen_addresses',
      'unix_socket_directories',
      'wal_compression',
    ];
    const list = settings.map((name) => `current_setting('${name}')`).join(', ');
    expect(await runAdminStatement(url, `select ${list}`)).toEqual([
      ['UTF8', 'UTC', '127.0.0.1', '', 'pglz'],
    ]);
    expect(await runAdminStatement(url, `select 'Z' < 'a', 'z' < 'ä', lower('Ä')`)).toEqual([
      [true, true, 'ä'],
    ]);
    const wrong = url.replace(/:[^:@]+@/, ':wrong@');
    await expect(runAdminStatement(wrong, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('password, port and log are readable by us only; the programs are a copy with its library links', () => {
    const paths = embeddedPaths(dataDir);
    for (const file of [paths.password, paths.port, paths.log])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(paths.data).mode & 0o777).toBe(0o700);
    expect(readFileSync(paths.password, 'utf8')).toHaveLength(32);
    const copy = readdirSync(dataDir).find((name) => name.startsWith('postgresql-')) ?? '';
    if (process.platform === 'linux')
      expect(lstatSync(join(dataDir, copy, 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true);
  });

  test('after kill -9 of the server the next command starts it again, with the data and the URL', async () => {
    const killed = pidOf(dataDir);
    process.kill(killed, 'SIGKILL');
    expect(await ensureInChild(dataDir)).toEqual({ url, started: true, created: false });
    expect(pidOf(dataDir)).not.toBe(killed);
    expect(await runAdminStatement(url, 'select x from kept')).toEqual([[1]]);
  });

  test('stopped: it is known, not running, and a second stop has nothing to do', async () => {
    expect(await stopEmbedded({ dataDir })).toBe(true);
    expect(await stopEmbedded({ dataDir })).toBe(false);
    expect(await findEmbedded({ dataDir })).toEqual({ url, running: false });
  });

  test('a stale postmaster.pid whose number another process of that user has by now is not in the way', async () => {
    const { data } = embeddedPaths(dataDir);
    const { uid, gid } = statSync(data);
    const other = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...(isRoot && { uid, gid }) });
    const stale = `${other.pid}\n${data}\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n`;
    writeFileSync(join(data, 'postmaster.pid'), stale);
    if (isRoot) chownSync(join(data, 'postmaster.pid'), uid, gid);
    expect(await findEmbedded({ dataDir })).toMatchObject({ running: false });
    expect(await stopEmbedded({ dataDir })).toBe(false);
    expect(await ensureEmbedded({ dataDir })).toMatchObject({ started: true });
    expect(other.exitCode ?? other.signalCode).toBeNull();
    other.kill('SIGKILL');
    await stopEmbedded({ dataDir });
  });

  test('two commands at once on a stopped server: one starts it, both get it', async () => {
    const servers = await Promise.all([ensureInChild(dataDir), ensureEmbedded({ dataDir })]);
    expect(servers.map((server) => server.url)).toEqual([url, url]);
    expect(servers.filter((server) => server.started)).toHaveLength(1);
    await stopEmbedded({ dataDir });
  });

  test('when somebody else has taken the port meanwhile, another one is used', async () => {
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(Number(new URL(url).port), '127.0.0.1', done));
    const moved = await ensureEmbedded({ dataDir });
    squatter.close();
    expect(moved.started).toBe(true);
    expect(moved.url).not.toBe(url);
    await stopEmbedded({ dataDir });
  });

  test('a server that cannot start is an error with its words, at once', async () => {
    await expect(ensureEmbedded({ dataDir, settings: { no_such_setting: '1' } })).rejects.toThrow(
      /does not start: .*no_such_setting/,
    );
  });

  test('a database of another PostgreSQL version is refused with the commands to type, and left as it is', async () => {
    const file = join(embeddedPaths(dataDir).data, 'PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '12\n');
    const before = readdirSync(dataDir).sort();
    const error = await ensureEmbedded({ dataDir }).catch((caught: Error) => caught.message);
    expect(error).toMatch(
      /made by PostgreSQL 12, this barwright has \d+, and nothing was changed: .*"barwright db backup DIR --embedded"/,
    );
    expect(error).toContain('"barwright db restore DIR --embedded --data-dir NEW"');
    expect(readdirSync(dataDir).sort()).toEqual(before);
    writeFileSync(file, version);
  });
});

test('what a killed first start left behind is removed by the next', async () => {
  const dataDir = join(root, 'leftover');
  mkdirSync(join(dataDir, 'new-999999999-cluster', 'data'), { recursive: true });
  chmodSync(dataDir, 0o755);
  expect(await ensureInChild(dataDir)).toMatchObject({ created: true, started: true });
  expect(readdirSync(dataDir).filter((name) => name.startsWith('new-'))).toEqual([]);
  await stopEmbedded({ dataDir });
});

if (isRoot) {
  test('as root the server is another user, and a folder that this user may not enter is named', async () => {
    const closed = mkdtempSync(join(root, 'closed-'));
    const dataDir = join(closed, 'below');
    await expect(ensureEmbedded({ dataDir })).rejects.toThrow(
      /runs as user .*, who may not enter .*--data-dir/,
    );
    expect(existsSync(embeddedPaths(dataDir).cluster)).toBe(false);
  });

  test('an ordinary user has a server too, below the home directory, and root attaches to it', async () => {
    const home = join(root, 'home');
    mkdirSync(home);
    chownSync(home, NOBODY, NOBODY);
    const env = { HOME: home, PATH: process.env.PATH ?? '', SECRET: 'postgresql://u:canary@h/d' };
    const created = await ensureInChild(null, { uid: NOBODY, gid: NOBODY, env });
    const dataDir = join(home, '.local/share/barwright');
    expect(created).toMatchObject({ created: true, started: true });
    expect(statSync(dataDir)).toMatchObject({ uid: NOBODY });
    const pid = pidOf(dataDir);
    expect(statSync(`/proc/${pid}`).uid).toBe(NOBODY);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('canary');
    expect(await ensureEmbedded({ dataDir })).toEqual({ url: created.url, started: false, created: false });
    // To start and stop it there root would have to trust the user, who could make the files in it lead elsewhere.
    await expect(stopEmbedded({ dataDir })).rejects.toThrow(/belongs to another user \(id 65534\)/);
    vi.stubEnv('BARWRIGHT_TRUSTED_OWNERS', String(NOBODY));
    expect(await stopEmbedded({ dataDir })).toBe(true);
    // Started by root, the server is still its owner's, who can continue to use it.
    expect(await ensureEmbedded({ dataDir })).toMatchObject({ started: true });
    expect(statSync(`/proc/${pidOf(dataDir)}`).uid).toBe(NOBODY);
    expect(await ensureInChild(null, { uid: NOBODY, gid: NOBODY, env })).toMatchObject({ started: false });
    await stopEmbedded({ dataDir });
    vi.unstubAllEnvs();
  });
} else note('[INFO] left out: tests that need to be root');
