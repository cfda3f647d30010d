import { expect, test } from 'vitest';
import type { FoundFile } from './list-files.js';
import { createSettledFiles } from './settled-files.js';

const file = (path: string, bytes: number, modifiedMs = bytes): FoundFile => ({ path, bytes, modifiedMs });
const names = (files: readonly FoundFile[]) => files.map(({ path }) => path);

test('a file that grows is not complete, however long it grows; two seconds without a change and it is', () => {
  const files = createSettledFiles(2000);
  for (let look = 0; look < 100; look += 1) expect(files.look([file('a', look)], look * 1999)).toEqual([]);
  expect(files.look([file('a', 99)], 99 * 1999 + 1999)).toEqual([]);
  expect(names(files.look([file('a', 99)], 99 * 1999 + 2000))).toEqual(['a']);
});

test('what is done with comes again when its size or its time changes, and only then', () => {
  const files = createSettledFiles(2000);
  files.look([file('a', 1)], 0);
  const [ready] = files.look([file('a', 1)], 2000);
  files.finish(ready as FoundFile);
  for (const nowMs of [4000, 10 ** 9]) expect(files.look([file('a', 1)], nowMs)).toEqual([]);
  for (const changed of [file('a', 2), file('a', 2, 5)]) {
    const nowMs = 2 * 10 ** 9 + changed.modifiedMs * 10_000;
    expect(files.look([changed], nowMs)).toEqual([]);
    const [again] = files.look([changed], nowMs + 2000);
    expect(again).toEqual(changed);
    files.finish(again as FoundFile);
  }
});

test('a file that changed while it was read is not done with', () => {
  const files = createSettledFiles(2000);
  files.look([file('a', 1)], 0);
  const [reading] = files.look([file('a', 1)], 2000);
  files.look([file('a', 2)], 3000);
  files.finish(reading as FoundFile);
  expect(names(files.look([file('a', 2)], 5000))).toEqual(['a']);
});

test('what is gone is forgotten; the order is that of the look; what is not finished stays', () => {
  const files = createSettledFiles(0);
  expect(names(files.look([file('b', 1), file('a', 2)], 0))).toEqual(['b', 'a']);
  files.finish(file('b', 1));
  expect(names(files.look([file('b', 1), file('a', 2)], 1))).toEqual(['a']);
  files.look([], 2);
  expect(names(files.look([file('b', 1)], 3))).toEqual(['b']);
});
