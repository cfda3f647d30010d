import { UsageError } from '../../domain/errors.js';
import { openRegularFile } from '../../storage/regular-file.js';

const CHUNK_BYTES = 1 << 20;
/** Blank bytes at the beginning of a file that are looked through for its first letter. */
const MOST_BLANK_BYTES = 1 << 16;

/** Reads a file from its beginning, about a megabyte at a time. Throws UsageError when it cannot be opened, or is none. */
async function* openChunks(path: string, highWaterMark = CHUNK_BYTES): AsyncGenerator<Buffer> {
  try {
    const file = await openRegularFile(path);
    for await (const chunk of file.createReadStream({ highWaterMark })) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === undefined ? null : OPEN_FAILURES[code];
    if (reason === undefined || reason === null) throw new Error(`reading ${path} failed`, { cause: error });
    throw new UsageError(`cannot read ${path}: ${reason}`, { cause: error });
  }
}

const OPEN_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory; name the files in it',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

/** What a file begins with, and the file from its beginning all the same: a pipe can be read only once. */
export interface PeekedFile {
  /** The first letter that is neither blank nor a byte order mark; '' for a file without one. */
  readonly firstLetter: string;
  readonly chunks: AsyncGenerator<Buffer>;
}

/** Looks at the beginning of a file. Throws as openChunks does, and for UTF-16 text. */
export async function peekFile(path: string, chunkBytes?: number): Promise<PeekedFile> {
  const rest = openChunks(path, chunkBytes);
  const seen: Buffer[] = [];
  let start: Buffer = Buffer.alloc(0);
  let firstLetter = '';
  // Four bytes hold a byte order mark and a letter.
  while (start.length < 4 || (firstLetter === '' && start.length < MOST_BLANK_BYTES)) {
    const { value, done } = await rest.next();
    if (done) break;
    seen.push(value);
    start = Buffer.concat([start, value]);
    refuseUtf16(start, path);
    firstLetter = start.toString('utf8').trimStart().charAt(0);
  }
  return { firstLetter, chunks: resume(seen, rest) };
}

async function* resume(seen: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* seen;
    yield* rest;
  } finally {
    // Leaving early closes the file, also when none of the rest was read.
    await rest.return(undefined);
  }
}

function refuseUtf16(start: Buffer, path: string): void {
  const mark = start.subarray(0, 2).toString('hex');
  if (mark !== 'fffe' && mark !== 'feff') return;
  throw new Error(`${path} is UTF-16 text: expected UTF-8; save it again as UTF-8 ("CSV UTF-8")`);
}
