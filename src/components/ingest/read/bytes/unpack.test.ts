import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChunks } from './chunks.js';
import { unpack } from './unpack.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barwright-unpack-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bytes of a file without its packing. */
async function sizeOf(content: Uint8Array): Promise<number> {
  const path = join(folder, 'prices.gz');
  await writeFile(path, content);
  const { chunks } = await unpack(path, openChunks(path));
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

test('a bomb is let go where it grows as no prices do', async () => {
  await expect(sizeOf(gzipSync(Buffer.alloc(80 << 20, 'date,open,high,low,close\n')))).rejects.toThrow(
    'grows more than 300 times when it is unpacked',
  );
});

test('what grows much and is small is no bomb; several members are one text', async () => {
  const part = gzipSync(Buffer.alloc(8 << 20, 'x'));
  expect(await sizeOf(Buffer.concat([part, part]))).toBe(16 << 20);
});

test('wherever a packed file is cut, that is said', async () => {
  const whole = gzipSync(Buffer.from('date,open,high,low,close\n2024-01-01,1,2,0.5,1\n'.repeat(50)));
  for (let end = 3; end < whole.length; end += 5)
    await expect(sizeOf(whole.subarray(0, end))).rejects.toThrow('is damaged or not whole');
});
