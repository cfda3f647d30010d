import { setTimeout as sleep } from 'node:timers/promises';
import { findMajorVersion, writeBinaries } from './binaries.js';
import { checkMajorVersion, deleteLeftovers, hasCluster, writeCluster } from './cluster.js';
import { checkOwnRoot, embeddedPaths, isRoot, writeRootDirectory } from './paths.js';
import { readPort } from './port.js';
import { embeddedUrl, findAnsweringServer, waitForServer } from './postmaster.js';
import { startServer, stopServer } from './server.js';

export interface EmbeddedOptions {
  /** null: /var/lib/barwright as root, else ~/.local/share/barwright. */
  dataDir: string | null;
}

export interface EnsureOptions extends EmbeddedOptions {
  /** PostgreSQL settings of a server that this call starts, such as `{ fsync: 'off' }` for a test. */
  settings?: Readonly<Record<string, string>>;
}

export interface EnsuredServer {
  url: string;
  /** This call started the server. */
  started: boolean;
  /** This call made the database. */
  created: boolean;
}

/** The time in which a server killed a moment ago may still be in the way of its successor. */
const RETRY_MS = 15_000;
const RETRY_PAUSE_MS = 250;

/**
 * barwright's own PostgreSQL: attaches to the running server, else starts it, else makes it first. The server is left
 * running. Any number of commands may call this at once. Every wait is bounded: 15 s for a server that does not start,
 * two minutes for one that is in crash recovery.
 */
export async function ensureEmbedded(options: EnsureOptions): Promise<EnsuredServer> {
  const known = embeddedPaths(options.dataDir);
  // Root may use the server of another user that runs, and starts none in the folder of another.
  if (!isRoot()) checkOwnRoot(known);
  if (hasCluster(known)) {
    const running = await waitForServer(known);
    if (running !== null) return { url: running.url, started: false, created: false };
  }
  checkOwnRoot(known);
  // Before anything is touched: the programs of the other version are still needed.
  checkMajorVersion(known, findMajorVersion());
  await writeRootDirectory(known.root);
  const paths = embeddedPaths(options.dataDir);
  const settings = options.settings ?? {};
  await deleteLeftovers(paths.root);
  const binaries = await writeBinaries(paths.root);
  const created = await writeCluster(paths, binaries, { isDurable: settings.fsync !== 'off' });
  const deadline = performance.now() + RETRY_MS;
  for (;;) {
    const server = await startServer(paths, binaries, settings);
    if (server !== null) return { url: server.url, started: server.isOurs, created };
    if (performance.now() > deadline) break;
    await sleep(RETRY_PAUSE_MS);
  }
  throw new Error(
    `the embedded server in ${paths.cluster} does not start, another is in its way: see ${paths.log}`,
  );
}

/** The embedded server, if there is one, and whether it runs. Creates and starts nothing: a dry run may ask. */
export async function findEmbedded(
  options: EmbeddedOptions,
): Promise<{ url: string; running: boolean } | null> {
  const paths = embeddedPaths(options.dataDir);
  if (!isRoot()) checkOwnRoot(paths);
  if (!hasCluster(paths)) return null;
  const server = await findAnsweringServer(paths);
  if (server !== null) return { url: server.url, running: true };
  return { url: embeddedUrl(paths, (await readPort(paths)) ?? 0), running: false };
}

/** Stops the embedded server; false when there was none running. Connections are ended, transactions rolled back. */
export async function stopEmbedded(options: EmbeddedOptions): Promise<boolean> {
  const paths = embeddedPaths(options.dataDir);
  checkOwnRoot(paths);
  return hasCluster(paths) ? stopServer(paths) : false;
}
