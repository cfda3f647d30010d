import type { Day } from '../calendar/day.js';

/** An accepted day: low ≤ open, close ≤ high, and both extremes' times lie within the day's. */
export interface DailyBar {
  /** 1, 2, 3, … without holes over the accepted days of an asset. */
  barSeq: number;
  day: Day;
  timestampUs: number;
  timeOpenUs: number;
  timeCloseUs: number;
  timeHighUs: number;
  timeLowUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
  marketCap: number | null;
  repairedTimeHigh: boolean;
  repairedTimeLow: boolean;
  repairedHigh: boolean;
  repairedLow: boolean;
  srcName: string | null;
  srcFile: string | null;
  srcLoadTsUs: number | null;
}
