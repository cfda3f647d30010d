import { UsageError } from '../../../../domain/text/errors.js';
import { openRegularFile } from '../../../../storage/settings/regular-file.js';

const CHUNK_BYTES = 1 << 20;

/** Reads a file from its beginning, about a megabyte at a time. Throws UsageError when it cannot be opened, or is none. */
export async function* openChunks(path: string, highWaterMark = CHUNK_BYTES): AsyncGenerator<Buffer> {
  try {
    const file = await openRegularFile(path);
    for await (const chunk of file.createReadStream({ highWaterMark })) yield chunk as Buffer;
  } catch (error) {
    throw describeReadFailure(path, error);
  }
}

/** Why a file cannot be opened or read: UsageError where another path or another user helps. */
function describeReadFailure(path: string, error: unknown): Error {
  if (error instanceof UsageError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code === undefined ? null : OPEN_FAILURES[code];
  if (reason === undefined || reason === null) return new Error(`reading ${path} failed`, { cause: error });
  return new UsageError(`cannot read ${path}: ${reason}`, { cause: error });
}

const OPEN_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory; name the files in it',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

/** What a file begins with, and the file from its beginning all the same: a pipe can be read only once. */
export interface PeekedChunks {
  readonly start: Buffer;
  readonly chunks: AsyncGenerator<Buffer>;
  /** Closes the file. Leaving `chunks` early does so too, but not before its first chunk was read. */
  close(): Promise<void>;
}

/** Looks at the first `bytes` bytes, or at all of a shorter file. */
export async function peekChunks(chunks: AsyncIterable<Buffer>, bytes: number): Promise<PeekedChunks> {
  const rest = chunks[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const { value, done } = await rest.next();
    if (done) break;
    seen.push(value);
    length += value.length;
  }
  const close = async () => {
    await rest.return?.(undefined);
  };
  return { start: Buffer.concat(seen), chunks: resume(seen, rest), close };
}

async function* resume(seen: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* seen;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    // Leaving early closes the file, also when none of the rest was read.
    await rest.return?.(undefined);
  }
}

/** A damaged packing as a sentence about the file. */
export function describeDamage(path: string, error: unknown): Error {
  if (!(error instanceof Error)) return describeReadFailure(path, error);
  // What went wrong below the packing has its own words.
  if (error.message.includes(path)) return error;
  return new Error(`${path} is damaged or not whole: it cannot be unpacked (${error.message})`, {
    cause: error,
  });
}
