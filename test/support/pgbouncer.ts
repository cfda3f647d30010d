/** A real pgbouncer in transaction mode before a server: a few connections, shared by everybody between transactions. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './processes.js';
import { runAdminStatement } from './server.js';

export interface Pooler {
  /** The URL of a database behind it; `url` is its own on the server. */
  urlOf(url: string): string;
  stop(): Promise<void>;
}

/** It refuses to be root. */
const NOBODY = 65_534;
const HOST = '127.0.0.1';

/** Starts the program on a free port, with at most `poolSize` connections to each database of the server. */
export async function startPooler(
  program: string,
  { adminUrl, poolSize }: { adminUrl: string; poolSize: number },
): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-pgbouncer-'));
  const port = await findPort();
  const server = new URL(adminUrl);
  const config = join(folder, 'pgbouncer.ini');
  writeFileSync(
    config,
    `[databases]
* = host=${server.hostname} port=${server.port} user=${server.username} password=${decodeURIComponent(server.password)}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 100
logfile = ${join(folder, 'pgbouncer.log')}
`,
    { mode: 0o600 },
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [folder, config]) chownSync(path, NOBODY, NOBODY);
  chmodSync(folder, 0o700);
  const child = spawn(program, ['-q', config], {
    cwd: '/',
    stdio: 'ignore',
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const urlOf = (url: string): string => {
    const pooled = new URL(url);
    pooled.host = `${HOST}:${port}`;
    pooled.username = 'anybody';
    pooled.password = '';
    return pooled.href;
  };
  await waitFor('an answer through pgbouncer', async () => {
    if (child.exitCode !== null)
      throw new Error(`pgbouncer has ended: ${readFileSync(join(folder, 'pgbouncer.log'), 'utf8')}`);
    return runAdminStatement(urlOf(adminUrl), 'select 1').catch(() => null);
  });
  return {
    urlOf,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() =>
        address === null || typeof address === 'string'
          ? reject(new Error('no port'))
          : resolve(address.port),
      );
    });
  });
}
