import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { isRoot } from './paths.js';

/** Whom the server's programs run as. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/** Who may be the server's user when the command runs as root, in order of preference: PostgreSQL refuses root. */
const SERVER_USERS = ['postgres', 'nobody'];
const ID_TIMEOUT_MS = 10_000;

/**
 * The user that owns or will own the data directory `data`; null: the one we are.
 * As root: the owner of existing data, else `postgres`, else `nobody`.
 */
export function findServerUser(data: string): ServerUser | null {
  if (!isRoot()) return null;
  if (existsSync(data)) {
    const { uid, gid } = statSync(data);
    return { name: `with id ${uid}`, uid, gid };
  }
  for (const name of SERVER_USERS) {
    const uid = readId('-u', name);
    const gid = readId('-g', name);
    if (uid !== null && gid !== null) return { name: `"${name}"`, uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is none of the users ${SERVER_USERS.join(', ')} to run it as: ` +
      'create one (useradd --system postgres), run barwright as an ordinary user, or give a database with --db-url',
  );
}

function readId(flag: '-u' | '-g', name: string): number | null {
  const result = spawnSync('id', [flag, name], { encoding: 'utf8', timeout: ID_TIMEOUT_MS });
  return result.status === 0 ? Number(result.stdout) : null;
}

/** Throws when `user` cannot enter `directory`: the server would only say "permission denied". */
export function checkUserCanEnter(user: ServerUser | null, directory: string): void {
  if (user === null) return;
  const options = { uid: user.uid, gid: user.gid, cwd: '/', timeout: ID_TIMEOUT_MS };
  if (spawnSync('test', ['-x', directory], options).status === 0) return;
  throw new Error(
    `as root the embedded server runs as user ${user.name}, who may not enter ${directory}: ` +
      'give --data-dir a folder that every user may enter, with parents that every user may enter',
  );
}

/**
 * Environment of the server's programs: nothing of ours, so that no database URL of the environment lives on in a
 * server that stays, and no PG* variable changes what it does.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

export interface ProgramRun {
  user: ServerUser | null;
  input?: string;
  timeoutMs: number;
}

/** Runs a program to its end, at most `timeoutMs` long. Returns its exit code (null: killed) and what it printed. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramRun,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      ...userIds(options.user),
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.once('error', (cause) => reject(new Error(`${program} cannot be run`, { cause })));
    child.once('close', (code) => resolve({ code, output }));
    // Where the system gives no descriptors there are no streams, and the error above.
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** The ids to spawn with: none for the user that we are. */
export function userIds(user: ServerUser | null): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

/** Is there a process with this id? (Also when it belongs to somebody else.) */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
