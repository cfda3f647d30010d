/**
 * Files of this package. They are looked for from here only: bundled into dist/program, a module lies as deep as this
 * one does in src/storage, whatever folder it comes from.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program itself, to be run as another process. */
export const PROGRAM = fileURLToPath(new URL('../cli/bin.js', import.meta.url));

/** What starts the program in a checkout; an installed package has no such file. */
export const CHECKOUT_STARTER = new URL('../../tools/barwright.mjs', import.meta.url);

/** Name and version are in it. */
export const PACKAGE_JSON = new URL('../../package.json', import.meta.url);

/** Where Vite puts the page of the dashboard. */
export const PAGE_FOLDER = fileURLToPath(new URL('../web/assets/', import.meta.url));

/** The migrations. */
export const SQL_FOLDER = fileURLToPath(new URL('../../sql/', import.meta.url));

/** What runs an indicator of the user's own, and what watches over it: each is started as a thread. */
export const MODULE_THREADS = {
  run: fileURLToPath(
    new URL(`../storage/own-indicators/run-module${extname(import.meta.url)}`, import.meta.url),
  ),
  supervise: fileURLToPath(
    new URL(`../storage/own-indicators/supervise${extname(import.meta.url)}`, import.meta.url),
  ),
} as const;
