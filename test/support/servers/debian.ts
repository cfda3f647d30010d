/** A primary made by the PostgreSQL of the system, and a hot standby of it by pg_basebackup, as an administrator makes one. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../processes.js';
import { runAdminStatement } from '../server.js';
import { makeClusters } from './clusters.js';

const LIB = '/usr/lib/postgresql';

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
  const clusters = makeClusters(() => bin);
  await clusters.make('primary');
  const primary = await clusters.start('primary');
  await prepare(primary);
  const { port } = new URL(primary);
  const login = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres'];
  await clusters.run('pg_basebackup', [...login, '-D', join(clusters.folder, 'standby'), '-R', '-c', 'fast']);
  return { primary, standby: await clusters.start('standby'), remove: () => clusters.remove() };
}

/** Waits until the standby shows what is committed on the primary now. */
export async function waitForPair({ primary, standby }: ServerPair): Promise<void> {
  const [position] = await runAdminStatement(primary, 'select pg_current_wal_lsn()::text');
  await waitFor('the standby to catch up', async () => {
    const sql = `select pg_last_wal_replay_lsn() >= '${position?.[0]}'::pg_lsn`;
    return (await runAdminStatement(standby, sql))[0]?.[0] === true ? true : null;
  });
}
