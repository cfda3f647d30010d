import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkPricesWritable } from '../../../storage/prices/staging.js';
import type { Database, Tx } from '../../../storage/session/database.js';
import { identifyAsset } from '../cells/asset.js';
import {
  emptyStaged,
  type IngestReport,
  type Staged,
  type StoreOptions,
  stageBatch,
  storeStaged,
} from '../load/staging.js';
import type { OpenedSource } from '../prices/price-source.js';
import { commandFor, type TypedFlags } from './command-line.js';
import { openPrices } from './open-prices.js';

interface IngestProgress {
  readonly lines: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What may be typed of a file (docs/tasks/load-files.md); null and false: it was not. */
export interface IngestOptions extends TypedFlags {
  /** A file of daily prices; its content says what it is. */
  readonly path: string;
  /** Its abort stops the file between two batches, and nothing of it is stored. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Bytes read at a time, about a megabyte when left out: what bounds the memory. */
  readonly chunkBytes?: number;
}

/**
 * Puts a file of prices into cmc_price_histories7: one transaction, all or nothing, only rows that are new or different.
 * Memory is independent of the size of a file of lines or of Parquet; a JSON document may have 32 MB. Throws UsageError
 * (file, asset or table not usable, or a flag is needed), BadLineError, and Error for a file that is not laid out as it should be.
 */
export async function ingestFile(database: Database, options: IngestOptions): Promise<IngestReport> {
  const { path } = options;
  const file = basename(path);
  return database.transaction(async (tx) => {
    await checkPricesWritable(tx);
    const opened = await openPrices({ ...options, chunkBytes: options.chunkBytes });
    try {
      const { id, symbol, acceptName } = options;
      const command = commandFor(path, options, null);
      const proposed = opened.hints.named?.symbol ?? null;
      const identifying = { id, symbol, file, said: opened.asset, proposed, acceptName, command };
      const asset = await identifyAsset(tx, identifying);
      const staged = await stageFile(tx, opened, { ...options, assetId: asset.id });
      const { format, label } = opened;
      const quote = { ...quoteOf(opened, options), command };
      return await storeStaged(tx, staged, { asset, file, format, label, quote });
    } finally {
      await opened.close();
    }
  });
}

function quoteOf({ hints }: OpenedSource, options: IngestOptions): StoreOptions['quote'] {
  const { currency, acceptCurrency, isAdjusted, acceptAdjustment } = options;
  return {
    isAdjusted,
    isAdjustmentAccepted: acceptAdjustment,
    said: hints.currency,
    named: hints.named?.currency ?? null,
    volume: hints.volume,
    typed: currency,
    isAccepted: acceptCurrency,
  };
}

/** Reads the file batch by batch into the staging table. */
async function stageFile(
  tx: Tx,
  opened: OpenedSource,
  options: IngestOptions & { assetId: number },
): Promise<Staged> {
  const { path: file, skipBadRows } = options;
  const { format } = opened;
  const totalBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const staged = emptyStaged();
  for await (const batch of opened.readBatches(options.assetId)) {
    options.signal?.throwIfAborted();
    await stageBatch(tx, staged, { batch, file, format, skipBadRows });
    options.onProgress?.({ lines: staged.lines, bytes: batch.bytes, totalBytes });
  }
  return staged;
}
