import { mkdirSync, realpathSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

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
  const first = mkdirSync(root, { recursive: true, mode });
  if (first === undefined) return;
  for (let dir = root; ; dir = dirname(dir)) {
    await chmod(dir, mode);
    if (dir === first || dir === dirname(dir)) return;
  }
}
