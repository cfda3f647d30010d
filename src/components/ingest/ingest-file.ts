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
  type StagedPrice,
  type StoredExtent,
  upsertStagedPrices,
  writeStagedPrices,
} from '../../storage/price-ingest.js';
import { type IngestAsset, identifyAsset, registerAsset } from './asset.js';
import { type Header, parseHeader } from './header.js';
import { readLineBatches, type SourceLine } from './lines.js';
import { type BadLine, parsePrices } from './prices.js';

interface IngestProgress {
  readonly lines: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface IngestOptions {
  /** A CoinMarketCap CSV file (semantics.md §1). */
  readonly path: string;
  /** The asset; null: by the file's name. */
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
  readonly asset: IngestAsset;
  readonly separator: ';' | ',';
  /** Lines that are neither the header nor blank. */
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

  constructor(file: string, badLine: BadLine) {
    super(
      `${formatBadLine(file, badLine)}. Nothing of this file was stored; --skip-bad-rows keeps the good lines`,
    );
    this.file = file;
    this.badLine = badLine;
  }
}

/** "prices.csv line 12, column close: expected …, found …". */
export function formatBadLine(file: string, { line, column, expected, value }: BadLine): string {
  const place = column === null ? `line ${line}` : `line ${line}, column ${column}`;
  return `${file} ${place}: expected ${expected}, found ${JSON.stringify(value)}`;
}

/** Bad lines and duplicates that a report names one by one; the rest are counted. */
const MOST_NAMED = 20;

/**
 * Puts a CoinMarketCap CSV file into cmc_price_histories7: one transaction, all or nothing, only rows that are new or
 * different, memory independent of the size of the file. Throws UsageError (file, asset or table not usable),
 * BadLineError, and Error for a header or text that is not that of such a file.
 */
export async function ingestFile(database: Database, options: IngestOptions): Promise<IngestReport> {
  const file = basename(options.path);
  return database.transaction(async (tx) => {
    await checkPricesWritable(tx);
    const asset = await identifyAsset(tx, { id: options.id, file });
    const staged = await stageFile(tx, { ...options, id: asset.id });
    if (staged.lines > staged.badLines) await registerAsset(tx, asset);
    const written = await storeStaged(tx, file, staged);
    const { header, ...counts } = staged;
    return {
      file,
      asset,
      separator: header.separator,
      ...counts,
      ...written,
      stored: await readStoredExtent(tx, asset.id, MOST_NAMED),
    };
  });
}

async function storeStaged(
  tx: Tx,
  file: string,
  { header }: Staged,
): Promise<PriceUpsert & { duplicates: number; firstDuplicates: StagedDuplicate[] }> {
  const duplicates = await listStagedDuplicates(tx, MOST_NAMED);
  const { hasCirculatingSupply } = header;
  const upsert = await upsertStagedPrices(tx, { sourceFile: file, hasCirculatingSupply });
  return { ...upsert, duplicates: duplicates.count, firstDuplicates: duplicates.first };
}

interface Staged {
  header: Header;
  lines: number;
  badLines: number;
  firstBad: BadLine[];
  firstDay: Day | null;
  lastDay: Day | null;
}

/** Reads the file batch by batch into the staging table; only counts and the first bad lines are kept in memory. */
async function stageFile(tx: Tx, options: IngestOptions & { id: number }): Promise<Staged> {
  const { path } = options;
  const totalBytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  let staged: Staged | null = null;
  let previous: SourceLine | null = null;
  for await (const { lines, bytes } of readLineBatches(path, options.chunkBytes)) {
    if (staged === null) {
      const first = lines.shift();
      if (first === undefined) continue;
      staged = emptyStaged(parseHeader(first.text, `${path} line ${first.number}`));
    }
    const parsed = parsePrices(lines, { header: staged.header, id: options.id, previous });
    const [firstBad] = parsed.bad;
    if (firstBad !== undefined && !options.skipBadRows) throw new BadLineError(path, firstBad);
    countLines(staged, parsed.prices, parsed.bad);
    await writeStagedPrices(tx, parsed.prices);
    previous = lines.at(-1) ?? previous;
    options.onProgress?.({ lines: staged.lines, bytes, totalBytes });
  }
  if (staged === null)
    throw new Error(`${path} is empty: expected the header line of a CoinMarketCap export`);
  if (staged.lines === 0)
    throw new Error(`${path} has a header but no lines after it: expected one line per day`);
  return staged;
}

function emptyStaged(header: Header): Staged {
  return { header, lines: 0, badLines: 0, firstBad: [], firstDay: null, lastDay: null };
}

function countLines(staged: Staged, prices: readonly StagedPrice[], bad: readonly BadLine[]): void {
  staged.lines += prices.length + bad.length;
  staged.badLines += bad.length;
  staged.firstBad.push(...bad.slice(0, MOST_NAMED - staged.firstBad.length));
  for (const { timestampUs } of prices) {
    const day = dayOfUs(timestampUs);
    if (staged.firstDay === null || day < staged.firstDay) staged.firstDay = day;
    if (staged.lastDay === null || day > staged.lastDay) staged.lastDay = day;
  }
}
