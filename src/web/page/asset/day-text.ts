/** A day that people type: what is wrong with it. */
import { isDay } from '../../api/asset-address.js';

/** The days that there are; null: none. */
export interface DayRange {
  firstDay: string | null;
  lastDay: string | null;
}

/** Why a typed text is not taken, as a sentence; null: it is. While the days are not known (null), any day is. */
export function dayProblemOf(text: string, range: DayRange | null): string | null {
  const example = range?.lastDay ?? '2026-01-31';
  if (!isDay(text)) return `A day like ${example} was expected (YYYY-MM-DD), not "${text}".`;
  if (range === null) return null;
  const { firstDay, lastDay } = range;
  if (firstDay === null || lastDay === null) return 'This asset has no days yet.';
  if (text < firstDay || text > lastDay)
    return `${text} is not one of its days, which go from ${firstDay} to ${lastDay}.`;
  return null;
}
