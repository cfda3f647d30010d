/** What an asset's own days say about when it has prices. */

import { EVERY_DAY, type Weekdays, weekdayOf } from './calendar.js';
import type { Day } from './day.js';

/** Days looked at: half a year. */
export const LEARNING_DAYS = 182;
/** Fewer days than eight weeks say nothing: the asset counts as daily. */
export const FEWEST_LEARNING_DAYS = 56;
/** A weekday that is this much rarer than the most frequent one is a stray row, not a habit. */
const HABIT_SHARE = 0.5;

/** How many days of each weekday an asset has, Monday first, and how many calendar days were looked at. */
export interface WeekdayCounts {
  counts: readonly number[];
  span: number;
}

/**
 * The weekdays of an asset; null while it has too few days. A weekday counts when it has at least half as many days as
 * the most frequent one, so holidays do not lose one and a stray row does not add one.
 */
export function learnWeekdays({ counts, span }: WeekdayCounts): Weekdays | null {
  const most = Math.max(...counts);
  if (span < FEWEST_LEARNING_DAYS || most === 0) return null;
  return counts.reduce((mask, count, index) => (count >= most * HABIT_SHARE ? mask | (1 << index) : mask), 0);
}

/** Counts the weekdays among the last half year of these days, which ascend. */
export function countWeekdays(days: readonly Day[]): WeekdayCounts {
  const last = days.at(-1);
  const counts = [0, 0, 0, 0, 0, 0, 0];
  if (last === undefined) return { counts, span: 0 };
  const first = Math.max(days[0] ?? last, last - LEARNING_DAYS + 1);
  for (const day of days) {
    const index = Math.log2(weekdayOf(day));
    if (day >= first) counts[index] = (counts[index] ?? 0) + 1;
  }
  return { counts, span: last - first + 1 };
}

/** What is stored after learning again: a weekday that was learnt once is kept, and named when the asset lacks it now. */
export function mergeWeekdays(
  stored: Weekdays | null,
  learnt: Weekdays | null,
): { weekdays: Weekdays | null; lost: Weekdays } {
  if (stored === null || learnt === null) return { weekdays: stored ?? learnt, lost: 0 };
  return { weekdays: stored | learnt, lost: stored & ~learnt & EVERY_DAY };
}
