import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renameUnlessThere, type ServerBinaries } from './binaries.js';
import { clusterPaths, type EmbeddedPaths, isRoot } from './paths.js';
import { findFreePort, writePort } from './port.js';
import { checkUserCanEnter, findServerUser, isAlive, runProgram, type ServerUser } from './process.js';

/** Superuser and database of every embedded server. */
export const EMBEDDED_NAME = 'barwright';

const INITDB_TIMEOUT_MS = 120_000;
const PASSWORD_BYTES = 24;
const LEFTOVER = /^new-(\d+)-/;

/** Is there a data directory to start a server on? */
export function hasCluster(paths: EmbeddedPaths): boolean {
  return existsSync(join(paths.data, 'PG_VERSION'));
}

/**
 * Makes the cluster unless it is there; returns whether it did. It is made under another name and renamed when whole:
 * a killed command leaves no half cluster, and of two commands at once the first one to finish wins.
 * `isDurable` false leaves out fsync, for databases that need not survive the machine.
 */
export async function writeCluster(
  paths: EmbeddedPaths,
  binaries: ServerBinaries,
  options: { isDurable: boolean },
): Promise<boolean> {
  if (hasCluster(paths)) return false;
  const user = findServerUser(paths.data);
  checkUserCanEnter(user, paths.root);
  const directory = join(paths.root, `new-${process.pid}-cluster`);
  const draft = { root: paths.root, ...clusterPaths(directory) };
  await rm(directory, { recursive: true, force: true });
  try {
    await writePrivateDirectories(draft, user);
    await runInitdb({ paths: draft, binaries, user, isDurable: options.isDurable });
    return await renameUnlessThere(directory, paths.cluster);
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    throw new Error(`the embedded database could not be made in ${paths.root}`, { cause });
  }
}

async function writePrivateDirectories(paths: EmbeddedPaths, user: ServerUser | null): Promise<void> {
  await mkdir(paths.cluster);
  await chmod(paths.cluster, isRoot() ? 0o755 : 0o700);
  await mkdir(paths.data, { mode: 0o700 });
  if (user !== null) await chown(paths.data, user.uid, user.gid);
  await writeFile(paths.password, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o600 });
  await writePort(paths, await findFreePort());
}

interface NewCluster {
  paths: EmbeddedPaths;
  binaries: ServerBinaries;
  user: ServerUser | null;
  isDurable: boolean;
}

async function runInitdb(cluster: NewCluster): Promise<void> {
  const { paths, binaries, user } = cluster;
  // The password file itself is not for the server's user; initdb gets a copy that is.
  const handedOver = join(paths.cluster, 'password.initdb');
  await writeFile(handedOver, readFileSync(paths.password), { mode: 0o600 });
  if (user !== null) await chown(handedOver, user.uid, user.gid);
  const base = [
    `--pgdata=${paths.data}`,
    `--username=${EMBEDDED_NAME}`,
    `--pwfile=${handedOver}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-instructions',
    ...(cluster.isDurable ? [] : ['--no-sync']),
  ];
  const run = { user, timeoutMs: INITDB_TIMEOUT_MS };
  let result = await runProgram(binaries.initdb, [...base, '--locale=C.UTF-8'], run);
  // A machine without the locale C.UTF-8 still has PostgreSQL's own.
  if (result.code !== 0 && result.output.includes('locale')) {
    const builtin = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    result = await runProgram(binaries.initdb, [...base, ...builtin], run);
  }
  await rm(handedOver);
  if (result.code !== 0) throw new Error(`initdb ended with ${result.code}: ${result.output.trim()}`);
  await createDatabase(cluster);
}

/** In single-user mode, before the cluster gets its name: a cluster that is there has its database. */
async function createDatabase({ paths, binaries, user, isDurable }: NewCluster): Promise<void> {
  const args = ['--single', '-D', paths.data, '-c', `fsync=${isDurable ? 'on' : 'off'}`, 'postgres'];
  const result = await runProgram(binaries.postgres, args, {
    user,
    timeoutMs: INITDB_TIMEOUT_MS,
    input: `create database ${EMBEDDED_NAME}\n`,
  });
  // Single-user mode ends with 0 also after a failed statement.
  if (result.code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(result.output))
    throw new Error(`creating the database ended with ${result.code}: ${result.output.trim()}`);
}

/**
 * Throws, with the commands to type, when the cluster is of another major version than `major`: PostgreSQL does not read
 * the files of another one. A cluster that is not there is none.
 */
export function checkMajorVersion(paths: EmbeddedPaths, major: string): void {
  if (!hasCluster(paths)) return;
  const found = readFileSync(join(paths.data, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  throw new Error(
    `the embedded database in ${paths.cluster} was made by PostgreSQL ${found}, this barwright has ${major}, and nothing ` +
      'was changed: with the barwright that made it type "barwright db backup DIR --embedded", then with this one ' +
      '"barwright db restore DIR --embedded --data-dir NEW" and "barwright verify --embedded --data-dir NEW"',
  );
}

/** Removes what killed commands left half-made; what a living process is making stays. */
export async function deleteLeftovers(root: string): Promise<void> {
  for (const name of readdirSync(root)) {
    const pid = LEFTOVER.exec(name)?.[1];
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid)))
      await rm(join(root, name), { recursive: true, force: true });
  }
}
