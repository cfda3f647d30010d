import { readFileSync } from 'node:fs';
import { PACKAGE_JSON } from '../../storage/places.js';

/** barwright's version, from its package. */
export const VERSION: string = JSON.parse(readFileSync(PACKAGE_JSON, 'utf8')).version;
