import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether the module of this URL is the program that Node was started with; a bin link counts, and the .cjs beside it. */
export function isMain(moduleUrl: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started).replace(/\.cjs$/, '.js') === fileURLToPath(moduleUrl);
}
