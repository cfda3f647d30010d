/** A primary made by the PostgreSQL of the system, and a hot standby of it by pg_basebackup, as an administrator makes one. */
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerUser, runProgram } from '../../../src/storage/embedded/process.js';
import { waitFor } from '../processes.js';
import { runAdminStatement } from '../server.js';

const LIB = '/usr/lib/postgresql';
const TIMEOUT_MS = 60_000;

/** Both servers; URLs of a superuser. */
export interface ServerPair {
  primary: string;
  standby: string;
  remove(): Promise<void>;
}

/** Folder of the newest programs that can do this; null: there are none. */
export function findPrograms(): string | null {
  const versions = existsSync(LIB) ? readdirSync(LIB).map(Number).filter(Number.isFinite) : [];
  for (const version of versions.sort((a, b) => b - a)) {
    const bin = join(LIB, String(version), 'bin');
    if (['initdb', 'pg_ctl', 'pg_basebackup'].every((name) => existsSync(join(bin, name)))) return bin;
  }
  return null;
}

/** Makes and starts both. The standby has everything that is committed now. */
export async function startPair(
  bin: string,
  prepare: (primary: string) => Promise<void>,
): Promise<ServerPair> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-pair-'));
  const user = findServerUser(join(folder, 'nothing'));
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const run = async (program: string, args: readonly string[]) => {
    const { code, output } = await runProgram(join(bin, program), args, { user, timeoutMs: TIMEOUT_MS });
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`);
  };
  const start = async (data: string) => {
    const port = await findPort();
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
    await run('pg_ctl', ['-D', data, '-w', '-l', `${data}.log`, '-o', options, 'start']);
    return `postgres://postgres@127.0.0.1:${port}/postgres`;
  };
  const [first, second] = [join(folder, 'primary'), join(folder, 'standby')];
  await run('initdb', ['-D', first, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  const primary = await start(first);
  await prepare(primary);
  const { port } = new URL(primary);
  await run('pg_basebackup', [
    '-h',
    '127.0.0.1',
    '-p',
    port,
    '-U',
    'postgres',
    '-D',
    second,
    '-R',
    '-c',
    'fast',
  ]);
  const standby = await start(second);
  return {
    primary,
    standby,
    async remove() {
      for (const data of [second, first])
        await run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']).catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the standby shows what is committed on the primary now. */
export async function waitForPair({ primary, standby }: ServerPair): Promise<void> {
  const [position] = await runAdminStatement(primary, 'select pg_current_wal_lsn()::text');
  await waitFor('the standby to catch up', async () => {
    const sql = `select pg_last_wal_replay_lsn() >= '${position?.[0]}'::pg_lsn`;
    return (await runAdminStatement(standby, sql))[0]?.[0] === true ? true : null;
  });
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
