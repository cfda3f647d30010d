import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { boundLine } from '../../../../domain/text/printable.js';
import { describeDamage } from './chunks.js';
import { checkGrowth } from './growth.js';

/** More than any archive of prices has. */
const MOST_MEMBERS = 10_000;
const MOST_LISTED = 5;
const LONGEST_MEMBER = 120;

export interface ZipMember {
  readonly name: string;
  readonly chunks: AsyncGenerator<Buffer>;
  packedBytes(): number;
}

/**
 * The one file in a ZIP archive that can hold prices; folders, hidden files and texts about the data are ignored.
 * Throws Error when there is none, when there are several, when it has a password, and for an Excel workbook.
 */
export async function openZipMember(path: string, isOnDisk: boolean): Promise<ZipMember> {
  if (!isOnDisk) throw new Error(`${path} holds a ZIP archive in another packing: unpack it first`);
  const archive = await openArchive(path);
  try {
    const entry = chooseEntry(path, await listEntries(path, archive));
    checkGrowth(path, entry.uncompressedSize, entry.compressedSize);
    const stream = await archive.openReadStreamPromise(entry);
    return {
      name: boundLine(entry.fileName, LONGEST_MEMBER),
      packedBytes: () => entry.compressedSize,
      chunks: readEntry(path, archive, stream),
    };
  } catch (error) {
    archive.close();
    throw describeDamage(path, error);
  }
}

async function openArchive(path: string): Promise<ZipFile> {
  try {
    return await yauzl.openPromise(path, { autoClose: false });
  } catch (error) {
    throw describeDamage(path, error);
  }
}

async function listEntries(path: string, archive: ZipFile): Promise<Entry[]> {
  if (archive.entryCount > MOST_MEMBERS)
    throw new Error(`${path} holds ${archive.entryCount} files: unpack it, and name those that are prices`);
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) entries.push(entry);
  return entries;
}

/** Folders, what macOS and Windows add, and what people write about data. */
const NO_PRICES =
  /\/$|(?:^|\/)(?:\.|__MACOSX\/|thumbs\.db$|desktop\.ini$)|\.(?:md|pdf|html?|png|jpe?g|checksum|sha256|md5)$|(?:^|\/)(?:readme|license|copying)[^/]*$/i;

function chooseEntry(path: string, entries: readonly Entry[]): Entry {
  if (entries.some(({ fileName }) => fileName === '[Content_Types].xml'))
    throw new Error(`${path} is an Excel workbook: save its sheet as "CSV UTF-8"`);
  if (entries.some(({ fileName }) => fileName === 'mimetype'))
    throw new Error(`${path} is an OpenDocument file: save its sheet as CSV`);
  const files = entries.filter(({ fileName }) => !NO_PRICES.test(fileName));
  const [entry] = files;
  if (entry === undefined) throw new Error(`${path} is a ZIP archive without a file of prices in it`);
  if (files.length > 1) {
    const names = files.slice(0, MOST_LISTED).map(({ fileName }) => boundLine(fileName, LONGEST_MEMBER));
    if (files.length > MOST_LISTED) names.push(`and ${files.length - MOST_LISTED} more`);
    throw new Error(
      `${path} is a ZIP archive of ${files.length} files (${names.join(', ')}): unpack it, and name the files, or their folder`,
    );
  }
  if (entry.isEncrypted()) throw new Error(`${path} is a ZIP archive with a password: unpack it first`);
  return entry;
}

async function* readEntry(path: string, archive: ZipFile, stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw describeDamage(path, error);
  } finally {
    stream.destroy();
    archive.close();
  }
}
