/** A database and a folder, into which files of any bytes are put and loaded. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IngestOptions, ingestFile } from '../../../src/components/ingest/files/ingest-file.js';
import type { IngestReport } from '../../../src/components/ingest/load/staging.js';
import type { Database } from '../../../src/storage/session/database.js';
import { createTestDatabase } from '../database.js';
import { NO_FLAGS } from '../ingest.js';

/** null: what stands there already. */
type Content = string | Uint8Array | null;

export interface FileFixture {
  readonly database: Database;
  readonly folder: string;
  /** Writes a file and loads it as an asset of a symbol of its own, unless flags say otherwise. */
  load(file: string, content: Content, flags?: Partial<IngestOptions>): Promise<IngestReport>;
  /** Loads a file that must be refused: its message. */
  refusal(file: string, content: Content, flags?: Partial<IngestOptions>): Promise<string>;
  /** [day, open, high, low, close, volume] of every stored row of an asset. */
  days(id: number): Promise<number[][]>;
  clear(): Promise<void>;
  drop(): Promise<void>;
}

export async function createFileFixture(): Promise<FileFixture> {
  const { database, drop } = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'barwright-formats-'));
  const load: FileFixture['load'] = async (file, content, flags = {}) => {
    const path = join(folder, file);
    if (content !== null) await writeFile(path, content);
    const asset = flags.id === undefined && flags.symbol === undefined ? { symbol: 'MADE' } : {};
    return ingestFile(database, { ...NO_FLAGS, ...asset, ...flags, path });
  };
  return {
    database,
    folder,
    load,
    async refusal(file, content, flags) {
      const failure = await load(file, content, flags).then(
        (report) => new Error(`was taken: ${JSON.stringify(report)}`),
        (error: unknown) => error,
      );
      if (!(failure instanceof Error)) throw new Error('no error was thrown');
      return failure.message;
    },
    days: (id) =>
      database.read((tx) =>
        tx.query(
          `select timestamp::date, open, high, low, close, volume from cmc_price_histories7 where id = $1 order by timestamp`,
          [id],
        ),
      ),
    clear: () =>
      database.transaction(async (tx) => {
        await tx.execute('truncate cmc_price_histories7, dim_assets');
      }),
    async drop() {
      await drop();
      await rm(folder, { recursive: true });
    },
  };
}
