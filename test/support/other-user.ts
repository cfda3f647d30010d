/** Another user of this machine, as root can be one: "nobody". */
import { spawnSync } from 'node:child_process';
import { note } from './note.js';

/** A user who is not root finds this one nowhere, and has no way to become it. */
export const STRANGER = { name: 'nobody', id: 65_534 };

/** Whether tests can be two users; where not it is noted as left out. */
export function canBeTwoUsers(): boolean {
  if (process.getuid?.() === 0) return true;
  note('[INFO] left out: tests that need to be root');
  return false;
}

/** Runs a line of shell as the other user. Throws when it does not end with 0. */
export function asStranger(line: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', line], {
    uid: STRANGER.id,
    gid: STRANGER.id,
    cwd: '/',
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`as ${STRANGER.name}: ${line} ended with ${status}: ${stderr}`);
}
