/** What is on its way into the price table: counted, stored, reported. The same for files and for what is fetched. */
import { type Day, dayOfUs, formatDay } from '../../../domain/calendar/day.js';
import {
  listStagedDuplicates,
  type PriceUpsert,
  readStagedFuture,
  readStoredExtent,
  type StagedDuplicate,
  type StoredExtent,
  upsertStagedPrices,
  writeStagedPrices,
} from '../../../storage/prices/staging.js';
import type { Tx } from '../../../storage/session/database.js';
import { type IngestAsset, registerAsset } from '../cells/asset.js';
import type { BadLine, PriceBatch, PriceLayout } from '../prices/price-source.js';
import { refuseOtherSpans } from '../prices/row-spans.js';
import { judgeWritten, NOTHING_SAID, type WrittenJudgement } from './judge-written.js';
import { type AdjustmentRequest, settleAdjustment } from './settle-adjustment.js';
import { type QuoteRequest, settleQuote } from './settle-quote.js';
import { formatNamed } from './sources.js';

/** What became of one file or fetch. lines = newRows + changedRows + unchangedRows + badLines + duplicates. */
export interface IngestReport extends PriceUpsert {
  /** The file's name, or where it was fetched from. */
  readonly file: string;
  /** What it is made of: "csv", "json", "parquet", "candles" (sources.ts). */
  readonly format: string;
  /** Whose layout it has: "CoinMarketCap", "Yahoo Finance". */
  readonly label: string;
  readonly asset: IngestAsset;
  /** null: the format has none. */
  readonly separator: PriceLayout['separator'];
  /** Records: lines that are neither the header nor blank, quotes, or candles. */
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
  /** Days of the file that have not begun; null: there is none. */
  readonly future: { readonly days: number; readonly firstDay: Day; readonly lastDay: Day } | null;
  /** What is stored of the asset afterwards, whatever file it came from. */
  readonly stored: StoredExtent;
  /** What a person should know of the money that its prices are in, a line each. */
  readonly notes: readonly string[];
  /** What a run will say of the days that were written. */
  readonly judged: WrittenJudgement;
}

/** A record that stopped its file. */
class BadLineError extends Error {
  override readonly name = 'BadLineError';
  readonly file: string;
  readonly badLine: BadLine;

  constructor({ file, format }: { file: string; format: string }, badLine: BadLine) {
    const { records, whole } = formatNamed(format).words;
    super(
      `${formatBadLine({ file, format }, badLine)}. Nothing of this ${whole} was stored; --skip-bad-rows keeps the good ${records}${adviceOf(badLine)}`,
    );
    this.file = file;
    this.badLine = badLine;
  }
}

function adviceOf({ advice }: BadLine): string {
  return advice === undefined ? '' : `. ${advice}`;
}

/** "prices.csv line 12, column close: expected …, found …"; "prices.json quotes[12], field quote.close: …". */
export function formatBadLine(
  { file, format }: { file: string; format: string },
  { line, column, expected, value }: BadLine,
): string {
  const { describePlace, words } = formatNamed(format);
  const place = column === null ? describePlace(line) : `${describePlace(line)}, ${words.field} ${column}`;
  return `${file} ${place}: expected ${expected}, found ${JSON.stringify(value)}`;
}

/** Bad lines and duplicates that a report names one by one; the rest are counted. */
const MOST_NAMED = 20;

/** Counts so far, and the first bad lines: what is kept in memory of a file. */
export interface Staged {
  layout: PriceLayout;
  lines: number;
  badLines: number;
  /** Days with a close above zero: a run refuses the others. */
  closes: number;
  firstBad: BadLine[];
  firstDay: Day | null;
  lastDay: Day | null;
  open: NonNullable<PriceBatch['open']> | null;
  unfinished: Day[];
}

/** Nothing yet. */
export function emptyStaged(): Staged {
  const layout = { separator: null, absent: [] };
  return {
    layout,
    lines: 0,
    badLines: 0,
    closes: 0,
    firstBad: [],
    firstDay: null,
    lastDay: null,
    open: null,
    unfinished: [],
  };
}

/** Puts a batch into the staging table. Throws BadLineError for the first bad record unless they may be left out. */
export async function stageBatch(
  tx: Tx,
  staged: Staged,
  options: { batch: Omit<PriceBatch, 'bytes'>; file: string; format: string; skipBadRows: boolean },
): Promise<void> {
  const { file, format, skipBadRows } = options;
  const batch = refuseOtherSpans(options.batch);
  const [firstBad] = batch.bad;
  if (firstBad !== undefined && !skipBadRows) throw new BadLineError({ file, format }, firstBad);
  countBatch(staged, batch);
  await writeStagedPrices(tx, batch.prices);
}

