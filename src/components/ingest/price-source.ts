import type { VolumeUnit } from '../../domain/currency.js';
import type { AbsentColumn, StagedPrice } from '../../storage/price-ingest.js';
import type { SaidAsset } from './asset.js';

/** A record that cannot be taken: where it is, what stands there, what was expected. */
export interface BadLine {
  /** The line of a CSV file, counted from 1; the place in `quotes` of a JSON file, counted from 0. */
  readonly line: number;
  /** null: the record as a whole. */
  readonly column: string | null;
  readonly value: string;
  readonly expected: string;
}

/** Values are quoted in messages up to this many characters. */
export const MOST_CHARACTERS = 80;

/** A part of a file, in the order of the file. */
export interface PriceBatch {
  readonly prices: readonly StagedPrice[];
  readonly bad: readonly BadLine[];
  /** Bytes of the file that have been read so far. */
  readonly bytes: number;
  readonly layout: PriceLayout;
}

/** How the file is laid out; the same in every batch of it. */
export interface PriceLayout {
  readonly separator: ';' | ',' | null;
  /** Columns of which the file says nothing: what is stored in them stays. */
  readonly absent: readonly AbsentColumn[];
}

export interface OpenedSource {
  readonly asset: SaidAsset | null;
  /** The prices, as those of asset `id`. Throws Error when the file is not laid out as it should be. */
  readBatches(id: number): AsyncIterable<PriceBatch>;
}

export interface SourceInput {
  /** For messages: what is read are the chunks. */
  readonly path: string;
  readonly chunks: AsyncIterable<Buffer>;
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

/** A kind of price file: how it is told from the others, read, and spoken of. */
export interface PriceSource extends PriceFormat {
  /** Whether a file is of this kind, by its first letter that is not blank ('': there is none). */
  isBegunBy(firstLetter: string): boolean;
  /** Reads as much as is needed to say whose prices these are. */
  open(input: SourceInput): Promise<OpenedSource>;
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
