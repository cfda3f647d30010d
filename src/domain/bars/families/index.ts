import type { BarAlignment } from '../../calendar/timeframe.js';
import { calendarAlignedIso, calendarAlignedUs } from './calendar-aligned.js';
import { calendarAnchoredIso, calendarAnchoredUs } from './calendar-anchored.js';
import type { BarFamily } from './family.js';
import { rolling } from './rolling.js';

export type { BarFamily, Window } from './family.js';

/** Every bar family: add one by writing its rule and listing it here. */
export const BAR_FAMILIES: readonly BarFamily[] = [
  rolling,
  calendarAlignedUs,
  calendarAlignedIso,
  calendarAnchoredUs,
  calendarAnchoredIso,
];

/** The family of an alignment. */
export function familyOf(alignment: BarAlignment): BarFamily {
  const family = BAR_FAMILIES.find(({ name }) => name === alignment);
  if (family === undefined) throw new Error(`alignment ${alignment} has no family in BAR_FAMILIES`);
  return family;
}
