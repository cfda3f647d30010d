import { lstatSync, realpathSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../domain/text/errors.js';
import { makeFolder } from '../settings/folder.js';
import { isTrusted, isWritableByOthers, TRUSTED_OWNERS } from '../settings/owners.js';

/** Where an embedded server keeps its things. `cluster` appears whole, by a rename, or not at all. */
export interface EmbeddedPaths {
  root: string;
  cluster: string;
  /** PostgreSQL's own data directory. */
  data: string;
  /** The superuser's password, readable by whom the command runs as only. */
  password: string;
  /** The port last used: a preference, the truth is in postmaster.pid. */
  port: string;
  log: string;
}

/** Do we run as root? (Never on Windows.) */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** /var/lib/barwright as root (the server runs as another user, who cannot enter /root), else ~/.local/share/barwright. */
function defaultDataDir(): string {
  return isRoot() ? '/var/lib/barwright' : join(homedir(), '.local', 'share', 'barwright');
}

/** Paths under `dataDir` (null: the default). Creates nothing. Symlinks are resolved, so that one server has one name. */
export function embeddedPaths(dataDir: string | null): EmbeddedPaths {
  const root = realPath(resolve(dataDir ?? defaultDataDir()));
  return { root, ...clusterPaths(join(root, 'cluster')) };
}

/**
 * Throws UsageError when the folder is another user's, or others may replace what lies in it: programs are run from there,
 * passwords are read, and as root files are written that a link could lead elsewhere.
 */
export function checkOwnRoot({ root }: Pick<EmbeddedPaths, 'root'>): void {
  const stats = lstatSync(root, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const place = `the folder of the embedded server, ${root},`;
  if (!isTrusted(stats.uid))
    throw new UsageError(
      `${place} belongs to another user (id ${stats.uid}): name a folder of your own with --data-dir, let that user start ` +
        `the server, or trust that user with ${TRUSTED_OWNERS}=${stats.uid}`,
    );
  if (stats.isDirectory() && isWritableByOthers(stats))
    throw new UsageError(
      `${place} can be written by other users, whose programs would run: run "chmod go-w" on it, or name a folder in it with --data-dir`,
    );
}

/** The files of a cluster, also of one that is still being made under another name. */
export function clusterPaths(cluster: string): Omit<EmbeddedPaths, 'root'> {
  return {
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    port: join(cluster, 'port'),
    log: join(cluster, 'server.log'),
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Creates `root`. As root every user may enter it, whatever the umask: the server's user must. */
export async function writeRootDirectory(root: string): Promise<void> {
  const mode = isRoot() ? 0o755 : 0o700;
  const first = makeFolder(root, mode);
  if (first === null) return;
  for (let dir = root; ; dir = dirname(dir)) {
    await chmod(dir, mode);
    if (dir === first || dir === dirname(dir)) return;
  }
}
