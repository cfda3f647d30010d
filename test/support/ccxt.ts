/** Where ccxt is, which is no dependency (see src/components/ingest/remote/load-ccxt.ts). */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { note } from './note.js';

const FOLDER = process.env.BARWRIGHT_CCXT ?? resolve(import.meta.dirname, '../..');

/** The folder of the package, or one with it in its node_modules; null where it is not installed, and that is said. */
export const CCXT = findCcxt();

function findCcxt(): string | null {
  try {
    createRequire(join(FOLDER, 'package.json')).resolve('ccxt');
    note('[INFO] ccxt: used');
    return FOLDER;
  } catch {
    note(
      '[INFO] left out: tests of ingest --exchange with ccxt ("npm install --ignore-scripts --prefix DIR ccxt@4.5.84", then BARWRIGHT_CCXT=DIR)',
    );
    return null;
  }
}
