// Makes a fresh checkout runnable: installs, builds, finds Node. Plain Node >= 20, nothing installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const BIN = join(ROOT, 'dist/cli/bin.js');

const MODULES = join(ROOT, 'node_modules');
const LOCAL_NODE = join(MODULES, '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
const PAGE = join(ROOT, 'src/web/page');
const PAGE_BUILT = join(ROOT, 'dist/web/assets');
const STAMPS = join(MODULES, '.cache', 'barwright');
const INSTALL_TIMEOUT_MS = 900_000;
const BUILD_TIMEOUT_MS = 300_000;
const LOCK_TIMEOUT_MS = INSTALL_TIMEOUT_MS + BUILD_TIMEOUT_MS;
const LOCK_PAUSE_MS = 200;
const FILE_CLOCK_MS = 100;
const MIN_TOOL_NODE = 20;
const MIN_NODE = [22, 12];

/** What a person must read instead of a stack. */
class BootstrapError extends Error {}

/**
 * Installs what the lock file says and builds `dist`, each only when it has to. Returns the Node to run the program
 * with: the package's own, whatever Node runs this. What npm and tsc print goes to standard error.
 */
export async function bootstrap({ log }) {
  if (Number.parseInt(process.versions.node, 10) < MIN_TOOL_NODE)
    throw new BootstrapError(
      `barwright needs Node ${MIN_TOOL_NODE} or newer to begin with, this is ${process.version}`,
    );
  const wanted = { install: installStamp(), build: buildStamp(), page: pageStamp() };
  if (!isInstalled(wanted.install) || !isBuilt(wanted.build) || !isPageBuilt(wanted.page)) {
    const unlock = await lock(log);
    try {
      if (!isInstalled(wanted.install)) install(wanted.install, log);
      if (!isBuilt(wanted.build)) build(wanted.build, log);
      if (!isPageBuilt(wanted.page)) buildPage(wanted.page, log);
    } finally {
      unlock();
    }
  }
  return { node: findNode() };
}

/** Environment in which `node`, and every tool that asks for it, is the package's own. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

function findNode() {
  try {
    accessSync(LOCAL_NODE, constants.X_OK);
    return LOCAL_NODE;
  } catch {
    // npm ran with --ignore-scripts: the package has no program then.
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return process.execPath;
  throw new BootstrapError(
    `barwright needs Node ${MIN_NODE.join('.')} or newer, this is ${process.version}, and node_modules has none: ` +
      'run "npm ci" without --ignore-scripts, or take a newer Node',
  );
}

function installStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  return hash.update(readFileSync(join(ROOT, 'package-lock.json'))).digest('hex');
}

function buildStamp() {
  const files = sourceFiles(join(ROOT, 'src')).filter((file) => !file.startsWith(PAGE));
  return stampOf([
    ...files,
    'tsconfig.json',
    'tsconfig.build.json',
    'vite-program.config.ts',
    'package-lock.json',
  ]);
}

function pageStamp() {
  return stampOf([...sourceFiles(PAGE), 'vite.config.ts', 'package-lock.json']);
}

function stampOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.map((path) => relative(ROOT, resolve(ROOT, path))).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  return hash.digest('hex');
}

function sourceFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.([cm]?tsx?|css|html|svg)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** By us, or by hand: then npm's own record is newer than the lock file. */
function isInstalled(stamp) {
  if (!existsSync(MODULES)) return false;
  // A link leads to the packages of another checkout, which npm ci would take away.
  if (lstatSync(MODULES).isSymbolicLink()) return true;
  const record = join(MODULES, '.package-lock.json');
  const isNewer =
    existsSync(record) && statSync(record).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
  return isNewer || readStamp('install') === stamp;
}

function isBuilt(stamp) {
  return readStamp('build') === stamp && existsSync(BIN);
}

function isPageBuilt(stamp) {
  return readStamp('page') === stamp && existsSync(join(PAGE_BUILT, 'index.html'));
}

function readStamp(name) {
  const file = join(STAMPS, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function writeStamp(name, stamp) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(join(STAMPS, name), stamp);
}

function install(stamp, log) {
  log('[INFO] installing the packages of package-lock.json (npm ci) ...');
  // Under "npm start" this is the npm that runs us; a plain "node tools/start.mjs" takes the one of the PATH.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  // --include: neither NODE_ENV=production nor a configured omit may leave out what a build needs.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  runOrThrow([...npm, ...args], { timeoutMs: INSTALL_TIMEOUT_MS, what: 'npm ci' });
  writeStamp('install', stamp);
}

function build(stamp, log) {
  log('[INFO] building the library (tsc) and the program (vite) ...');
  // The clock of files is coarser than ours.
  const startedMs = Date.now() - FILE_CLOCK_MS;
  const tsc = join(MODULES, 'typescript/bin/tsc');
  runOrThrow([findNode(), tsc, '-p', 'tsconfig.build.json'], { timeoutMs: BUILD_TIMEOUT_MS, what: 'tsc' });
  runVite(['--config', 'vite-program.config.ts']);
  deleteOrphans(join(ROOT, 'dist'), startedMs);
  writeStamp('build', stamp);
}

function buildPage(stamp, log) {
  log('[INFO] building the page of the dashboard (vite) ...');
  runVite([]);
  writeStamp('page', stamp);
}

function runVite(args) {
  const vite = [join(MODULES, 'vite/bin/vite.js'), 'build', '--logLevel', 'warn'];
  runOrThrow([findNode(), ...vite, ...args], { timeoutMs: BUILD_TIMEOUT_MS, what: 'vite build' });
}

function runOrThrow([program, ...args], { timeoutMs, what }) {
  const result = spawnSync(program, args, {
    cwd: ROOT,
    env: environment(),
    // Our standard output belongs to the program that we prepare.
    stdio: ['ignore', 2, 2],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    shell: program.endsWith('.cmd'),
  });
  if (result.error?.code === 'ETIMEDOUT')
    throw new BootstrapError(`${what} did not end within ${timeoutMs / 60_000} minutes`);
  if (result.error) throw new BootstrapError(`${what} cannot be run: ${result.error.message}`);
  if (result.status !== 0)
    throw new BootstrapError(`${what} failed (${result.status ?? result.signal}), see above`);
}

/** What this build has not written comes from a source that is gone, and must not be imported any more. */
function deleteOrphans(directory, startedMs) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (path === PAGE_BUILT) continue;
    if (entry.isDirectory()) deleteOrphans(path, startedMs);
    else if (statSync(path).mtimeMs < startedMs) rmSync(path);
  }
}

