import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Database, Tx } from '../../storage/database.js';
import { checkPricesWritable } from '../../storage/price-ingest.js';
import { identifyAsset } from './asset.js';
import { peekFile } from './chunks.js';
import type { OpenedSource } from './price-source.js';
import type { QuoteRequest } from './settle-quote.js';
import { sourceBegunBy } from './sources.js';
import { emptyStaged, type IngestReport, type Staged, stageBatch, storeStaged } from './staging.js';

interface IngestProgress {
  readonly lines: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface IngestOptions {
  /** A file of daily prices (sources.ts); which kind, its content tells. */
  readonly path: string;
  /** The asset; null: by the file's content or name. */
  readonly id: number | null;
  /** True: bad lines are reported and left out. False: the first one stops the file and nothing of it is stored. */
  readonly skipBadRows: boolean;
  /** The currency of a file that does not say it. */
  readonly currency?: string | null;
  /** Another currency than that of the stored prices is meant. */
  readonly acceptCurrency?: boolean;
  /** The name in the file is that of another asset than `id`, and that is meant. */
  readonly acceptName?: boolean;
  /** Its abort stops the file between two batches, and nothing of it is stored. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Bytes read at a time, about a megabyte when left out: what bounds the memory. */
  readonly chunkBytes?: number;
}

/**
 * Puts a file of prices into cmc_price_histories7: one transaction, all or nothing, only rows that are new or different.
 * Memory is independent of the size of a CSV file; a JSON file may have 32 MB. Throws UsageError (file, asset or table
 * not usable), BadLineError, and Error for a file that is not laid out as it should be.
 */
export async function ingestFile(database: Database, options: IngestOptions): Promise<IngestReport> {
  const { path } = options;
  const file = basename(path);
  return database.transaction(async (tx) => {
    await checkPricesWritable(tx);
    const { firstLetter, chunks } = await peekFile(path, options.chunkBytes);
    const { format, open } = sourceBegunBy(firstLetter);
    try {
      const opened = await open({ path, chunks });
      const { id, acceptName } = options;
      const asset = await identifyAsset(tx, { id, file, said: opened.asset, acceptName });
      const staged = await stageFile(tx, opened, { ...options, id: asset.id, format });
      return await storeStaged(tx, staged, { asset, file, format, quote: quoteOf(opened, options) });
    } finally {
      await chunks.return(undefined);
    }
  });
}

function quoteOf({ asset }: OpenedSource, { currency, acceptCurrency }: IngestOptions): QuoteRequest {
  return { said: asset?.currency, typed: currency, isAccepted: acceptCurrency };
}

/** Reads the file batch by batch into the staging table. */
async function stageFile(
  tx: Tx,
  opened: OpenedSource,
  options: IngestOptions & { id: number; format: string },
): Promise<Staged> {
  const { path: file, format, skipBadRows } = options;
  const totalBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const staged = emptyStaged();
  for await (const batch of opened.readBatches(options.id)) {
    options.signal?.throwIfAborted();
    await stageBatch(tx, staged, { batch, file, format, skipBadRows });
    options.onProgress?.({ lines: staged.lines, bytes: batch.bytes, totalBytes });
  }
  return staged;
}
