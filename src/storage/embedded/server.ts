import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerBinaries } from './binaries.js';
import { EMBEDDED_NAME } from './cluster.js';
import type { EmbeddedPaths } from './paths.js';
import { findFreePort, readPort, writePort } from './port.js';
import {
  deleteStalePidFile,
  findAnsweringServer,
  findPostmaster,
  POLL_MS,
  START_TIMEOUT_MS,
  waitForServer,
} from './postmaster.js';
import { findServerUser, serverEnvironment, userIds } from './process.js';

const STOP_FAST_MS = 30_000;
const STOP_IMMEDIATE_MS = 10_000;
const LOG_LIMIT_BYTES = 16_000_000;
const LOG_LINES = 12;

/** What PostgreSQL says when another server, or what a killed one left behind, is in the way: it may pass. */
const IN_THE_WAY = /lock file|shared memory block|in use|could not bind|shutting down/i;

/**
 * Starts a server process, which outlives us, and waits until a server of this cluster answers; null when ours ended
 * because of another that is gone by now: try again. Throws, with the server's words, when it ended for another reason.
 * PostgreSQL itself sees to it that there is one server to a data directory: of two commands at once one gets it, and
 * both attach to it.
 */
export async function startServer(
  paths: EmbeddedPaths,
  binaries: ServerBinaries,
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; isOurs: boolean } | null> {
  deleteStalePidFile(paths);
  const port = await findFreePort(await readPort(paths));
  const logStart = rotateLog(paths);
  const child = spawnServer(paths, binaries, { port: String(port), ...settings });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (child.end() === null && performance.now() < deadline) {
    const server = await findAnsweringServer(paths);
    if (server !== null) {
      const isOurs = server.pid === child.pid;
      if (isOurs) await writePort(paths, port);
      return { url: server.url, isOurs };
    }
    await sleep(POLL_MS);
  }
  const end = child.end();
  if (end instanceof Error) throw new Error(`${binaries.postgres} cannot be run`, { cause: end });
  const other = await waitForServer(paths);
  if (other !== null) return { url: other.url, isOurs: other.pid === child.pid };
  const said = readLog(paths, logStart);
  if (!IN_THE_WAY.test(said))
    throw new Error(`the embedded server in ${paths.cluster} does not start: ${said}`);
  return null;
}

interface ServerProcess {
  pid: number | undefined;
  /** null while it runs. */
  end: () => 'ended' | Error | null;
}

function spawnServer(
  paths: EmbeddedPaths,
  binaries: ServerBinaries,
  settings: Readonly<Record<string, string>>,
): ServerProcess {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    cluster_name: EMBEDDED_NAME,
    // States are rewritten in place each day: their page images are most of the WAL. The binaries have no lz4.
    wal_compression: 'pglz',
    ...settings,
  };
  const log = openSync(paths.log, 'a', 0o600);
  const args = [
    '-D',
    paths.data,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const child = spawn(binaries.postgres, args, {
    ...userIds(findServerUser(paths.data)),
    cwd: '/',
    env: serverEnvironment(),
    // A session of its own and no pipe to us: it survives us, the terminal and Ctrl-C, and does not keep us.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let end: 'ended' | Error | null = null;
  child.once('exit', () => {
    end = 'ended';
  });
  child.once('error', (error) => {
    end = error;
  });
  return { pid: child.pid, end: () => end };
}

/** Sets a long log aside. Returns the length of the present one. */
function rotateLog(paths: EmbeddedPaths): number {
  const size = existsSync(paths.log) ? statSync(paths.log).size : 0;
  if (size <= LOG_LIMIT_BYTES) return size;
  renameSync(paths.log, `${paths.log}.1`);
  return 0;
}

/** What the server wrote from byte `start` on, at most the last lines. */
function readLog(paths: EmbeddedPaths, start: number): string {
  const text = readFileSync(paths.log).subarray(start).toString();
  return text.trim().split('\n').slice(-LOG_LINES).join('\n');
}

/** Stops the server, fast, then at once; false when none was running. Throws when it stays all the same. */
export async function stopServer(paths: EmbeddedPaths): Promise<boolean> {
  const server = findPostmaster(paths);
  if (server === null) return false;
  const steps = [
    ['SIGINT', STOP_FAST_MS],
    ['SIGQUIT', STOP_IMMEDIATE_MS],
  ] as const;
  for (const [signal, limitMs] of steps) {
    sendSignal(server.pid, signal);
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (findPostmaster(paths)?.pid !== server.pid) return true;
      await sleep(POLL_MS);
    }
  }
  throw new Error(`the embedded server (process ${server.pid}) does not stop: see ${paths.log}`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new Error(`the embedded server (process ${pid}) cannot be stopped by this user`, { cause });
  }
}
