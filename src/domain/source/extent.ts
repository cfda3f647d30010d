/** What a source holds of one asset, and what has changed in it: facts for plans. */
import type { Day } from '../calendar/day.js';
import type { DailyState } from '../prices/daily-state.js';
import type { RowsOf } from '../prices/price.js';
import type { SeenRows, SourceRows } from './fingerprint.js';

/** Notes of change about days up to the watermark, in sum. */
export interface NotedChange {
  /** -Infinity after a TRUNCATE of an asset without days. */
  fromDay: Day;
  /** Rows written, by what was done to them. */
  inserted: number;
  updated: number;
  deleted: number;
  isTruncated: boolean;
}

/** A 1D state of some days ago (decision 115). */
export interface SourceBase extends DailyState {
  /** Where it lies. */
  slot: number;
  lastSrcUs: number;
  firstDay: Day;
  lastDay: Day;
}

/** What the source holds of an asset, up to the database's now. */
export interface SourceExtent {
  /** As a 1D state keeps it: the part of the source that has the asset. */
  relation: string;
  /** All parts that the run reads. */
  relations: readonly string[];
  /** The parts that have rows of the asset where these are several and none was chosen; else empty. */
  rivals: readonly string[];
  /** Newest stamp of a row whose day is over and that does not count yet, because it was loaded before that; null: there is none. */
  provisionalUs: number | null;
  /** Why the part that has the asset is not read, as a whole or for this asset; null: it is. */
  fault: string | null;
  /** What its rows span. */
  rowsOf: RowsOf;
  /** What is stored was read from another relation, or from an unknown one. */
  isOther: boolean;
  /** What is stored has a fingerprint in the earlier form: it is compared in that form, once, and written in the new one. */
  isFormOld: boolean;
  /** Oldest and newest row; null: there is none. */
  minUs: number | null;
  maxUs: number | null;
  /** Rows after the watermark: what an append takes in. */
  fresh: SourceRows & { minUs: number | null };
  /** Rows up to the watermark as they are now; null: not read, because every change has a note and there is none. */
  seen: SeenRows | null;
  noted: NotedChange | null;
  /** The newest base whose rows are as they were, as far as notes or fingerprints tell: what has changed lies after it. null: there is none, or nobody has looked. */
  base: SourceBase | null;
  /** Keys of all notes of this asset. */
  notes: readonly string[];
}
