import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeDamage, type PeekedChunks, peekChunks } from './chunks.js';
import { checkGrowth } from './growth.js';
import { kindOfFile, MAGIC_BYTES } from './magic.js';

/** A packed file in a packed file in a packed file is read; what is packed deeper than this is made to harm. */
const MOST_LAYERS = 3;
/** A file without its packing. */
export interface UnpackedFile extends PeekedChunks {
  readonly kind: 'parquet' | 'arrow' | 'text';
  /** The name of the file in a ZIP archive; null: there is no archive. */
  readonly member: string | null;
  /** True: what is read is not what stands on the disk. */
  readonly isPacked: boolean;
}

/** Takes the packing off a file, by its content. Throws Error for what is no file of prices, and for a bomb. */
export async function unpack(path: string, chunks: AsyncGenerator<Buffer>): Promise<UnpackedFile> {
  let peeked = await peekChunks(chunks, MAGIC_BYTES);
  let member: string | null = null;
  for (let layer = 0; layer <= MOST_LAYERS; layer += 1) {
    const kind = kindOfFile(peeked.start);
    if (typeof kind === 'object') {
      await peeked.close();
      throw new Error(`${path} is ${kind.refused.replace('FILE', path)}`);
    }
    if (kind !== 'gzip' && kind !== 'zip') return { ...peeked, kind, member, isPacked: layer > 0 };
    if (kind === 'zip') {
      const { openZipMember } = await import('./zip.js');
      await peeked.close();
      const opened = await openZipMember(path, layer === 0);
      member = opened.name;
      peeked = await peekChunks(limitGrowth(path, opened.chunks, opened.packedBytes), MAGIC_BYTES);
    } else {
      const counted = countBytes(peeked.chunks);
      const plain = gunzip(path, counted.chunks);
      peeked = await peekChunks(limitGrowth(path, plain, counted.bytes), MAGIC_BYTES);
    }
  }
  await peeked.close();
  throw new Error(`${path} is packed more than ${MOST_LAYERS} times: unpack it first`);
}

function countBytes(chunks: AsyncIterable<Buffer>): { chunks: AsyncGenerator<Buffer>; bytes: () => number } {
  let bytes = 0;
  async function* counting(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: counting(), bytes: () => bytes };
}

async function* gunzip(path: string, packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  // Several members one after the other, as "cat a.gz b.gz" makes them, are one text.
  const plain = createGunzip({ chunkSize: 1 << 20 });
  const source = Readable.from(packed);
  source.on('error', (error) => plain.destroy(error));
  source.pipe(plain);
  try {
    for await (const chunk of plain) yield chunk as Buffer;
  } catch (error) {
    throw describeDamage(path, error);
  } finally {
    source.destroy();
    plain.destroy();
  }
}

async function* limitGrowth(
  path: string,
  chunks: AsyncIterable<Buffer>,
  packedBytes: () => number,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    checkGrowth(path, bytes, packedBytes());
    yield chunk;
  }
}
