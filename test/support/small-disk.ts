/** A real disk that can be full: a tmpfs that holds a tablespace of the test server. */
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note } from './note.js';
import { runAdminStatement } from './server.js';

export interface SmallDisk {
  tablespace: string;
  /** Fills it with a file until only so many bytes are free. */
  fill(freeBytes: number): void;
  /** Removes that file. */
  clear(): void;
  /** Drops the tablespace, which must be empty, and unmounts the disk. */
  remove(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/** Mounts one on the server's machine, which must be this one; null, and said, when that is not allowed. */
export async function mountSmallDisk(adminUrl: string, megabytes: number): Promise<SmallDisk | null> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-disk-'));
  const run = (program: string, ...args: string[]) => spawnSync(program, args, { timeout: TIMEOUT_MS });
  const mounted = run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  const [row] = await runAdminStatement(adminUrl, `select current_setting('data_directory')`);
  const owner = statSync(String(row?.[0]), { throwIfNoEntry: false });
  if (mounted.status !== 0 || owner === undefined) {
    if (mounted.status === 0) run('umount', folder);
    rmSync(folder, { recursive: true, force: true });
    note('[INFO] left out: tests on a full disk of the database (mounting a tmpfs is not allowed here)');
    return null;
  }
  const location = join(folder, 'tables');
  const filler = join(folder, 'filler');
  mkdirSync(location, { mode: 0o700 });
  for (const path of [folder, location]) chownSync(path, owner.uid, owner.gid);
  const tablespace = `small_${folder.slice(-6).toLowerCase()}`;
  await runAdminStatement(adminUrl, `create tablespace ${tablespace} location '${location}'`);
  return {
    tablespace,
    fill(freeBytes) {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - freeBytes));
    },
    clear: () => rmSync(filler),
    async remove() {
      await runAdminStatement(adminUrl, `drop tablespace ${tablespace}`);
      run('umount', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
