import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from '../../domain/errors.js';
import { peekFile } from './chunks.js';
import { readLineBatches, type SourceLine } from './lines.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'barwright-lines-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function readLines(content: string | Buffer, chunkBytes?: number): Promise<SourceLine[]> {
  const path = join(dir, 'text.csv');
  await writeFile(path, content);
  const lines: SourceLine[] = [];
  const { chunks } = await peekFile(path, chunkBytes);
  for await (const batch of readLineBatches(chunks, path)) lines.push(...batch.lines);
  return lines;
}

test('BOM, CRLF and blank lines make no difference but to the numbers of the lines', async () => {
  expect(await readLines('\ufeffa;b\r\n\r\n1;2\r\n  \n3;4\n')).toEqual([
    { number: 1, text: 'a;b', isUnterminated: false },
    { number: 3, text: '1;2', isUnterminated: false },
    { number: 5, text: '3;4', isUnterminated: false },
  ]);
});

test('a last line without a line end is told apart', async () => {
  expect((await readLines('a\nb')).map((line) => line.isUnterminated)).toEqual([false, true]);
  expect(await readLines('')).toEqual([]);
});

test('where the file is cut into chunks makes no difference, multi-byte letters included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      async (parts, chunkBytes) => {
        const content = parts.join('\n');
        expect(await readLines(content, chunkBytes)).toEqual(await readLines(content));
      },
    ),
    { numRuns: 60 },
  );
});

test('a file that cannot be read is a usage error that says why', async () => {
  await expect(collect(join(dir, 'absent.csv'))).rejects.toThrow(UsageError);
  await expect(collect(join(dir, 'absent.csv'))).rejects.toThrow('there is no such file');
  await expect(collect(dir)).rejects.toThrow('it is a directory');
});

test('UTF-16 and a file without line ends are refused in words, not read into memory', async () => {
  await expect(readLines(Buffer.from('\ufefftimeOpen;\n', 'utf16le'))).rejects.toThrow(
    'is UTF-16 text: expected UTF-8',
  );
  await expect(readLines(Buffer.alloc(3 << 20, 'x'))).rejects.toThrow('line 1 is longer than 1048576 bytes');
});

async function collect(path: string): Promise<void> {
  const { chunks } = await peekFile(path);
  for await (const _batch of readLineBatches(chunks, path)) {
    // Reading is all that matters here.
  }
}
