/** Servers of a test's own that are taken back in time: a standby that is promoted, a base copy with archived WAL. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPaths } from '../../../src/storage/embedded/paths.js';
import { makeServerFolder, type OwnServer, startOwnServer, startServerIn } from '../own-server.js';
import { waitFor } from '../processes.js';
import { runAdminStatement } from '../server.js';

const COPY_TIMEOUT_MS = 60_000;

/** A server, and the folder to which it archives its WAL. */
export interface ArchivingServer extends OwnServer {
  archive: string;
}

/** A server whose WAL is archived. */
export async function startArchivingServer(): Promise<ArchivingServer> {
  const archive = mkdtempSync(join(tmpdir(), `barwright-wal-${process.pid}-`));
  const server = await startOwnServer();
  const { data } = embeddedPaths(server.dataDir);
  giveTo(archive, data);
  await server.stop();
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    `archive_mode = on\narchive_command = 'cp %p ${archive}/%f'\n`,
  );
  const started = await startServerIn(server.dataDir);
  return {
    ...started,
    archive,
    async remove() {
      await started.remove();
      rmSync(archive, { recursive: true, force: true });
    },
  };
}

/** Copies the folder of a server, which is stopped for it and started again. Returns the copy's folder. */
export async function copyServer(server: OwnServer): Promise<string> {
  await server.stop();
  const copy = makeServerFolder();
  const copied = spawnSync('cp', ['-a', `${server.dataDir}/.`, copy], { timeout: COPY_TIMEOUT_MS });
  if (copied.status !== 0) throw new Error(`the server's folder could not be copied: ${copied.stderr}`);
  await startServerIn(server.dataDir);
  return copy;
}

/** Starts a copy as a hot standby of the server, and waits until it has everything that is there now. */
export async function startStandby(copy: string, server: OwnServer): Promise<OwnServer> {
  const { hostname, port, username, password } = new URL(server.url);
  signal(copy, 'standby.signal', [
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'`,
  ]);
  const standby = await startServerIn(copy);
  await waitForReplay(standby, server);
  return standby;
}

/** Waits until a standby shows everything that is committed on its server now. */
export async function waitForReplay(standby: OwnServer, server: OwnServer): Promise<void> {
  const [position] = await runAdminStatement(server.url, 'select pg_current_wal_lsn()::text');
  await waitFor('the standby to catch up', async () => {
    const sql = `select pg_last_wal_replay_lsn() >= '${position?.[0]}'::pg_lsn`;
    return (await runAdminStatement(standby.url, sql))[0]?.[0] === true ? true : null;
  });
}

/** Makes a standby the primary. */
export async function promote(standby: OwnServer): Promise<void> {
  const [done] = await runAdminStatement(standby.url, 'select pg_promote(true, 60)');
  if (done?.[0] !== true) throw new Error('the standby was not promoted');
}

/** Names this moment, to which a copy may be recovered. */
export async function markPoint(server: OwnServer, name: string): Promise<void> {
  await runAdminStatement(server.url, `select pg_create_restore_point('${name}')`);
}

/** Starts a copy with the WAL that its server has archived since, up to the point of this name. The server is stopped. */
export async function recoverCopy(copy: string, server: ArchivingServer, point: string): Promise<OwnServer> {
  await server.stop();
  const { data } = embeddedPaths(server.dataDir);
  // What was not archived yet when it was stopped.
  spawnSync('sh', ['-c', `cp -an "${join(data, 'pg_wal')}"/0* "${server.archive}"/`], {
    timeout: COPY_TIMEOUT_MS,
  });
  signal(copy, 'recovery.signal', [
    `archive_mode = off`,
    `restore_command = 'cp ${server.archive}/%f %p'`,
    `recovery_target_name = '${point}'`,
    `recovery_target_action = 'promote'`,
  ]);
  const recovered = await startServerIn(copy);
  await waitFor('the end of the recovery', async () =>
    (await runAdminStatement(recovered.url, 'select pg_is_in_recovery()'))[0]?.[0] === false ? true : null,
  );
  return recovered;
}

function signal(copy: string, name: string, settings: readonly string[]): void {
  const { data } = embeddedPaths(copy);
  const path = join(data, name);
  writeFileSync(path, '');
  giveTo(path, data);
  appendFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
}

/** To the user that the server of this data folder runs as. */
function giveTo(path: string, data: string): void {
  const { uid, gid } = statSync(data);
  chownSync(path, uid, gid);
}
