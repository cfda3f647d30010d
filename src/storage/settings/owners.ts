/** Whose a file is, and who may put another in its place: what other users of this machine could have planted. */
import { spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;
const MOST_LINKS = 40;
const ID_TIMEOUT_MS = 10_000;
/** Users whose settings are taken as if they were ours: names or ids, with commas. */
export const TRUSTED_OWNERS = 'BARWRIGHT_TRUSTED_OWNERS';

/** Whether the user is this process's or root. Where there are no such users (Windows): yes. */
export function isOurs(uid: number): boolean {
  const own = process.getuid?.();
  return own === undefined || uid === own || uid === 0;
}

/** Whether the user is ours, root, or one of BARWRIGHT_TRUSTED_OWNERS. */
export function isTrusted(uid: number, env: NodeJS.ProcessEnv = process.env): boolean {
  if (isOurs(uid)) return true;
  const named = (env[TRUSTED_OWNERS] ?? '').split(',').map((each) => each.trim());
  return named.some((each) => each !== '' && (each === String(uid) || idOf(each) === uid));
}

/** The id of a user by name; null: there is none. */
function idOf(name: string): number | null {
  if (!/^[a-z_][\w.-]{0,63}$/i.test(name)) return null;
  const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8', timeout: ID_TIMEOUT_MS });
  return status === 0 ? Number(stdout) : null;
}

/**
 * The first place on the way to a folder that another user owns or may write to, and so could make lead elsewhere; null:
 * there is none, and what is not there yet has no owner. Links are followed only where they and the folders that hold them
 * are ours or root's.
 */
export function findStranger(folder: string): string | null {
  return walk(resolve(folder), { links: MOST_LINKS });
}

function walk(path: string, left: { links: number }): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : walk(parent, left);
  if (above !== null) return above;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!isOurs(stats.uid)) return path;
  if (!stats.isSymbolicLink()) return stats.isDirectory() && !isWritableByOthers(stats) ? null : path;
  left.links -= 1;
  return left.links < 0 ? path : walk(resolve(parent, readlinkSync(path)), left);
}

/** Whether others may replace what lies in a folder. In a sticky one (/tmp) they may add names only. A group of one user alone has that user's number. */
export function isWritableByOthers({ mode, gid }: Stats): boolean {
  if (process.getuid === undefined || (mode & STICKY) !== 0) return false;
  const isOwnGroup = gid === 0 || (gid === process.getgid?.() && gid === process.getuid());
  return (mode & WRITABLE_BY_ALL) !== 0 || ((mode & WRITABLE_BY_GROUP) !== 0 && !isOwnGroup);
}
