/** Clusters of any PostgreSQL whose programs lie in a folder, made and started as an administrator does. */
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerUser, isAlive, runProgram } from '../../../src/storage/embedded/process.js';

const TIMEOUT_MS = 60_000;
const PREFIX = 'barwright-clusters-';

/** A folder of clusters; `data` names one of them. */
export interface Clusters {
  folder: string;
  /** Runs one of the programs as the servers' user. Throws with its output when it fails. */
  run(program: string, args: readonly string[]): Promise<void>;
  /** `initdb`: nobody is asked for a password. */
  make(data: string): Promise<void>;
  /** Starts one with these settings; URL of a superuser. */
  start(data: string, settings?: Readonly<Record<string, string>>): Promise<string>;
  /** Stops all that were started and removes the folder. */
  remove(): Promise<void>;
}

/** A new folder for clusters of the programs in `bin`. */
export function makeClusters(bin: (folder: string) => string): Clusters {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root the servers run as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const user = findServerUser(join(folder, 'nothing'));
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const programs = bin(folder);
  const started: string[] = [];
  const run = async (program: string, args: readonly string[]) => {
    const { code, output } = await runProgram(join(programs, program), args, { user, timeoutMs: TIMEOUT_MS });
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`);
  };
  return {
    folder,
    run,
    make: (data) =>
      run('initdb', ['-D', join(folder, data), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']),
    async start(data, settings = {}) {
      const at = join(folder, data);
      const port = await findPort();
      const options = {
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        fsync: 'off',
        ...settings,
      };
      const given = Object.entries(options).map(([name, value]) => `-c ${name}=${value}`);
      await run('pg_ctl', [
        '-D',
        at,
        '-w',
        '-l',
        `${at}.log`,
        '-o',
        [`-p ${port}`, ...given].join(' '),
        'start',
      ]);
      started.unshift(at);
      return `postgres://postgres@127.0.0.1:${port}/postgres`;
    },
    async remove() {
      for (const at of started) await run('pg_ctl', ['-D', at, '-m', 'immediate', 'stop']).catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends servers of test runs that were killed, and removes their folders. */
export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!(pid > 0) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    for (const data of readdirSync(folder)) {
      const file = join(folder, data, 'postmaster.pid');
      const server = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
      if (server > 0 && isAlive(server)) process.kill(server, 'SIGINT');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
  });
}
