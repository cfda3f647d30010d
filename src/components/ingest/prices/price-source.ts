import type { Day } from '../../../domain/calendar/day.js';
import type { VolumeUnit } from '../../../domain/prices/currency.js';
import type { AbsentColumn, StagedPrice } from '../../../storage/prices/staging.js';
import type { SaidAsset } from '../cells/asset.js';
import type { Delimiter } from '../read/rows/rows.js';
import type { Hints } from './hints.js';

/** A record that cannot be taken: where it is, what stands there, what was expected. */
export interface BadLine {
  /** The line of a text file, counted from 1; the place in the list of any other file, counted from 0. */
  readonly line: number;
  /** null: the record as a whole. */
  readonly column: string | null;
  readonly value: string;
  readonly expected: string;
  /** What to do about it, where there is more to do than to put the record right. */
  readonly advice?: string;
}

/** Values are quoted in messages up to this many characters. */
export const MOST_CHARACTERS = 80;

/** A value as it is quoted in messages. */
export function cutValue(value: string): string {
  return value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
}

/** A part of a file, in the order of the file. */
export interface PriceBatch {
  readonly prices: readonly StagedPrice[];
  readonly bad: readonly BadLine[];
  /** Days that were not over when the file was written, as it says: their rows are left out. */
  readonly unfinished?: readonly Day[];
  /** A last line without a line end whose last cell was taken: if the file was cut there, it lacks digits. */
  readonly open?: { readonly line: number; readonly value: string };
  /** Bytes of the file that have been read so far. */
  readonly bytes: number;
  readonly layout: PriceLayout;
}

/** How the file is laid out; the same in every batch of it. */
export interface PriceLayout {
  readonly separator: Delimiter | null;
  /** Columns of which the file says nothing: what is stored in them stays. */
  readonly absent: readonly AbsentColumn[];
}

/** A file that is known for what it is, before its prices are read. */
export interface OpenedSource {
  /** How its records are spoken of (sources.ts): "csv", "json", "parquet". */
  readonly format: string;
  /** Whose layout it has, for people: "Yahoo Finance". */
  readonly label: string;
  readonly asset: SaidAsset | null;
  /** What it says of its money beside the prices. */
  readonly hints: Hints;
  /** The prices, as those of asset `id`. Throws Error when the file is not laid out as it should be. */
  readBatches(id: number): AsyncIterable<PriceBatch>;
  /** Lets go of the file, read or not. */
  close(): Promise<void>;
}

/** How prices of one format are spoken of. */
export interface PriceFormat {
  readonly format: string;
  /** What its volume counts, where that is the same in all of its files. */
  readonly volume?: VolumeUnit;
  readonly words: {
    readonly records: string;
    readonly record: string;
    readonly field: string;
    /** What holds the records. */
    readonly whole: 'file' | 'answer';
  };
  /** Where record `line` stands, for people: "line 12", "quotes[12]". */
  describePlace(line: number): string;
}

/** A price of which nothing is known yet; its key is not a number until it is read. */
export function emptyPrice(id: number, line: number): StagedPrice {
  return {
    id,
    line,
    name: null,
    timeOpenUs: null,
    timeCloseUs: null,
    timeHighUs: null,
    timeLowUs: null,
    timestampUs: Number.NaN,
    open: null,
    high: null,
    low: null,
    close: null,
    volume: null,
    marketCap: null,
    circulatingSupply: null,
  };
}
