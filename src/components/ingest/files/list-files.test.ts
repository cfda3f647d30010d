import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from '../../../domain/text/errors.js';
import { listPriceFiles } from './list-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barwright-list-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Makes a file that was last written so many seconds after 2025 began. */
async function put(name: string, seconds: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '');
  const at = Date.UTC(2025, 0, 1) / 1000 + seconds;
  await utimes(path, at, at);
  return path;
}

test('a folder gives its price files, oldest first, equally old ones by name; the rest is not looked at', async () => {
  const newest = await put('a.csv', 30);
  const oldest = await put('z.JSON', 10);
  const [b, c] = [await put('b.CSV', 20), await put('c.json', 20)];
  for (const name of ['notes.txt', 'csv', '.hidden.csv', '._a.csv', 'a.csv.bz2']) await put(name, 1);
  await mkdir(join(folder, 'older.csv'));
  await writeFile(join(folder, 'older.csv', 'in.csv'), '');
  const { paths: list } = await listPriceFiles([folder]);
  expect(list).toEqual([oldest, b, c, newest]);
  // What is named keeps its place, and a file in it is not asked whether it is there.
  expect((await listPriceFiles([newest, 'absent.txt', folder])).paths).toEqual([
    newest,
    'absent.txt',
    ...list,
  ]);
});

test('a link that leads nowhere is kept, so that it is reported', async () => {
  const path = join(folder, 'dangling.csv');
  await symlink(join(folder, 'nowhere'), path);
  expect((await listPriceFiles([folder])).paths[0]).toBe(path);
  await rm(path);
});

test('a folder without price files is a usage error that names it', async () => {
  const empty = join(folder, 'empty');
  await mkdir(empty);
  await expect(listPriceFiles([empty])).rejects.toThrow(UsageError);
  await expect(listPriceFiles([empty])).rejects.toThrow(`no price file in the folder ${empty}`);
});
