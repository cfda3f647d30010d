/** A CSV file that is larger than the memory that reads it: 40 MB in `npm test`, 1 GB in `npm run test:long`. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEADER, line } from '../support/ingest.js';
import { runsOf } from '../support/long.js';
import { note } from '../support/note.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const MEGABYTES = runsOf('CSV_MB', 40);
/** Less than the file: a reader that kept it, or its rows, would end with "heap out of memory". */
const HEAP_MB = 32;
const LIMIT_MS = 60_000 + MEGABYTES * 3_000;
const PEAK_MEMORY = new URL('../fixtures/children/peak-memory.mjs', import.meta.url).href;
/** So many times are different; of the lines that repeat one the first wins. What grows is the file, not the table. */
const TIMES = 50_000;

let folder: string;
let warehouse: Warehouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-large-'));
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes lines until the file has its size, a thousand at a time; gives how many. */
async function writeLarge(path: string): Promise<number> {
  // Without times, so that a row may be of any hour.
  const rest = line(1)
    .replace(/^[^;]*;[^;]*/, ';')
    .replace(/[^;]*$/, '');
  let lines = 0;
  await pipeline(function* () {
    yield `${HEADER}\n`;
    for (let bytes = 0; bytes < MEGABYTES * 1e6; ) {
      const block = Array.from({ length: 1000 }, (_, index) => {
        const hour = (lines + index) % TIMES;
        return `${rest}${new Date(hour * 3_600_000).toISOString()}\n`;
      }).join('');
      lines += 1000;
      bytes += block.length;
      yield block;
    }
  }, createWriteStream(path));
  return lines;
}

test(
  `a CSV file of ${MEGABYTES} MB is read with a heap of ${HEAP_MB} MB`,
  async () => {
    const path = join(folder, 'Bitcoin_1.csv');
    const lines = await writeLarge(path);
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --import=${PEAK_MEMORY}` };
    const end = await expectExit(0, warehouse.run(['ingest', path, '--json'], { env, timeoutMs: LIMIT_MS }));
    const stored = Math.min(lines, TIMES);
    expect(JSON.parse(end.stdout).files).toMatchObject([
      { lines, newRows: stored, duplicates: lines - stored, badLines: 0 },
    ]);
    const peakMb = Number(/peak memory (\d+) MB/.exec(end.stderr)?.[1]);
    note(`[INFO] a CSV file of ${MEGABYTES} MB: ${peakMb} MB of memory at most`);
    expect(peakMb).toBeLessThan(300);
  },
  LIMIT_MS + 60_000,
);
