import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from '../../../../domain/text/errors.js';
import { openChunks, peekChunks } from './chunks.js';
import { decodeText } from './decode.js';
import { readLineBatches, type SourceLine } from './lines.js';
import { MAGIC_BYTES } from './magic.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'barwright-lines-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function readLines(content: string | Buffer, chunkBytes?: number): Promise<SourceLine[]> {
  const path = join(dir, 'text.csv');
  await writeFile(path, content);
  const lines: SourceLine[] = [];
  for await (const batch of readLineBatches(await textOf(path, chunkBytes), path)) lines.push(...batch.lines);
  return lines;
}

async function textOf(path: string, chunkBytes?: number) {
  return decodeText(path, await peekChunks(openChunks(path, chunkBytes), MAGIC_BYTES));
}

test('BOM, CRLF and blank lines make no difference but to the numbers of the lines', async () => {
  expect(await readLines('\ufeffa;b\r\n\r\n1;2\r\n  \n3;4\n')).toEqual([
    { number: 1, text: 'a;b', isUnterminated: false },
    { number: 3, text: '1;2', isUnterminated: false },
    { number: 5, text: '3;4', isUnterminated: false },
  ]);
});

test('a last line without a line end is marked', async () => {
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

test('CR alone ends a line as LF does', async () => {
  expect((await readLines('a;b\r1;2\r3;4')).map(({ number, text }) => [number, text])).toEqual([
    [1, 'a;b'],
    [2, '1;2'],
    [3, '3;4'],
  ]);
});

test('a tab at the end of a line stays: an empty cell stands after it', async () => {
  expect((await readLines('a\tb\t\n 1\t2\t \n')).map(({ text }) => text)).toEqual(['a\tb\t', '1\t2\t']);
});

test('UTF-8, UTF-16, UTF-32 with their marks, UTF-16 without, and a code page say the same', async () => {
  const text = 'Datum;Eröffnung\n2024;1\n';
  const expected = await readLines(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const files = [
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
    utf16,
    Buffer.from(utf16).swap16(),
    Buffer.from(text, 'latin1'),
  ];
  for (const file of files) {
    expect(await readLines(file)).toEqual(expected);
    expect(await readLines(file, 3)).toEqual(expected);
  }
});

test('a file without line ends is refused in words, not read into memory', async () => {
  await expect(readLines(Buffer.alloc(3 << 20, 'x'))).rejects.toThrow(
    'line 1 is longer than 1048576 letters',
  );
});

async function collect(path: string): Promise<void> {
  for await (const _batch of readLineBatches(await textOf(path), path)) {
    // Reading is all that matters here.
  }
}
