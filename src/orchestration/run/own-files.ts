/** Files of indicators that a caller of the library names for one refresh. */
import { resolve } from 'node:path';
import { configuredModules, configureModules } from '../../storage/own-indicators/modules.js';

/** Does `work` with these files as the user's own indicators; left out: with those that the program was started with. */
export async function withIndicatorFiles<T>(
  files: readonly string[] | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (files === undefined) return work();
  const before = configuredModules();
  configureModules(files.map((file) => resolve(file)));
  try {
    return await work();
  } finally {
    configureModules(before);
  }
}
