/** The files of one asset: written beside their places, then put there. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteLeftParts, partOf } from '../../storage/backup/partial-files.js';
import type { ExportKind } from '../../storage/reading/export.js';
import { makeFolder } from '../../storage/settings/folder.js';
import { type ExportColumn, joinBatches, type RowBatch, type Rows } from './formats/batch.js';
import type { FileFormat } from './formats/format.js';
import { HashingSink } from './formats/sink.js';
import type { ManifestFile } from './manifest.js';

/** Where the files of an asset lie, and how they are written. */
export interface AssetPlace {
  directory: string;
  kind: ExportKind;
  id: number;
  format: FileFormat;
}

function folderOf({ kind, id }: AssetPlace): string {
  return `${kind}/asset=${id}`;
}

const PART = /^part-\d+\./;

/** Names of files that are ours, or would be, in the asset's folder. */
export async function listParts(place: AssetPlace): Promise<string[]> {
  const names = await readdir(join(place.directory, folderOf(place))).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return names.filter((name) => PART.test(name)).map((name) => `${folderOf(place)}/${name}`);
}

/** Whether each of these files is there with the bytes that it was written with. */
export async function areWhole(directory: string, files: readonly ManifestFile[]): Promise<boolean> {
  for (const { path, bytes, sha256 } of files) {
    const found = await stat(join(directory, path)).catch(() => null);
    if (found === null || !found.isFile() || found.size !== bytes) return false;
    if ((await hashFile(join(directory, path))) !== sha256) return false;
  }
  return true;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Files that are written and not yet in their places. */
export interface Draft {
  files: ManifestFile[];
  /** Puts them in their places, and takes away other files of the asset. */
  settle(): Promise<void>;
  discard(): Promise<void>;
}

/** Writes the rows of one asset. An asset without rows has no file. On an error nothing is left of the draft. */
export async function writeDraft(
  place: AssetPlace,
  batches: Iterable<RowBatch>,
  { columns, signal }: { columns: readonly ExportColumn[]; signal: AbortSignal },
): Promise<Draft> {
  const folder = join(place.directory, folderOf(place));
  makeFolder(folder);
  await deleteLeftParts(folder);
  const files: ManifestFile[] = [];
  const discard = async (): Promise<void> => {
    for (const { path } of files) await rm(partOf(join(place.directory, path)), { force: true });
    await removeEmpty(folder);
  };
  const portions = joinBatches(batches, columns, place.format.portion);
  try {
    for (let first = portions.next(); !first.done; first = portions.next()) {
      const file = {
        path: `${folderOf(place)}/part-${files.length}.${place.format.extension}`,
        rows: 0,
        bytes: 0,
        sha256: '',
      };
      // Known before it is there, so that it is taken away whatever happens.
      files.push(file);
      const own = place.format.isOnePortion ? [first.value] : allOf(first.value, portions);
      Object.assign(file, await writeFile(join(place.directory, file.path), own, { place, columns, signal }));
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { files, discard, settle: () => settle(place, files) };
}

/** A portion and all after it. */
function* allOf(first: Rows, others: Iterable<Rows>): Generator<Rows> {
  yield first;
  yield* others;
}

async function writeFile(
  path: string,
  portions: Iterable<Rows>,
  { place, columns, signal }: { place: AssetPlace; columns: readonly ExportColumn[]; signal: AbortSignal },
): Promise<Omit<ManifestFile, 'path'>> {
  const file = await open(partOf(path), 'wx');
  try {
    const sink = new HashingSink(file);
    const writing = place.format.open(sink, columns);
    let rows = 0;
    for (const portion of portions) {
      signal.throwIfAborted();
      await writing.write(portion);
      rows += portion.count;
    }
    await writing.end();
    return { rows, bytes: sink.bytes, sha256: sink.sha256() };
  } finally {
    await file.close();
  }
}

async function settle(place: AssetPlace, files: readonly ManifestFile[]): Promise<void> {
  for (const { path } of files) {
    const target = join(place.directory, path);
    await rename(partOf(target), target);
  }
  const kept = new Set(files.map(({ path }) => path));
  await removeParts(place, (path) => !kept.has(path));
}

/** Takes away files of an asset that is listed in the manifest, and its folder when nothing else is in it; gives their paths. */
export async function removeParts(place: AssetPlace, isGone: (path: string) => boolean): Promise<string[]> {
  const gone = (await listParts(place)).filter(isGone);
  for (const path of gone) await rm(join(place.directory, path), { force: true });
  await removeEmpty(join(place.directory, folderOf(place)));
  return gone;
}

/** A folder with something of somebody else in it stays. */
async function removeEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
}
