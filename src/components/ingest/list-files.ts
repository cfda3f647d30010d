import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../domain/errors.js';

const PRICE_FILE = /^[^.].*\.(?:csv|json)$/i;

/** A file of a folder, as it is at this moment. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * The files that are meant by what was named: a folder stands for its *.csv and *.json (not those of folders in it, not
 * hidden ones), the one that was written longest ago first, by name where that is equal: the last file wins, and the
 * newest knows best. Anything else stands for itself. Throws UsageError for a folder without such files or one that
 * cannot be read.
 */
export async function listPriceFiles(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => ((await isDirectory(path)) ? listFolder(path) : [path])),
  );
  return lists.flat();
}

/** False for what is not there: reading it says so, by its name. */
async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function listFolder(folder: string): Promise<string[]> {
  const files = await findPriceFiles(folder);
  if (files.length === 0)
    throw new UsageError(`there is no *.csv or *.json file in the folder ${folder}: expected price files`);
  return files.map(({ path }) => path);
}

/** The price files of a folder, none or more, in the order of listPriceFiles. Throws UsageError when it cannot be read. */
export async function findPriceFiles(folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UsageError(`cannot read the folder ${folder}: ${reasonOf(error)}`, { cause: error });
  });
  const found = await Promise.all(
    names.filter((name) => PRICE_FILE.test(name)).map((name) => describeFile(join(folder, name))),
  );
  return found
    .filter((file) => file !== null)
    .toSorted((a, b) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1));
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it is not there';
  return code === 'ENOTDIR' ? 'it is not a folder' : 'this user may not list it';
}

/** null for a folder that only looks like a file; what cannot be looked at is kept, so that it is reported. */
async function describeFile(path: string): Promise<FoundFile | null> {
  return stat(path).then(
    (file) => (file.isDirectory() ? null : { path, bytes: file.size, modifiedMs: file.mtimeMs }),
    () => ({ path, bytes: 0, modifiedMs: 0 }),
  );
}
