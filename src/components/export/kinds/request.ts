/** What is exported, settled: names that were typed have been found. */
import { createHash } from 'node:crypto';
import type { Day } from '../../../domain/calendar/day.js';
import type { Timeframe } from '../../../domain/calendar/timeframe.js';
import { KERNEL_VERSION } from '../../../domain/emas/series.js';
import type { DayColumns } from '../../../domain/prices/days.js';
import type { Tx } from '../../../storage/session/database.js';
import type { ExportColumn, RowBatch } from '../formats/batch.js';

export interface SeriesChoice {
  /** In the order in which they are written. */
  timeframes: readonly Timeframe[];
  /** null: all that an asset has. */
  periods: readonly number[] | null;
  /** Names of indicators, which stand for all their outputs, or of outputs; null: all. */
  indicators: readonly string[] | null;
  /** Both inclusive; null: no bound. */
  fromDay: Day | null;
  toDay: Day | null;
  /** Bars as of every day, not closed ones only. */
  hasSnapshots: boolean;
}

/** What the rows of one asset are made of, read in one snapshot. */
export interface AssetRows {
  /** The newest day that its series have come to; null: it has none. */
  watermarkDay: Day | null;
  /** Changes whenever a value, a row or a watermark among the rows can have changed. */
  fingerprint: string;
  /** Series after series; computed as they are taken. */
  batches(): Iterable<RowBatch>;
}

/** A kind of rows. */
export interface KindOfRows {
  columns: readonly ExportColumn[];
  read(tx: Tx, id: number, choice: SeriesChoice): Promise<AssetRows>;
}

/** Raised when the same stored rows become another file: a column, a type, the way that a format is written. */
const EXPORT_VERSION = 1;

/** Over facts and over the bytes of numbers; whatever rows are computed from belongs into it. */
export function fingerprintOf(facts: unknown, numbers: readonly ArrayBufferView[]): string {
  const hash = createHash('sha256').update(JSON.stringify([EXPORT_VERSION, KERNEL_VERSION, facts]));
  for (const view of numbers) hash.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return hash.digest('hex');
}

/** The bytes of days. */
export function numbersOf(days: DayColumns | null): ArrayBufferView[] {
  if (days === null) return [];
  return Object.values(days).filter((value): value is Int32Array | Float64Array => ArrayBuffer.isView(value));
}

/** Whether a day is among those that are asked for. */
export function isAsked({ fromDay, toDay }: SeriesChoice, day: Day): boolean {
  return (fromDay === null || day >= fromDay) && (toDay === null || day <= toDay);
}

/** The greatest of these days; null: there is none. */
export function newestOf(days: readonly Day[]): Day | null {
  return days.length === 0 ? null : Math.max(...days);
}

/** The indicator of an output: macd_12_26_9 of macd_12_26_9.signal. Numbers in names have dots too. */
export function indicatorOf(output: string): string {
  const at = output.lastIndexOf('.');
  return at > 0 && /^[a-z]/.test(output.slice(at + 1)) ? output.slice(0, at) : output;
}
