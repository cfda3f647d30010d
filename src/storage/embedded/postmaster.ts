import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EMBEDDED_NAME } from './cluster.js';
import type { EmbeddedPaths } from './paths.js';
import { isAlive } from './process.js';

/** The server process of a cluster, from its postmaster.pid. */
export interface Postmaster {
  pid: number;
  /** null: not yet written by a server that is starting. */
  port: number | null;
  isReady: boolean;
}

/** What a server that takes connections says of itself; a standby says it in another word. */
const READY = ['ready', 'standby'];
export const POLL_MS = 50;
/** A server in crash recovery may take long; beyond this it is left to itself, and the error says so. */
export const START_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 5_000;
const PS_TIMEOUT_MS = 5_000;
/** PostgreSQL's codes for "starting up or shutting down" and "too many connections". */
const CANNOT_CONNECT_NOW = '57P03';
const TOO_MANY_CONNECTIONS = '53300';

/** The running server of this cluster, starting ones included; null when postmaster.pid is missing or stale. */
export function findPostmaster(paths: EmbeddedPaths): Postmaster | null {
  const lines = readPidFile(paths)?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isServerOf(paths, pid)) return null;
  const port = Number(lines[3]);
  return { pid, port: port > 0 ? port : null, isReady: READY.includes((lines[7] ?? '').trim()) };
}

function readPidFile(paths: EmbeddedPaths): string | null {
  try {
    return readFileSync(pidFile(paths), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function pidFile(paths: EmbeddedPaths): string {
  return join(paths.data, 'postmaster.pid');
}

/**
 * Is this process the server of this data directory? After a crash or a reboot another process may have its number.
 * A server goes to its data directory before it writes postmaster.pid; where /proc is missing, its arguments name it.
 */
function isServerOf(paths: EmbeddedPaths, pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (existsSync('/proc/self/cwd')) {
    try {
      const cwd = statSync(`/proc/${pid}/cwd`);
      const data = statSync(paths.data);
      return cwd.dev === data.dev && cwd.ino === data.ino;
    } catch (error) {
      // EACCES: another user's. Otherwise it is gone meanwhile, or a zombie.
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') return false;
    }
  }
  const args = ['-ww', '-o', 'command=', '-p', String(pid)];
  const ps = spawnSync('ps', args, { encoding: 'utf8', timeout: PS_TIMEOUT_MS });
  return ps.status === 0 && ps.stdout.includes(paths.data);
}

/**
 * PostgreSQL overwrites a stale postmaster.pid itself, unless its number is another living process's by now.
 * Should two commands do this at once and the wrong file go, PostgreSQL still refuses a second server: it looks at
 * the shared memory of the first.
 */
export function deleteStalePidFile(paths: EmbeddedPaths): void {
  const text = readPidFile(paths);
  if (text === null || !isAlive(Number.parseInt(text, 10))) return;
  if (findPostmaster(paths) === null && readPidFile(paths) === text) unlinkSync(pidFile(paths));
}

/** The URL of the server on `port`, with the password of its file. */
export function embeddedUrl(paths: EmbeddedPaths, port: number): string {
  const password = readFileSync(paths.password, 'utf8').trim();
  return `postgresql://${EMBEDDED_NAME}:${password}@127.0.0.1:${port}/${EMBEDDED_NAME}`;
}

/**
 * Asks the server for a connection. False when it cannot give one yet (starting, shutting down, not listening);
 * throws when it answers but refuses us, which waiting will not change.
 */
async function isAnswering(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError) || cause.code === CANNOT_CONNECT_NOW) return false;
    if (cause.code === TOO_MANY_CONNECTIONS) return true;
    throw new Error(`the embedded server answers, but refuses the connection: ${cause.message}`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}

/** The server when it answers now, with its URL; else null. */
export async function findAnsweringServer(
  paths: EmbeddedPaths,
): Promise<{ pid: number; url: string } | null> {
  const server = findPostmaster(paths);
  if (server === null || server.port === null || !server.isReady) return null;
  const url = embeddedUrl(paths, server.port);
  return (await isAnswering(url)) ? { pid: server.pid, url } : null;
}

/** Waits for a server that is running or starting to answer; null as soon as there is none (any more). */
export async function waitForServer(paths: EmbeddedPaths): Promise<{ pid: number; url: string } | null> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const process = findPostmaster(paths);
    if (process === null) return null;
    const answering = await findAnsweringServer(paths);
    if (answering !== null) return answering;
    if (performance.now() > deadline) {
      throw new Error(
        `the embedded server (process ${process.pid}) did not answer within ${START_TIMEOUT_MS / 1000} s: ` +
          `see ${paths.log}, or stop it with "barwright db stop"`,
      );
    }
    await sleep(POLL_MS);
  }
}
