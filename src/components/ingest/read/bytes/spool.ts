import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnpackedFile } from './unpack.js';

/** A file that can be read from anywhere in it. */
export interface SpooledFile {
  readonly path: string;
  readonly bytes: number;
  /** Takes away what was written for it. */
  remove(): Promise<void>;
}

/** The file itself, or what a packed file holds as a temporary file, which only this user may read. */
export async function spool(path: string, file: UnpackedFile): Promise<SpooledFile> {
  const found = await stat(path);
  if (!file.isPacked && found.isFile()) {
    await file.close();
    return { path, bytes: found.size, remove: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'barwright-unpacked-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const plain = join(folder, 'prices');
  try {
    await writeFile(plain, file.chunks, { mode: 0o600 });
    return { path: plain, bytes: (await stat(plain)).size, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
