/** The npm package: made by npm as a publisher would make it, and installed from its tarball into an empty folder. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from './cli.js';

const ROOT = resolve(import.meta.dirname, '../..');
const NPM_TIMEOUT_MS = 300_000;
const TARBALL = 'barwright.tgz';

export interface PackedFile {
  path: string;
  size: number;
}

/** What `npm pack` made. */
export interface Packed {
  /** The tarball. */
  file: string;
  /** Bytes: as it is sent, and when it is unpacked. */
  size: number;
  unpackedSize: number;
  files: PackedFile[];
}

interface Manifest {
  version: string;
  license: string;
  dependencies: Record<string, string>;
  bin: Record<string, string>;
  engines: Record<string, string>;
}

interface LockEntry {
  dev?: boolean;
  devOptional?: boolean;
}

/** A new folder that is empty. `remove` takes it away again. */
export function makeFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-package-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Packs the checkout into `folder`; dist was built before the tests began. */
export async function packProject(folder: string): Promise<Packed> {
  const args = ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(await runNpm(args, ROOT)) as (Omit<Packed, 'file'> & { filename: string })[];
  if (packed === undefined) throw new Error('npm pack made nothing');
  const { filename, size, unpackedSize, files } = packed;
  return { file: join(folder, filename), size, unpackedSize, files };
}

/**
 * Installs the tarball into `folder`, which is empty, with the versions of the checkout's lock file: what npm kept when it
 * installed the checkout is used again, so no network is needed. No script of any package runs.
 */
export async function installPackage(tarball: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  copyFileSync(tarball, join(folder, TARBALL));
  const { version, license, dependencies, bin, engines } = readJson<Manifest>('package.json');
  const locked = readJson<{ packages: Record<string, LockEntry> }>('package-lock.json').packages;
  const resolved = `file:${TARBALL}`;
  const root = { name: 'empty', version: '1.0.0', dependencies: { barwright: resolved } };
  const needed = Object.entries(locked).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );
  const packages = {
    '': root,
    'node_modules/barwright': { version, resolved, license, dependencies, bin, engines },
    ...Object.fromEntries(needed),
  };
  const { name } = root;
  const lock = { name, version: root.version, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await runNpm(['ci', ...flags], folder);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
}

/** Under "npm test" the npm that runs it; else the one of the PATH. */
async function runNpm(args: readonly string[], cwd: string): Promise<string> {
  const { npm_execpath: path } = process.env;
  const [program, ...before] = path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm'];
  const env = Object.entries(cleanEnvironment()).filter(([name]) => !/^npm_(config|package)_/i.test(name));
  const run = await promisify(execFile)(program as string, [...before, ...args], {
    ...{ cwd, env: Object.fromEntries(env), timeout: NPM_TIMEOUT_MS, maxBuffer: 64e6 },
  });
  return run.stdout;
}
