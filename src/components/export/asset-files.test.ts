import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { areWhole, writeDraft } from './asset-files.js';
import { ARROW } from './formats/arrow.js';
import type { ExportColumn, RowBatch } from './formats/batch.js';
import { FORMATS } from './formats/list.js';

const COLUMNS: ExportColumn[] = [{ name: 'n', type: 'int32', isNullable: false }];
const NEVER = new AbortController().signal;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barwright-parts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Series of so many rows, numbered through. */
function* series(sizes: readonly number[]): Generator<RowBatch> {
  let first = 0;
  for (const rows of sizes) {
    const from = first;
    yield { rows, cellsOf: () => Int32Array.from({ length: rows }, (_, index) => from + index) };
    first += rows;
  }
}

const placeOf = (format: (typeof FORMATS)['arrow']) => ({ directory, kind: 'bars' as const, id: 1, format });

describe('a format that keeps a file in memory', () => {
  test('gets a file for each portion, and series are not cut', async () => {
    const draft = await writeDraft(placeOf({ ...ARROW, portion: 10 }), series([4, 7, 0, 12, 3]), {
      columns: COLUMNS,
      signal: NEVER,
    });
    await draft.settle();
    expect(draft.files.map(({ path, rows }) => [path, rows])).toEqual([
      ['bars/asset=1/part-0.arrow', 11],
      ['bars/asset=1/part-1.arrow', 12],
      ['bars/asset=1/part-2.arrow', 3],
    ]);
    const found = draft.files.flatMap(({ path }) =>
      Array.from(tableFromIPC(readFileSync(join(directory, path))).getChild('n')),
    );
    expect(found).toEqual(Array.from({ length: 26 }, (_, index) => index));
    expect(await areWhole(directory, draft.files)).toBe(true);
  });

  test('with fewer rows than before leaves no file of then', async () => {
    for (const sizes of [[10, 10, 10], [10]]) {
      const draft = await writeDraft(placeOf({ ...ARROW, portion: 10 }), series(sizes), {
        columns: COLUMNS,
        signal: NEVER,
      });
      await draft.settle();
    }
    expect(readdirSync(join(directory, 'bars/asset=1'))).toEqual(['part-0.arrow']);
  });
});

test.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])(
  '%s: nothing is left when writing fails',
  async (name) => {
    function* failing(): Generator<RowBatch> {
      yield* series([500_000]);
      throw new Error('the disk is full');
    }
    const writing = writeDraft(placeOf(FORMATS[name]), failing(), { columns: COLUMNS, signal: NEVER });
    await expect(writing).rejects.toThrow('the disk is full');
    expect(readdirSync(join(directory, 'bars'))).toEqual([]);
  },
);

test('an asset without rows has no file, and no folder', async () => {
  const draft = await writeDraft(placeOf(FORMATS.parquet), series([0, 0]), {
    columns: COLUMNS,
    signal: NEVER,
  });
  await draft.settle();
  expect(draft.files).toEqual([]);
  expect(readdirSync(join(directory, 'bars'))).toEqual([]);
});
