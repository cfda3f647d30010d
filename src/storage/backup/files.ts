/** The files of a backup: one table each, CSV, gzip; hashed on the way, never more than a chunk in memory. */
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { openRegularFile } from '../settings/regular-file.js';
import { type BackupManifest, type BackupTable, backupError, fileOf } from './manifest.js';

/** What a file came to. */
export type FileFacts = Pick<BackupTable, 'bytes' | 'sha256' | 'contentSha256'>;

/** Writes chunks of CSV to a new file that only its owner may read, down to the disk. */
export async function writeTableFile(
  path: string,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<FileFacts> {
  const content = createHash('sha256');
  const file = createHash('sha256');
  const size = { bytes: 0 };
  const sink = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(
    Readable.from(chunks, { objectMode: true }),
    (source: AsyncIterable<Buffer>) => tap(source, [content]),
    createGzip(),
    (source: AsyncIterable<Buffer>) => tap(source, [file], size),
    sink,
    { signal },
  );
  return { bytes: size.bytes, sha256: file.digest('hex'), contentSha256: content.digest('hex') };
}

/** SHA-256, in hex, of everything that comes. */
export async function hashChunks(chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** The CSV in a table's file, in chunks. */
export async function* readTableFile(
  directory: string,
  table: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const file = await openRegularFile(join(directory, fileOf(table)));
  const reading = pipeline(file.createReadStream(), gunzip, { signal });
  reading.catch(() => {});
  for await (const chunk of gunzip) yield chunk as Buffer;
  await reading;
}

/** Throws, naming the first file that is missing, truncated or damaged. */
export async function checkTableFiles(
  directory: string,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<void> {
  for (const table of manifest.tables) await checkTableFile(directory, table, signal);
}

async function checkTableFile(
  directory: string,
  { table, bytes, sha256 }: BackupTable,
  signal: AbortSignal,
): Promise<void> {
  const name = fileOf(table);
  const path = join(directory, name);
  const size = await stat(path).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`;
      throw backupError(directory, `${name} ${why}`);
    },
  );
  if (size !== bytes) throw backupError(directory, `${name} has ${size} bytes, the manifest says ${bytes}`);
  const file = await openRegularFile(path);
  const found = await hashChunks(file.createReadStream({ signal }));
  if (found !== sha256)
    throw backupError(directory, `${name} is damaged: its SHA-256 is ${found}, the manifest says ${sha256}`);
}

/** Makes sure that the names in a directory are on the disk. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* tap(
  source: AsyncIterable<Buffer>,
  hashes: readonly Hash[],
  size: { bytes: number } = { bytes: 0 },
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (const hash of hashes) hash.update(chunk);
    size.bytes += chunk.length;
    yield chunk;
  }
}
