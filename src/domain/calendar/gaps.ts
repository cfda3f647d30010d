/** Gaps in a history: expected days without a price. */

import { type Calendar, listExpected } from './calendar.js';
import type { Day } from './day.js';

/** Days without a price, from the first to the last of them that was expected. */
export interface Gap {
  firstDay: Day;
  lastDay: Day;
  /** Expected days among them. */
  days: number;
}

/**
 * What of a stretch without prices a calendar calls a gap; null: no day of it was expected. A share has none at weekends, and
 * a week without prices is one gap of five days.
 */
export function gapOf(calendar: Calendar, stretch: { firstDay: Day; lastDay: Day }): Gap | null {
  const missing = listExpected(calendar, stretch.firstDay - 1, stretch.lastDay);
  const [firstDay, lastDay] = [missing[0], missing.at(-1)];
  return firstDay === undefined || lastDay === undefined ? null : { firstDay, lastDay, days: missing.length };
}

/** Fewer assets than this are too few to know a holiday from an accident. */
const FEWEST_ASSETS = 3;
const NEARLY_ALL = 0.9;

/** Whether a day is one that nearly all assets of a calendar lack: a holiday, or an outage of the vendor. */
export function isShared({ missing, assets }: { missing: number; assets: number }): boolean {
  return assets >= FEWEST_ASSETS && missing >= assets * NEARLY_ALL;
}
