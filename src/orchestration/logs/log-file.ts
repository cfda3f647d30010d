import { appendFileSync, closeSync, constants, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../storage/settings/folder.js';
import {
  findPrivateFolder,
  openPrivateFolder,
  type PrivateFolder,
} from '../../storage/settings/private-folder.js';

/** Logs and alert state of a working directory. */
export const LOG_DIRECTORY = '.logs';
const KEPT_DAYS = 30;
/** As many stay whatever this machine's clock says: one that is ahead makes all of them look old. */
const KEPT_FILES = 30;
const NAME = /^refresh-(\d{4}-\d{2}-\d{2})\.log$/;
const DAY_MS = 86_400_000;

/** The log file of a run that begins now: one a UTC day, and a run stays whole in the file of the day it began. */
export function logFileOf(now: Date): string {
  return join(LOG_DIRECTORY, `refresh-${now.toISOString().slice(0, 10)}.log`);
}

/**
 * Deletes our logs of days that are more than 30 days ago, but for the newest 30; other files, and a folder that is not
 * there or not ours, are left alone. Returns the names.
 */
export function deleteOldLogs(directory: string, now: Date): string[] {
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  let folder: PrivateFolder | null = null;
  try {
    folder = findPrivateFolder(directory);
    const names = folder === null ? [] : readdirSync(folder.at('.')).filter((name) => NAME.test(name));
    // Their names are in the order of their days.
    const surplus = names.sort().slice(0, -KEPT_FILES);
    return surplus.filter((name) => {
      const day = NAME.exec(name)?.[1];
      return day !== undefined && day < oldest && folder !== null && isDeleted(folder.at(name));
    });
  } catch {
    // Opening the log says why.
    return [];
  } finally {
    folder?.close();
  }
}

function isDeleted(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    // It is no file, or belongs to somebody else: not worth a word, it only takes room.
    return false;
  }
}

export interface LineFile {
  /** Appends a line and returns when the system has it: a crash a moment later loses nothing. Throws when it cannot. */
  append(line: string): void;
  close(): void;
}

/**
 * Opens a file to append lines to, with the folders above it. `isPrivate`: its name is our choice, so it must be a file of ours
 * in a folder of ours. Throws when that is not possible.
 */
export function openLineFile(path: string, { isPrivate }: { isPrivate: boolean }): LineFile {
  const descriptor = isPrivate ? openPrivate(path) : openNamed(path);
  let isTorn = false;
  return {
    append(line) {
      // A line of which only a part was written (disk full) must not swallow the next one.
      const text = isTorn ? `\n${line}` : line;
      isTorn = true;
      appendFileSync(descriptor, text);
      isTorn = false;
    },
    close: () => closeSync(descriptor),
  };
}

// Non-blocking: opening a named pipe without a reader would wait for ever.
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

function openPrivate(path: string): number {
  const folder = openPrivateFolder(dirname(path));
  try {
    return folder.open(basename(path), APPEND);
  } finally {
    folder.close();
  }
}

function openNamed(path: string): number {
  makeFolder(dirname(path));
  return openSync(path, APPEND, 0o666);
}
