/** How far the 1D bars of an asset have come. */
import type { Day } from '../calendar/day.js';

/** The state of an asset's 1D bars as stored. Times are epoch microseconds. */
export interface DailyState {
  /** Newest source timestamp read, rejected or not: the watermark. */
  lastSrcUs: number | null;
  dailyMinSeenUs: number | null;
  firstDay: Day | null;
  lastDay: Day | null;
  /** bar_seq of the newest 1D bar, 0 when every row was rejected. */
  barSeq: number;
  /** Fingerprint of the source rows up to the watermark, as storedHash has it. */
  srcRows: number;
  srcHash: string;
  /** The relation that the rows were read from; null: not known. */
  source: string | null;
  /** The splits that the bars were built with, as formatSplits has them. */
  splits: string;
  /** The JUDGING_VERSION that the rows were judged by. */
  rules: number;
}
