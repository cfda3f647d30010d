/** The one place that makes folders for ourselves alone: logs, the memory of alerts, compiled code. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './folder.js';
import { findStranger, isOurs } from './owners.js';

const PRIVATE = 0o700;
const PERMISSIONS = 0o7777;
const NEW_FILE = 0o600;
/** Where an open folder can be named by its descriptor, which no rename changes. */
const DESCRIPTORS = '/proc/self/fd';

export interface PrivateFolder {
  /** As it was named. */
  readonly path: string;
  /** A path of this name in the folder that was checked, whatever its own path leads to by now. */
  at(name: string): string;
  /**
   * Opens a file in it, with flags of `fs.constants`; never through a link, and never waiting for a pipe. Throws when it
   * is not a file of ours. The caller closes it.
   */
  open(name: string, flags: number): number;
  close(): void;
}

/**
 * Opens a folder that is ours and that no other user may enter, and makes it when it is not there (the one above must be).
 * One of ours that was open to others is closed to them. Throws for a link, and for a folder of another user.
 */
export function openPrivateFolder(path: string): PrivateFolder {
  try {
    mkdirSync(path, PRIVATE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return openFolder(path);
}

/** The same, without making it; null: it is not there. */
export function findPrivateFolder(path: string): PrivateFolder | null {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : openFolder(path);
}

/**
 * Makes a private folder whose path no other user can redirect, for what is opened by its name later on. null:
 * there is no such place, for whatever reason.
 */
export function makePrivatePath(path: string): string | null {
  try {
    // Before anything is made there: as root we would make it in the folders of others.
    if (findStranger(path) !== null) return null;
    makeFolder(dirname(path), PRIVATE);
    openPrivateFolder(path).close();
    return findStranger(path) === null ? path : null;
  } catch {
    return null;
  }
}

function openFolder(path: string): PrivateFolder {
  if (lstatSync(path).isSymbolicLink()) throw new Error(`${path} is a symbolic link, which is not followed`);
  const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY, O_NONBLOCK = 0 } = constants;
  const descriptor = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    checkOwn(path, stats);
    if (process.getuid !== undefined && (stats.mode & PERMISSIONS) !== PRIVATE)
      fchmodSync(descriptor, PRIVATE);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const at = (name: string) =>
    existsSync(`${DESCRIPTORS}/${descriptor}/.`) ? `${DESCRIPTORS}/${descriptor}/${name}` : join(path, name);
  return {
    path,
    at,
    open: (name, flags) => openOwnFile(at(name), { shown: join(path, name), flags }),
    close: () => closeSync(descriptor),
  };
}

function openOwnFile(path: string, { shown, flags }: { shown: string; flags: number }): number {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error(`${shown} is a symbolic link, which is not followed`);
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const descriptor = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, NEW_FILE);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`${shown} is not a file`);
    checkOwn(shown, stats);
    if (stats.nlink > 1) throw new Error(`${shown} has another name elsewhere (a hard link)`);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Root's is not ours here: what root has made for itself another user does not write to. */
function checkOwn(shown: string, { uid }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined || uid === own) return;
  const whose = isOurs(uid) ? 'root' : `another user (id ${uid})`;
  throw new Error(`${shown} belongs to ${whose}: it must belong to this user (id ${own})`);
}
