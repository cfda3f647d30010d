import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Day } from '../../domain/day.js';
import { dayOfUs } from '../../domain/day.js';
import type { Database, Tx } from '../../storage/database.js';
import {
  checkPricesWritable,
  listStagedDuplicates,
  type PriceUpsert,
  readStoredExtent,
  type StagedDuplicate,
  type StoredExtent,
  upsertStagedPrices,
  writeStagedPrices,
} from '../../storage/price-ingest.js';
import { type IngestAsset, identifyAsset, registerAsset } from './asset.js';
import { peekFile } from './chunks.js';
import type { BadLine, OpenedSource, PriceBatch, PriceLayout } from './price-source.js';
import { sourceBegunBy, sourceOfFormat } from './sources.js';

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
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Bytes read at a time, about a megabyte when left out: what bounds the memory. */
  readonly chunkBytes?: number;
}

/** What became of one file. lines = newRows + changedRows + unchangedRows + badLines + duplicates. */
export interface IngestReport extends PriceUpsert {
  readonly file: string;
  /** The source that read it: "csv", "json". */
  readonly format: string;
  readonly asset: IngestAsset;
  /** null: the format has none. */
  readonly separator: PriceLayout['separator'];
  /** Records: lines that are neither the header nor blank, or quotes. */
  readonly lines: number;
  readonly badLines: number;
  /** The first of them. */
  readonly firstBad: readonly BadLine[];
  /** Lines that lost to an earlier line of the same timestamp. */
  readonly duplicates: number;
  readonly firstDuplicates: readonly StagedDuplicate[];
  /** Days of the file; null when it had no good line. */
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  /** What is stored of the asset afterwards, whatever file it came from. */
  readonly stored: StoredExtent;
}

/** A line of a file that stopped the file. */
class BadLineError extends Error {
  override readonly name = 'BadLineError';
  readonly file: string;
  readonly badLine: BadLine;

  constructor({ file, format }: { file: string; format: string }, badLine: BadLine) {
    super(
      `${formatBadLine({ file, format }, badLine)}. Nothing of this file was stored; --skip-bad-rows keeps the good ${sourceOfFormat(format).words.records}`,
    );
    this.file = file;
    this.badLine = badLine;
  }
}

/** "prices.csv line 12, column close: expected …, found …"; "prices.json quotes[12], field quote.close: …". */
export function formatBadLine(
  { file, format }: { file: string; format: string },
  { line, column, expected, value }: BadLine,
): string {
  const { describePlace, words } = sourceOfFormat(format);
  const place = column === null ? describePlace(line) : `${describePlace(line)}, ${words.field} ${column}`;
  return `${file} ${place}: expected ${expected}, found ${JSON.stringify(value)}`;
}

/** Bad lines and duplicates that a report names one by one; the rest are counted. */
const MOST_NAMED = 20;

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
      const asset = await identifyAsset(tx, { id: options.id, file, said: opened.asset });
      const staged = await stageFile(tx, opened, { ...options, id: asset.id, format });
      if (staged.lines > staged.badLines) await registerAsset(tx, asset);
      const written = await storeStaged(tx, file, staged.layout);
      const { layout, ...counts } = staged;
      return {
        file,
        format,
        asset,
        separator: layout.separator,
        ...counts,
        ...written,
        stored: await readStoredExtent(tx, asset.id, MOST_NAMED),
      };
    } finally {
      await chunks.return(undefined);
    }
  });
}

async function storeStaged(
  tx: Tx,
  file: string,
  { absent }: PriceLayout,
): Promise<PriceUpsert & { duplicates: number; firstDuplicates: StagedDuplicate[] }> {
  const duplicates = await listStagedDuplicates(tx, MOST_NAMED);
  const upsert = await upsertStagedPrices(tx, { sourceFile: file, absent });
  return { ...upsert, duplicates: duplicates.count, firstDuplicates: duplicates.first };
}

interface Staged {
  layout: PriceLayout;
  lines: number;
  badLines: number;
  firstBad: BadLine[];
  firstDay: Day | null;
  lastDay: Day | null;
}

/** Reads the file batch by batch into the staging table; only counts and the first bad lines are kept in memory. */
async function stageFile(
  tx: Tx,
  opened: OpenedSource,
  options: IngestOptions & { id: number; format: string },
): Promise<Staged> {
  const { path, format } = options;
  const totalBytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  const staged = emptyStaged();
  for await (const batch of opened.readBatches(options.id)) {
    const [firstBad] = batch.bad;
    if (firstBad !== undefined && !options.skipBadRows)
      throw new BadLineError({ file: path, format }, firstBad);
    countBatch(staged, batch);
    await writeStagedPrices(tx, batch.prices);
    options.onProgress?.({ lines: staged.lines, bytes: batch.bytes, totalBytes });
  }
  return staged;
}

function emptyStaged(): Staged {
  const layout = { separator: null, absent: [] };
  return { layout, lines: 0, badLines: 0, firstBad: [], firstDay: null, lastDay: null };
}

function countBatch(staged: Staged, { prices, bad, layout }: PriceBatch): void {
  staged.layout = layout;
  staged.lines += prices.length + bad.length;
  staged.badLines += bad.length;
  staged.firstBad.push(...bad.slice(0, MOST_NAMED - staged.firstBad.length));
  for (const { timestampUs } of prices) {
    const day = dayOfUs(timestampUs);
    if (staged.firstDay === null || day < staged.firstDay) staged.firstDay = day;
    if (staged.lastDay === null || day > staged.lastDay) staged.lastDay = day;
  }
}
