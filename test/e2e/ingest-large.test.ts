/** Files that are larger than the memory that reads them: 60 MB of CSV and 12 MB of Parquet in `npm test`, 1 GB of both in `npm run test:long`. */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEADER, line } from '../support/ingest.js';
import { runsOf } from '../support/long.js';
import { note } from '../support/note.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const MEGABYTES = runsOf('CSV_MB', 60);
const PARQUET_MB = runsOf('PARQUET_MB', 12);
/** Less than the file: a reader that kept it, or its rows, would end with "heap out of memory". */
const HEAP_MB = MEGABYTES > 100 ? 64 : 48;
/** A window of 250,000 rows of Parquet is held column by column. */
const PARQUET_HEAP_MB = 160;
const limitMs = (megabytes: number) => 60_000 + megabytes * 3_000;
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

/** Writes rows to a Parquet file until it has its size, a row group at a time; gives how many. */
function writeLargeParquet(path: string): number {
  const number = { type: 'DOUBLE', repetition_type: 'REQUIRED' } as const;
  const names = ['open', 'high', 'low', 'close', 'volume', 'marketCap'];
  const schema: SchemaElement[] = [
    { name: 'root', num_children: names.length + 3 },
    ...['timeOpen', 'timeClose'].map((name) => ({
      name,
      type: 'INT64' as const,
      repetition_type: 'OPTIONAL' as const,
    })),
    { name: 'timestamp', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    ...names.map((name) => ({ name, ...number })),
  ];
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, codec: 'UNCOMPRESSED' });
  const GROUP = 100_000;
  let rows = 0;
  do {
    const nothing = new Array<null>(GROUP).fill(null);
    const stamps = Array.from({ length: GROUP }, (_, row) =>
      new Date(((rows + row) % TIMES) * 3_600_000).toISOString(),
    );
    const prices = (factor: number) =>
      Float64Array.from({ length: GROUP }, (_, row) => factor * (1 + (rows + row) / 1e9));
    const factors: Record<string, number> = {
      open: 10,
      high: 12,
      low: 9,
      close: 11,
      volume: 1e6,
      marketCap: 1e9,
    };
    writer.write({
      columnData: [
        { name: 'timeOpen', data: nothing },
        { name: 'timeClose', data: nothing },
        { name: 'timestamp', data: stamps },
        ...names.map((name) => ({ name, data: prices(factors[name] ?? 1) })),
      ],
      rowGroupSize: GROUP,
    });
    rows += GROUP;
  } while (statSync(path).size < PARQUET_MB * 1e6);
  writer.finish();
  return rows;
}

interface Large {
  file: string;
  megabytes: number;
  heapMb: number;
  write(path: string): Promise<number> | number;
}

const LARGE: readonly Large[] = [
  { file: 'Bitcoin_1.csv', megabytes: MEGABYTES, heapMb: HEAP_MB, write: writeLarge },
  { file: 'Bitcoin_1.parquet', megabytes: PARQUET_MB, heapMb: PARQUET_HEAP_MB, write: writeLargeParquet },
];

test.each(LARGE)(
  '$file of $megabytes MB is read with a heap of $heapMb MB',
  async ({ file, megabytes, heapMb, write }) => {
    await warehouse.execute('truncate cmc_price_histories7');
    const path = join(folder, file);
    const lines = await write(path);
    const env = { NODE_OPTIONS: `--max-old-space-size=${heapMb} --import=${PEAK_MEMORY}` };
    const timeoutMs = limitMs(megabytes);
    const startedMs = Date.now();
    const end = await expectExit(0, warehouse.run(['ingest', path, '--json'], { env, timeoutMs }));
    const stored = Math.min(lines, TIMES);
    expect(JSON.parse(end.stdout).files).toMatchObject([
      { lines, newRows: stored, duplicates: lines - stored, badLines: 0 },
    ]);
    const peakMb = Number(/peak memory (\d+) MB/.exec(end.stderr)?.[1]);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    note(`[INFO] ${file} of ${megabytes} MB: ${peakMb} MB of memory at most, ${seconds} s`);
    expect(peakMb).toBeLessThan(file.endsWith('.csv') ? 300 : 500);
    rmSync(path);
  },
  limitMs(Math.max(MEGABYTES, PARQUET_MB)) + 60_000,
);
