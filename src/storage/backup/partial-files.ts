/** What is written beside its place and renamed when it is whole: names that say whose it is, and what killed commands left. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../embedded/process.js';

const PART = /^\..+\.([0-9a-f]{8})-([0-9]+)\.part$/;

/** Where a file or folder of this path is written until it is whole. */
export function partOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${placeOfIds()}-${process.pid}.part`);
}

/**
 * Removes the parts in a folder whose commands have ended. Only of this machine, where a process id that is free proves
 * it: a folder may be shared with others.
 */
export async function deleteLeftParts(folder: string): Promise<string[]> {
  const place = placeOfIds();
  const left = listNames(folder).filter((name) => {
    const [, whose, pid] = PART.exec(name) ?? [];
    return whose === place && pid !== undefined && !isAlive(Number(pid));
  });
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  return left;
}

/** Eight hex digits for the machine, and the space on it, in which process ids are given. */
function placeOfIds(): string {
  const facts = [
    hostname(),
    tryRead(() => readFileSync('/etc/machine-id', 'utf8')),
    tryRead(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return createHash('sha256').update(facts.join('\0')).digest('hex').slice(0, 8);
}

function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
