import {
  type Day,
  FIRST_MONDAY,
  FIRST_SUNDAY,
  firstDayOfMonthIndex,
  floorDivide,
  monthIndexOfDay,
} from '../../calendar/day.js';
import { monthsOfUnit, type Timeframe } from '../../calendar/timeframe.js';
import type { BarFamily, Window } from './family.js';

/** Weeks counted from the first week boundary on or after the asset's first day. */
function weekWindow(day: Day, count: number, boundary: Day): Window | null {
  if (day < boundary) return null;
  const index = floorDivide(day - boundary, 7 * count);
  const start = boundary + index * 7 * count;
  return { seq: index + 1, start, end: start + 7 * count };
}

/** Months or years counted from the first 1st of a month, or 1 January, on or after the asset's first day. */
function monthWindow(day: Day, { unit, count }: Timeframe, firstDay: Day): Window | null {
  const unitMonths = monthsOfUnit(unit);
  const currentUnit = floorDivide(monthIndexOfDay(firstDay), unitMonths);
  const startsOnBoundary = firstDayOfMonthIndex(currentUnit * unitMonths) === firstDay;
  const boundary = (startsOnBoundary ? currentUnit : currentUnit + 1) * unitMonths;
  const months = unitMonths * count;
  const index = floorDivide(monthIndexOfDay(day) - boundary, months);
  if (index < 0) return null;
  const first = boundary + index * months;
  return { seq: index + 1, start: firstDayOfMonthIndex(first), end: firstDayOfMonthIndex(first + months) };
}

function calendarAligned(name: 'cal_us' | 'cal_iso', weekStart: Day): BarFamily {
  return {
    name,
    coordinate: 'day',
    windowAt(day, timeframe, firstDay) {
      if (timeframe.unit !== 'W') return monthWindow(day, timeframe, firstDay);
      const boundary = weekStart - 7 * floorDivide(weekStart - firstDay, 7);
      return weekWindow(day, timeframe.count, boundary);
    },
  };
}

/** Full calendar units from the asset's first boundary on; weeks begin on Sunday. */
export const calendarAlignedUs = calendarAligned('cal_us', FIRST_SUNDAY);

/** Full calendar units from the asset's first boundary on; weeks begin on Monday. */
export const calendarAlignedIso = calendarAligned('cal_iso', FIRST_MONDAY);
