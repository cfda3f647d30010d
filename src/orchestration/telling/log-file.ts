import { appendFileSync, closeSync, constants, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './folder.js';

/** Logs and alert state of a working directory. */
export const LOG_DIRECTORY = '.logs';
const KEPT_DAYS = 30;
const NAME = /^refresh-(\d{4}-\d{2}-\d{2})\.log$/;
const DAY_MS = 86_400_000;

/** The log file of a run that begins now: one a UTC day, and a run stays whole in the file of the day it began. */
export function logFileOf(now: Date): string {
  return join(LOG_DIRECTORY, `refresh-${now.toISOString().slice(0, 10)}.log`);
}

/** Deletes our logs of days that are more than 30 days ago; other files, and a folder that is not there, are left alone. */
export function deleteOldLogs(directory: string, now: Date): string[] {
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const old = listNames(directory).filter((name) => {
    const day = NAME.exec(name)?.[1];
    return day !== undefined && day < oldest;
  });
  return old.filter((name) => isDeleted(join(directory, name)));
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
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

/** Opens a file to append lines to, with the folders above it. Throws when that is not possible. */
export function openLineFile(path: string): LineFile {
  makeFolder(dirname(path));
  // Non-blocking: opening a named pipe that nobody reads would wait for ever.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  const descriptor = openSync(path, flags, 0o666);
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