/** One installs and builds at a time in a checkout; the lock of a dead process is broken. */
async function lock(log) {
  // In the checkout itself, which only who works on it may write; a shared folder for temporary files is anybody's.
  const file = join(ROOT, '.bootstrap.lock');
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (let isFirst = true; ; isFirst = false) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isFirst) log('[INFO] waiting for another command that installs or builds here ...');
    if (!isHeld(file)) rmSync(file, { force: true });
    else if (Date.now() > deadline) throw new BootstrapError(`${file} is held for too long: remove it`);
    await sleep(LOCK_PAUSE_MS);
  }
}

function isHeld(file) {
  try {
    if (!lstatSync(file).isFile()) throw new BootstrapError(`${file} is not a file: remove it`);
    const pid = Number(readFileSync(file, 'utf8'));
    // Empty: it was made a moment ago.
    if (pid === 0) return Date.now() - statSync(file).mtimeMs < 5_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof BootstrapError) throw error;
    return error.code === 'EPERM';
  }
}

/**
 * Runs a program in our terminal, hands signals on to it, and resolves to its exit code (128 + signal when killed).
 * With a limit it is ended after that time.
 */
export function runInForeground(
  [program, ...args],
  { env = environment(), cwd = process.cwd(), timeoutMs = 0 } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env, cwd, timeout: timeoutMs });
    const handOn = (signal) => {
      // Ctrl-C in a terminal reaches the whole group: a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, handOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, handOn);
      resolve(code ?? 128 + osConstants.signals[signal]);
    });
  });
}

/** Runs a tool's main function: what a BootstrapError says is for people, anything else is a defect. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    console.error(`[FAILED] ${error.message}`);
    process.exitCode = 1;
  }
}
