/**
 * Damaged or made up files of columns may name lists of billions of parts, or runs that never end, which no library looks
 * at before it follows them. They are decoded once in a process of its own, which can be ended.
 */
import { execFile } from 'node:child_process';

const PACKAGES = ['@uwdata/flechette', 'hyparquet', 'hyparquet-compressors', 'lz4js'];

/** Decodes a file as it will be decoded; what it throws is not of interest here. */
const DECODE = {
  arrow: `
    const { readFileSync } = await import('node:fs');
    const { CompressionType, setCompressionCodec, tableFromIPC } = await import(flechette);
    const { decompressZstd } = await import(compressors);
    const { default: { decompress } } = await import(lz4);
    setCompressionCodec(CompressionType.LZ4_FRAME, { decode: (bytes) => new Uint8Array(decompress(bytes)) });
    setCompressionCodec(CompressionType.ZSTD, { decode: (bytes) => new Uint8Array(decompressZstd(bytes)) });
    tableFromIPC(readFileSync(path), { useDate: true, useBigInt: true });`,
  parquet: `
    const { asyncBufferFromFile, parquetMetadataAsync, parquetScan } = await import(hyparquet);
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const scan = await parquetScan({ file, metadata, compressors: (await import(compressors)).compressors });
    const columns = metadata.schema.slice(1).filter((each) => each.num_children === undefined);
    for (const { rowStart, rowEnd } of scan.ranges)
      for (const { name } of columns) await scan.readColumn({ column: name, rowStart, rowEnd }).catch(() => {});`,
} as const;

/** Columns of numbers are no part of it: they lie beside the heap. */
const HEAP_MB = 512;
/** A Parquet file that is larger is not tried: it would be read twice. An Arrow file is never that large. */
const MOST_BYTES = { arrow: Number.POSITIVE_INFINITY, parquet: 32 << 20 };
const LEAST_MS = 20_000;
const MS_PER_MB = 1000;

/** Throws Error where decoding takes more memory or time than a file of so many bytes can; what is merely not whole is for the reader. */
export async function tryDecoding(
  kind: keyof typeof DECODE,
  { path, bytes }: { path: string; bytes: number },
  leastMs = LEAST_MS,
): Promise<void> {
  if (bytes > MOST_BYTES[kind]) return;
  const code = `const [flechette, hyparquet, compressors, lz4, path] = process.argv.slice(1);
    try { ${DECODE[kind]} } catch {}`;
  const args = [`--max-old-space-size=${HEAP_MB}`, '--input-type=module', '-e', code, '--'];
  const packages = PACKAGES.map((name) => import.meta.resolve(name));
  const timeout = leastMs + MS_PER_MB * Math.ceil(bytes / 1e6);
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [...args, ...packages, path], { timeout, env: {} }, (error) => {
      if (error === null) resolve();
      else reject(new Error('its parts are more than a table can have', { cause: error }));
    });
  });
}
