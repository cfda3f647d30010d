/** What a folder of exported files says about itself: one manifest for each kind of rows in it. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../domain/text/errors.js';
import { partOf } from '../../storage/backup/partial-files.js';
import { EXPORTS, type ExportKind } from '../../storage/reading/export.js';
import { EXPORT_FORMATS } from './formats/names.js';

const FORMAT = 'barwright export';
const FORMAT_VERSION = 1;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
const DAY = z.string().regex(/^[+-]?\d{4,6}-\d\d-\d\d$/);

const fileSchema = z.object({
  /** Below the folder. Nothing else is ever written or removed. */
  path: z.string().regex(/^(daily|bars|emas|indicators)\/asset=\d{1,10}\/part-\d{1,6}\.(parquet|arrow|csv)$/),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256: SHA256,
});

const assetSchema = z.object({
  id: z.int().min(0),
  /** The newest day that its series had come to. */
  watermark: DAY.nullable(),
  rows: z.int().min(0),
  /** Of all that the rows were made of; null: they are being written for the first time. */
  fingerprint: SHA256.nullable(),
  files: z.array(fileSchema),
});

/** As typed, so that the same words find the same files; null: all of it. */
const requestSchema = z.object({
  alignment: z.string().nullable(),
  tfs: z.array(z.string()).nullable(),
  periods: z.array(z.int()).nullable(),
  indicators: z.array(z.string()).nullable(),
  columns: z.array(z.string()).nullable(),
  from: DAY.nullable(),
  to: DAY.nullable(),
  snapshots: z.boolean(),
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  barwright: z.string(),
  kind: z.enum(EXPORTS),
  fileFormat: z.enum(EXPORT_FORMATS),
  database: z.object({ name: z.string(), schema: z.string() }),
  request: requestSchema,
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  /** By id. */
  assets: z.array(assetSchema),
});

export type ExportManifest = z.infer<typeof manifestSchema>;
export type ManifestHead = Omit<ExportManifest, 'format' | 'formatVersion' | 'assets'>;
export type ManifestAsset = z.infer<typeof assetSchema>;
export type ManifestFile = z.infer<typeof fileSchema>;
export type ManifestRequest = z.infer<typeof requestSchema>;

/** Beside the folder of the files, which holds nothing else: programs read such a folder as a whole. */
function nameOf(kind: ExportKind): string {
  return `${kind}.manifest.json`;
}

/**
 * The assets of an earlier export of this kind to the folder, by id; none where there was none. Throws UsageError when it
 * was another export, and when its manifest cannot be read.
 */
export async function readManifestAssets(
  directory: string,
  head: ManifestHead,
): Promise<Map<number, ManifestAsset>> {
  const path = join(directory, nameOf(head.kind));
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return new Map();
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new UsageError(
      `${path} is not a manifest that this barwright wrote: name another folder, or remove it with ${join(directory, head.kind)}`,
    );
  const other = describeOther(parsed.data, head);
  if (other !== null)
    throw new UsageError(
      `${join(directory, head.kind)} holds another export: ${other}; name another folder, or remove it with ${path}`,
    );
  return new Map(parsed.data.assets.map((asset) => [asset.id, asset]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** In what an earlier export differs, in words; null: it is the same one. */
function describeOther(before: ExportManifest, head: ManifestHead): string | null {
  const said = (value: unknown): string => (value === null ? 'all' : String(value));
  if (before.fileFormat !== head.fileFormat)
    return `its files are ${before.fileFormat}, not ${head.fileFormat}`;
  for (const key of ['name', 'schema'] as const)
    if (before.database[key] !== head.database[key])
      return `it is of ${key === 'name' ? 'database' : 'schema'} ${before.database[key]}, not ${head.database[key]}`;
  const names = Object.keys(head.request) as (keyof ManifestRequest)[];
  const other = names.find((name) => said(before.request[name]) !== said(head.request[name]));
  if (other !== undefined)
    return `--${other} was ${said(before.request[other])}, not ${said(head.request[other])}`;
  return JSON.stringify(before.columns) === JSON.stringify(head.columns) ? null : 'it has other columns';
}

/** Writes the manifest whole, in the place of the one before. */
export async function writeManifest(
  directory: string,
  head: ManifestHead,
  assets: ReadonlyMap<number, ManifestAsset>,
): Promise<void> {
  const manifest: ExportManifest = {
    ...{ format: FORMAT, formatVersion: FORMAT_VERSION },
    ...head,
    assets: [...assets.values()].sort((a, b) => a.id - b.id),
  };
  const path = join(directory, nameOf(head.kind));
  const beside = partOf(path);
  await writeFile(beside, `${JSON.stringify(manifest, null, 1)}\n`);
  await rename(beside, path);
}
