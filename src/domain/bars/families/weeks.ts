/** The rules of weeks: of the US they begin on Sunday, of ISO 8601 on Monday. */
import { type Day, FIRST_MONDAY, FIRST_SUNDAY, floorDivide } from '../../calendar/day.js';
import type { Window } from './family.js';

/** The first week of 1970 that begins on the right day: all others are counted from it. */
export const WEEK_STARTS = { us: FIRST_SUNDAY, iso: FIRST_MONDAY } as const;

/** Which weeks, and since when the asset has days. */
export interface WeekRule {
  /** Weeks in a window. */
  count: number;
  /** The first day of any week: one of WEEK_STARTS. */
  weekStart: Day;
  firstDay: Day;
}

/** Counted from the first beginning of a week on or after the asset's first day; null before it. */
export function alignedWeek(day: Day, { count, weekStart, firstDay }: WeekRule): Window | null {
  const boundary = weekStart - 7 * floorDivide(weekStart - firstDay, 7);
  if (day < boundary) return null;
  const index = floorDivide(day - boundary, 7 * count);
  const start = boundary + index * 7 * count;
  return { seq: index + 1, start, end: start + 7 * count };
}

/** The same windows for every asset; the one of its first day is number 1. */
export function anchoredWeek(day: Day, { count, weekStart, firstDay }: WeekRule): Window {
  const length = 7 * count;
  const group = floorDivide(day - weekStart, length);
  const start = weekStart + group * length;
  return { seq: group - floorDivide(firstDay - weekStart, length) + 1, start, end: start + length };
}