function countBatch(staged: Staged, batch: Omit<PriceBatch, 'bytes'>): void {
  const { prices, bad, layout, open, unfinished = [] } = batch;
  staged.unfinished.push(...unfinished);
  staged.open = open ?? staged.open;
  staged.layout = layout;
  staged.lines += prices.length + bad.length;
  staged.badLines += bad.length;
  staged.firstBad.push(...bad.slice(0, MOST_NAMED - staged.firstBad.length));
  for (const { timestampUs, close } of prices) {
    const day = dayOfUs(timestampUs);
    if (close !== null && close > 0) staged.closes += 1;
    if (staged.firstDay === null || day < staged.firstDay) staged.firstDay = day;
    if (staged.lastDay === null || day > staged.lastDay) staged.lastDay = day;
  }
}

export interface StoreOptions {
  asset: IngestAsset;
  file: string;
  format: string;
  /** Whose layout it has: "Yahoo Finance". */
  label: string;
  /** What is known of the money and the kind of prices beside the rows. */
  quote: QuoteRequest & Omit<AdjustmentRequest, 'id' | 'file'>;
}

/** Moves what was staged into the price table, with its asset, and says what became of it. */
export async function storeStaged(
  tx: Tx,
  staged: Staged,
  { asset, file, format, label, quote }: StoreOptions,
): Promise<IngestReport> {
  if (staged.lines === staged.badLines && staged.badLines > 0) throw nothingLeft(staged, { file, format });
  const hasPrices = staged.lines > staged.badLines;
  if (hasPrices && staged.closes === 0) throw noCloses({ file, format });
  if (hasPrices) await registerAsset(tx, asset);
  const { volume } = formatNamed(format);
  const settling = { volume, ...quote, id: asset.id, file };
  const notes = hasPrices
    ? [...(await settleQuote(tx, settling)), ...(await settleAdjustment(tx, settling))]
    : [];
  const duplicates = await listStagedDuplicates(tx, MOST_NAMED);
  const future = await readStagedFuture(tx);
  const { layout, open, unfinished, closes: _, ...counts } = staged;
  const written = await upsertStagedPrices(tx, { sourceFile: file, absent: layout.absent });
  const isWritten = written.newRows + written.changedRows > 0;
  return {
    file,
    format,
    label,
    asset,
    separator: layout.separator,
    ...counts,
    ...written,
    duplicates: duplicates.count,
    firstDuplicates: duplicates.first,
    future,
    stored: await readStoredExtent(tx, asset.id, MOST_NAMED),
    notes: [...notes, ...noteUnfinished(unfinished), ...(isWritten ? noteOpen(file, open) : [])],
    judged: isWritten ? await judgeWritten(tx, asset.id) : NOTHING_SAID,
  };
}

function noteUnfinished(days: readonly Day[]): string[] {
  const [first] = days.toSorted((a, b) => a - b);
  if (first === undefined) return [];
  const which =
    days.length === 1
      ? `the row of ${formatDay(first)} is`
      : `${days.length} rows from ${formatDay(first)} on are`;
  return [`[INFO] ${which} left out: by the file, the day was not over when it was written`];
}

function noteOpen(file: string, open: Staged['open']): string[] {
  if (open === null) return [];
  const { line, value } = open;
  return [
    `[INFO] line ${line} of ${file} has no line end: if the file was cut there, its last cell "${value}" lacks digits`,
  ];
}

/** A run would refuse every day of it. */
function noCloses({ file, format }: { file: string; format: string }): Error {
  const { record } = formatNamed(format).words;
  return new Error(
    `no ${record} of ${file} has a close above zero, and a day without one makes no bar, so nothing was stored`,
  );
}

/** Leaving all records out is no way of taking a file. */
function nothingLeft({ badLines, firstBad }: Staged, place: { file: string; format: string }): Error {
  const { records, whole } = formatNamed(place.format).words;
  const first =
    firstBad[0] === undefined ? '' : `: ${formatBadLine(place, firstBad[0])}${adviceOf(firstBad[0])}`;
  return new Error(
    `none of the ${badLines} ${records} of this ${whole} can be taken, so nothing was stored${first}`,
  );
}
