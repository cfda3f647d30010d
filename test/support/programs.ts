/** Programs of the machine that some tests need, and that need not be there. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const MORE_PLACES = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Path of a program in PATH, or where Debian puts servers; null when it is not there. */
export function findProgram(name: string): string | null {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...MORE_PLACES];
  return places.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null;
}
