import { type Day, firstDayOfMonthIndex, floorDivide, monthIndexOfDay } from '../../calendar/day.js';
import { monthsOfUnit, type Timeframe } from '../../calendar/timeframe.js';
import type { BarFamily, Window } from './family.js';
import { alignedWeek, WEEK_STARTS } from './weeks.js';

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
      return alignedWeek(day, { count: timeframe.count, weekStart, firstDay });
    },
  };
}

/** Full calendar units from the asset's first boundary on; weeks begin on Sunday. */
export const calendarAlignedUs = calendarAligned('cal_us', WEEK_STARTS.us);

/** Full calendar units from the asset's first boundary on; weeks begin on Monday. */
export const calendarAlignedIso = calendarAligned('cal_iso', WEEK_STARTS.iso);
