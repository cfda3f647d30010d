import type { BarAlignment, Timeframe } from '../../calendar/timeframe.js';

/** Half-open range [start, end) of positions, with the number of its bar. */
export interface Window {
  seq: number;
  start: number;
  end: number;
}

/** Where bars begin and end: the one thing in which bar builders differ (semantics.md §4). Pure. */
export interface BarFamily {
  name: BarAlignment;
  /** What a position is: the number of the accepted row (0-based, bar_seq − 1), or the day number. */
  coordinate: 'row' | 'day';
  /**
   * The window that a position belongs to; null when it belongs to no bar. `origin` is the asset's first position:
   * row 0, or its first day. Positions before it are never asked for.
   */
  windowAt(position: number, timeframe: Timeframe, origin: number): Window | null;
}
