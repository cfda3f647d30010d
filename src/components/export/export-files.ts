/** Rows of many assets as files: one asset after the other, and only where something changed since the last export. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDay } from '../../domain/calendar/day.js';
import { UsageError } from '../../domain/text/errors.js';
import { deleteLeftParts } from '../../storage/backup/partial-files.js';
import type { ExportKind } from '../../storage/reading/export.js';
import { readDatabaseName } from '../../storage/reading/export-rows.js';
import type { Database } from '../../storage/session/database.js';
import { makeFolder } from '../../storage/settings/folder.js';
import { type AssetPlace, areWhole, listParts, removeParts, writeDraft } from './asset-files.js';
import { chooseColumns, chooseSeries, requestOf, type TypedRequest } from './choose-series.js';
import type { ExportColumn } from './formats/batch.js';
import type { FileFormat } from './formats/format.js';
import { FORMATS } from './formats/list.js';
import type { ExportFormat } from './formats/names.js';
import { KINDS } from './kinds/list.js';
import type { SeriesChoice } from './kinds/request.js';
import { type ManifestAsset, type ManifestHead, readManifestAssets, writeManifest } from './manifest.js';

export interface FilesOptions {
  directory: string;
  kind: ExportKind;
  format: ExportFormat;
  ids: readonly number[];
  /** Whether these are all that there should be: files of other assets go. */
  isAll: boolean;
  request: TypedRequest;
  /** barwright's version. */
  version: string;
  signal: AbortSignal;
  onAsset?: (done: number) => void;
}

/** What an export came to. */
export interface FilesReport {
  written: number;
  unchanged: number;
  /** Assets without such rows, which have no file. */
  empty: number;
  /** Paths of files of assets that are gone, below the folder. */
  removed: string[];
  /** Of all files that are there now. */
  rows: number;
  bytes: number;
}

/** How often an export that is under way says in its manifest how far it has come. */
const SAVE_MS = 5_000;

/** All that the steps of one export share. */
interface Work {
  database: Database;
  options: FilesOptions;
  head: ManifestHead;
  format: FileFormat;
  columns: readonly ExportColumn[];
  choice: SeriesChoice;
  assets: Map<number, ManifestAsset>;
}

/**
 * Writes the files, and the manifest at the end and on the way. Each file appears whole. Throws UsageError for names that
 * there are not, for a folder with another export in it, and for files in the way that the manifest does not list.
 */
export async function exportFiles(database: Database, options: FilesOptions): Promise<FilesReport> {
  const work = await prepare(database, options);
  const { directory, ids, isAll, signal } = options;
  const counts = { written: 0, unchanged: 0, empty: 0 };
  let savedMs = performance.now();
  try {
    for (const [index, id] of ids.entries()) {
      signal.throwIfAborted();
      counts[await exportAsset(work, id)] += 1;
      options.onAsset?.(index + 1);
      if (performance.now() - savedMs < SAVE_MS) continue;
      await writeManifest(directory, work.head, work.assets);
      savedMs = performance.now();
    }
    const removed = isAll ? await removeGone(work) : [];
    return { ...counts, removed, ...sumOf(work.assets) };
  } finally {
    await writeManifest(directory, work.head, work.assets);
  }
}

async function prepare(database: Database, options: FilesOptions): Promise<Work> {
  const { directory, kind, format, request } = options;
  const columns = chooseColumns(KINDS[kind].columns, request.columns);
  const { choice, name } = await database.read(async (tx) => ({
    choice: await chooseSeries(tx, kind, request),
    name: await readDatabaseName(tx),
  }));
  const head: ManifestHead = {
    ...{ barwright: options.version, kind, fileFormat: format },
    database: { name, schema: database.schema },
    request: requestOf(request),
    columns: columns.map(({ name: column, type, isNullable }) => ({
      name: column,
      type,
      nullable: isNullable,
    })),
  };
  await makeDirectory(directory);
  const assets = await readManifestAssets(directory, head);
  const work = { database, options, head, format: FORMATS[format], columns, choice, assets };
  await takeFolders(work);
  makeFolder(join(directory, kind));
  await deleteLeftParts(directory);
  await writeManifest(directory, head, assets);
  return work;
}

async function makeDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => null);
  if (found !== null && !found.isDirectory())
    throw new UsageError(`--out ${directory} is a file; with --format it expects a folder`);
  makeFolder(directory);
}

/** The manifest lists an asset before its first file is there: so all files of ours are listed, whenever an export ends. */
async function takeFolders(work: Work): Promise<void> {
  const { directory } = work.options;
  for (const id of work.options.ids.filter((each) => !work.assets.has(each))) {
    const [foreign] = await listParts(placeOf(work, id));
    if (foreign !== undefined)
      throw new UsageError(
        `${join(directory, foreign)} is in the way: no manifest lists it; name another folder, or move it`,
      );
    work.assets.set(id, { id, watermark: null, rows: 0, fingerprint: null, files: [] });
  }
}

function placeOf({ options: { directory, kind }, format }: Work, id: number): AssetPlace {
  return { directory, kind, id, format };
}

async function exportAsset(work: Work, id: number): Promise<'written' | 'unchanged' | 'empty'> {
  const { database, options, columns, choice, assets } = work;
  const rows = await database.read((tx) => KINDS[options.kind].read(tx, id, choice));
  const before = assets.get(id);
  const isThere = before !== undefined && (await isWhole(work, before));
  if (isThere && before.fingerprint === rows.fingerprint)
    return before.files.length === 0 ? 'empty' : 'unchanged';
  const draft = await writeDraft(placeOf(work, id), rows.batches(), { columns, signal: options.signal });
  const isSame = isThere && JSON.stringify(draft.files) === JSON.stringify(before.files);
  // Listed before they are in their places: a file that does not fit what is listed is written again.
  assets.set(id, {
    ...{ id, fingerprint: rows.fingerprint, files: draft.files },
    watermark: rows.watermarkDay === null ? null : formatDay(rows.watermarkDay),
    rows: draft.files.reduce((sum, file) => sum + file.rows, 0),
  });
  await (isSame ? draft.discard() : draft.settle());
  if (isSame) return draft.files.length === 0 ? 'empty' : 'unchanged';
  return 'written';
}

/** Whether the files of an asset are those that are listed, and no others. */
async function isWhole(work: Work, { id, files }: ManifestAsset): Promise<boolean> {
  const parts = await listParts(placeOf(work, id));
  return parts.length === files.length && (await areWhole(work.options.directory, files));
}

async function removeGone(work: Work): Promise<string[]> {
  const { ids } = work.options;
  const removed: string[] = [];
  for (const id of [...work.assets.keys()].filter((each) => !ids.includes(each))) {
    removed.push(...(await removeParts(placeOf(work, id), () => true)));
    work.assets.delete(id);
  }
  return removed;
}

function sumOf(assets: ReadonlyMap<number, ManifestAsset>): Pick<FilesReport, 'rows' | 'bytes'> {
  const files = [...assets.values()].flatMap((asset) => asset.files);
  return {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
