import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../domain/text/errors.js';
import { boundLine } from '../../../domain/text/printable.js';

/** What files of prices are called. Text files are not among them: most are about prices. */
const PRICE_FILE = /^[^.].*\.(?:(?:csv|tsv|json|ndjson|jsonl|parquet|feather|arrow|arrows)(?:\.gz)?|zip)$/i;

const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const LONGEST_PATH = 4096;

function isPriceFile(name: string): boolean {
  return PRICE_FILE.test(name) && !CONTROL.test(name);
}

/** A file of a folder, as it is at this moment. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** What was meant by names of files and folders. */
export interface PriceFiles {
  readonly paths: readonly string[];
  /** Files of the folders that are not called as price files are, or with control characters, hidden ones aside: they are not read, and that is said. */
  readonly passedOver: readonly string[];
}

/**
 * The files that are meant by what was named: a folder stands for its price files (not those of folders in it, not
 * hidden ones), the one that was written longest ago first, by name where that is equal: the last file wins, and the
 * newest knows best. Anything else stands for itself. Throws UsageError for a folder without such files or one that
 * cannot be read.
 */
export async function listPriceFiles(named: readonly string[]): Promise<PriceFiles> {
  const lists = await Promise.all(
    named.map(async (path) =>
      (await isDirectory(path)) ? listFolder(path) : { paths: [path], passedOver: [] },
    ),
  );
  for (const path of named) refuseControls(path);
  return {
    paths: lists.flatMap(({ paths }) => paths),
    passedOver: lists.flatMap(({ passedOver }) => passedOver),
  };
}

/** Such a name would end a line of the output and begin one of its own, in logs and alerts too. */
function refuseControls(path: string): void {
  if (CONTROL.test(path))
    throw new UsageError(
      `the name ${JSON.stringify(boundLine(path, LONGEST_PATH))} has control characters in it: rename the file or folder`,
    );
}

/** False for what is not there: reading it says so, by its name. */
async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function listFolder(folder: string): Promise<PriceFiles> {
  const files = await findPriceFiles(folder);
  const passedOver = await listOthers(folder);
  if (files.length === 0) {
    const other = passedOver[0] === undefined ? '' : `; name a file to load it, such as ${passedOver[0]}`;
    throw new UsageError(
      `there is no price file in the folder ${folder}: expected *.csv, *.json, *.parquet or another kind of docs/reference/file-formats.md${other}`,
    );
  }
  return { paths: files.map(({ path }) => path), passedOver };
}

async function listOthers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && !isPriceFile(entry.name))
    .map(({ name }) => boundLine(join(folder, name), LONGEST_PATH))
    .sort();
}

/** The price files of a folder, none or more, in the order of listPriceFiles. Throws UsageError when it cannot be read. */
export async function findPriceFiles(folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UsageError(`cannot read the folder ${folder}: ${reasonOf(error)}`, { cause: error });
  });
  const found = await Promise.all(names.filter(isPriceFile).map((name) => describeFile(join(folder, name))));
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
