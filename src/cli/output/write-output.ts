/** Chunks to where people want them: stdout, or a file that appears whole or not at all. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../../domain/text/errors.js';
import { deleteLeftParts, partOf } from '../../storage/backup/partial-files.js';
import { isSpecialFile } from '../../storage/settings/folder.js';

/**
 * Writes to stdout at the reader's pace. Throws when the reader has gone (`| head`, see isReaderGone): a caller that gives the
 * chunks has to stop as well.
 */
export async function pourToStdout(chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  // Without a listener a broken pipe would end the process with a stack; the callback below gets it too.
  const ignore = () => {};
  process.stdout.on('error', ignore);
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stdout.write(chunk, done);
    },
  });
  await pipeline(Readable.from(chunks, { objectMode: true }), sink, { signal });
  process.stdout.off('error', ignore);
}

/** Whether this error says that the reader of a pipe has gone. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPIPE';
}

/** Writes a file beside `path`, down to the disk, and puts it in its place at the end. A device or a pipe is written to. */
export async function pourToFile(
  path: string,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  if (isSpecialFile(path)) {
    await pipeline(Readable.from(chunks, { objectMode: true }), createWriteStream(path), { signal });
    return;
  }
  await deleteLeftParts(dirname(path));
  const beside = partOf(path);
  try {
    const file = createWriteStream(beside, { flags: 'wx', flush: true });
    await pipeline(Readable.from(chunks, { objectMode: true }), file, { signal });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    if (signal.aborted || error instanceof UsageError) throw error;
    throw new Error(`writing ${path} failed, nothing is there that was not before`, { cause: error });
  }
}
