/** Price files as text, and a database to put them into. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type IngestOptions, ingestFile } from '../../src/components/ingest/files/ingest-file.js';
import type { IngestReport } from '../../src/components/ingest/load/staging.js';
import { dayOfCivil } from '../../src/domain/calendar/day.js';
import type { Database } from '../../src/storage/session/database.js';
import { createTestDatabase } from './database.js';

export const HEADER =
  'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;circulatingSupply;timestamp';

/** A whole line for 2025-03-`day` that closes at `close`. */
export function line(day: number, close: number | string = 10): string {
  const date = `2025-03-${String(day).padStart(2, '0')}`;
  const times = `${date}T00:00:00.000Z;${date}T23:59:59.999Z;${date}T05:00:00.000Z;${date}T07:00:00.000Z`;
  return `${times};2781;9;12;8;${close};1000;2.5E+12;19000000;${date}T23:59:59.999Z`;
}

/** Nothing typed beside the name of the file. */
export const NO_FLAGS = {
  id: null,
  symbol: null,
  map: null,
  dateFormat: null,
  decimal: null,
  zone: null,
  isAdjusted: false,
  skipBadRows: false,
} as const;

type FixtureOptions = Partial<IngestOptions> & { file?: string };

export interface IngestFixture {
  database: Database;
  /** Writes `content` (text, or lines) to a file, named like an export of Bitcoin unless `file` says otherwise, and ingests it. */
  ingest(content: string | readonly string[], options?: FixtureOptions): Promise<IngestReport>;
  query<R extends unknown[]>(sql: string): Promise<R[]>;
  /** [day of March 2025, close] of every stored row. */
  storedCloses(): Promise<[number, number][]>;
  clear(): Promise<void>;
  drop(): Promise<void>;
}

export async function createIngestFixture(): Promise<IngestFixture> {
  const { database, drop } = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'barwright-ingest-'));
  const query = <R extends unknown[]>(sql: string) => database.read((tx) => tx.query<R>(sql));
  return {
    database,
    query,
    ingest: (content, options = {}) => ingestText({ database, dir }, content, options),
    async storedCloses() {
      const rows = await query<[number, number]>(
        'select timestamp::date, close from cmc_price_histories7 order by 1',
      );
      return rows.map(([day, close]) => [day - dayOfCivil(2025, 3, 0), close]);
    },
    clear: () =>
      database.transaction(async (tx) => {
        await tx.execute('truncate cmc_price_histories7, dim_assets');
      }),
    async drop() {
      await drop();
      await rm(dir, { recursive: true });
    },
  };
}

async function ingestText(
  { database, dir }: { database: Database; dir: string },
  content: string | readonly string[],
  options: FixtureOptions,
): Promise<IngestReport> {
  const { file = 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv', ...rest } = options;
  const path = join(dir, file);
  await writeFile(path, typeof content === 'string' ? content : `${content.join('\n')}\n`);
  const report = await ingestFile(database, { ...NO_FLAGS, path, ...rest });
  // True of every file: each line has become exactly one of these.
  const { newRows, changedRows, unchangedRows, badLines, duplicates } = report;
  expect(newRows + changedRows + unchangedRows + badLines + duplicates).toBe(report.lines);
  return report;
}
