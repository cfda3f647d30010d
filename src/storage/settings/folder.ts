import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, all with this mode; returns the topmost that it made, null where all are there.
 * Throws when that is not possible. (Node's own recursive mkdir never comes back where the system answers ENOENT to
 * making a folder in one that is there, as /proc does.)
 */
export function makeFolder(path: string, mode?: number): string | null {
  const state = tryFolder(path, mode);
  if (state !== 'no parent') return state === 'made' ? path : null;
  const first = makeFolder(dirname(path), mode);
  mkdirSync(path, { mode });
  return first ?? path;
}

function tryFolder(path: string, mode: number | undefined): 'made' | 'there' | 'no parent' {
  try {
    mkdirSync(path, { mode });
    return 'made';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return 'there';
    if (code === 'ENOENT' && dirname(path) !== path) return 'no parent';
    throw error;
  }
}

/** Whether a path is a device, a pipe or the like: such a thing is written to, never replaced by a file. */
export function isSpecialFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}
