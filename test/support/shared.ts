/** Files that live beside the checkout, not in it: real prices and golden values. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { note } from './note.js';

const DIRECTORY = process.env.BARWRIGHT_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/** Path of `name` (such as `data/btcusd.csv`) under BARWRIGHT_SHARED or ../shared; null, and said, when it is not there. */
export function sharedFile(name: string): string | null {
  const path = resolve(DIRECTORY, name);
  if (existsSync(path)) {
    note('[INFO] shared data: used');
    return path;
  }
  note(
    `[INFO] left out: tests with shared data (no ${name} in ../shared; BARWRIGHT_SHARED names another folder)`,
  );
  return null;
}
