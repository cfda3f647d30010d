/** What a backup says about itself: manifest.json, with a checksum over its own text. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../domain/text/errors.js';
import { openRegularFile } from '../settings/regular-file.js';

const MANIFEST_FILE = 'manifest.json';
const FORMAT = 'barwright backup';
const FORMAT_VERSION = 1;

const NAME = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);

const tableSchema = z.object({
  table: NAME,
  columns: z.array(z.object({ name: z.string().min(1), type: z.string() })).min(1),
  rows: z.int().min(0),
  /** Size and hash of the file as it lies there, compressed. */
  bytes: z.int().min(0),
  sha256: SHA256,
  /** Hash of the CSV in it: what reading the rows back must give again. */
  contentSha256: SHA256,
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  barwright: z.string(),
  /** Database clock: everything committed before is in it. */
  asOf: z.iso.datetime({ offset: true }),
  server: z.string(),
  schema: z.string(),
  migrations: z.array(z.object({ number: z.int(), name: z.string(), checksum: SHA256 })).min(1),
  /** Whether cmc_price_histories7 is barwright's own, and so in the backup. */
  isPricesOurs: z.boolean(),
  /** Tables of the schema that are not in the backup, and why. */
  leftOut: z.array(z.object({ table: z.string(), why: z.string() })),
  tables: z.array(tableSchema),
});

export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackupTable = z.infer<typeof tableSchema>;

/** A backup that is there and cannot be trusted, or is not for this barwright. */
export function backupError(directory: string, what: string): Error {
  return new Error(`the backup in ${directory} cannot be used, nothing was changed: ${what}`);
}

/** Name of a table's file. */
export function fileOf(table: string): string {
  return `${table}.csv.gz`;
}

/** The manifest's head: what every one of this format begins with. */
export function manifestHead(): Pick<BackupManifest, 'format' | 'formatVersion'> {
  return { format: FORMAT, formatVersion: FORMAT_VERSION };
}

/** File name and text of a manifest. */
export function formatManifest(manifest: BackupManifest): { name: string; text: string } {
  const text = JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, null, 2);
  return { name: MANIFEST_FILE, text: `${text}\n` };
}

/**
 * The manifest of a backup. Throws UsageError when there is no backup in the directory, and an error that says what is
 * wrong when it is damaged or of another format.
 */
export async function readManifest(directory: string): Promise<BackupManifest> {
  const found = parseJson(directory, await readText(directory));
  if (found.format !== FORMAT) throw noBackup(directory, `${MANIFEST_FILE} is not one of barwright's`);
  if (found.formatVersion !== FORMAT_VERSION)
    throw backupError(
      directory,
      `it has format version ${found.formatVersion}, this barwright reads version ${FORMAT_VERSION}: restore it with ` +
        `the barwright that made it (${found.barwright})`,
    );
  const { checksum, ...rest } = found;
  const parsed = manifestSchema.safeParse(rest);
  if (!parsed.success || checksum !== checksumOf(rest))
    throw backupError(directory, `${MANIFEST_FILE} was changed or damaged (its checksum is another one)`);
  return parsed.data;
}

async function readText(directory: string): Promise<string> {
  try {
    const file = await openRegularFile(join(directory, MANIFEST_FILE));
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw noBackup(directory, error.message);
    throw noBackup(directory, `${MANIFEST_FILE} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function noBackup(directory: string, why: string): UsageError {
  return new UsageError(`there is no backup in ${directory}: ${why}. Name a folder that "db backup" made`);
}

function parseJson(directory: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    throw backupError(directory, `${MANIFEST_FILE} is damaged: it is no JSON`);
  }
  throw noBackup(directory, `${MANIFEST_FILE} is not one of barwright's`);
}

/** Over the values, not the text: white space does not matter. */
function checksumOf(manifest: object): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}
