/** Files of pandas and pyarrow in every packing: they come in right; damaged ones are refused in words, or nothing false comes in. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { tryDecoding } from '../../src/components/ingest/read/columns/try-decoding.js';
import { makeDays } from '../support/files/days.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { zipOf } from '../support/files/zip.js';
import { SEED } from '../support/long.js';

const DAYS = makeDays(40);
/** How they were written is in test/fixtures/files/write.py. */
const FILES = [
  ...['lz4.feather', 'zstd.feather', 'lz4.arrows', 'zstd.parquet', 'decimals.parquet', 'lz4.parquet'],
  'gzip.parquet',
];
const contentOf = (file: string) => readFileSync(new URL(`../fixtures/files/${file}`, import.meta.url));
const rows = DAYS.map(({ day, open, high, low, close, volume }) => [day, open, high, low, close, volume]);

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

test.each(FILES)('%s, as it is and packed again', async (file) => {
  const content = contentOf(file);
  const { asset } = await fixture.load(file, content, { id: 77 });
  expect(await fixture.days(asset.id)).toEqual(rows);
  for (const [name, packed] of [
    [`${file}.gz`, gzipSync(content)],
    [`${file}.zip`, zipOf([{ name: file, content }])],
  ] as const)
    expect(await fixture.load(name, packed, { id: 77 })).toMatchObject({ newRows: 0, changedRows: 0 });
});

/** What becomes of a damaged file: an error in our own words, or prices. */
async function attempt(file: string, content: Uint8Array): Promise<number[][]> {
  const failure = await fixture.load(file, content, { id: 77 }).then(
    () => null,
    (error: unknown) => error as Error,
  );
  if (failure !== null) {
    expect(failure.message, String(failure.stack)).toMatch(
      /^.*(?:damaged|whole|expected|no text|is |holds )/,
    );
    expect(failure.message.length).toBeLessThan(3000);
  }
  const stored = await fixture.days(77);
  await fixture.clear();
  return stored;
}

const packings = (file: string): readonly (readonly [string, Uint8Array])[] => {
  const content = contentOf(file);
  return [
    [file, content],
    [`${file}.gz`, gzipSync(content)],
    [`${file}.zip`, zipOf([{ name: file, content }])],
  ];
};

test.each(FILES)('wherever %s is cut, each row that is stored is right', async (file) => {
  for (const [name, content] of packings(file))
    for (let end = content.length - 1; end > 3; end -= Math.ceil(content.length / 9)) {
      const stored = await attempt(name, content.subarray(0, end));
      // A stream of Arrow has no end: batches that are whole are whole.
      expect(file.endsWith('.arrows') ? rows.slice(0, stored.length) : []).toEqual(stored);
    }
});

test.each(FILES)(
  'bytes of %s that were changed end in words, or in a load; never in a crash',
  async (file) => {
    let state = SEED;
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    for (const [name, content] of packings(file))
      for (let run = 0; run < 4; run += 1) {
        const damaged = Uint8Array.from(content);
        for (let change = 0; change <= run % 3; change += 1) damaged[next(damaged.length)] = next(256);
        await attempt(name, damaged).catch((error: unknown) => {
          throw new Error(`seed ${SEED}, ${name}, run ${run}`, { cause: error });
        });
      }
  },
  // A file whose decoding is ended costs twenty seconds.
  180_000,
);

/** Places of bytes and what they were changed to: found by changing bytes at random. */
const ENDLESS = [
  [
    'arrow',
    'lz4.feather',
    [
      [410, 207],
      [1798, 84],
      [2651, 107],
    ],
  ],
  [
    'parquet',
    'lz4.parquet',
    [
      [1311, 148],
      [2738, 11],
    ],
  ],
] as const;

test.each(ENDLESS)(
  'a file of %s that is decoded without an end is ended: %s',
  async (kind, file, changes) => {
    const damaged = Uint8Array.from(contentOf(file));
    for (const [place, byte] of changes) damaged[place] = byte;
    const path = join(fixture.folder, file);
    writeFileSync(path, damaged);
    await expect(tryDecoding(kind, { path, bytes: damaged.length }, 500)).rejects.toThrow(
      'its parts are more than a table can have',
    );
    writeFileSync(path, contentOf(file));
    await tryDecoding(kind, { path, bytes: damaged.length });
  },
);
