import {
  type Day,
  FIRST_MONDAY,
  FIRST_SUNDAY,
  firstDayOfMonthIndex,
  floorDivide,
  monthIndexOfDay,
} from '../../calendar/day.js';
import { monthsOfUnit } from '../../calendar/timeframe.js';
import type { BarFamily } from './family.js';

function calendarAnchored(name: 'cal_anchor_us' | 'cal_anchor_iso', weekStart: Day): BarFamily {
  return {
    name,
    coordinate: 'day',
    windowAt(day, { unit, count }, firstDay) {
      if (unit === 'W') {
        const length = 7 * count;
        const group = floorDivide(day - weekStart, length);
        const start = weekStart + group * length;
        return { seq: group - floorDivide(firstDay - weekStart, length) + 1, start, end: start + length };
      }
      const months = monthsOfUnit(unit) * count;
      const group = floorDivide(monthIndexOfDay(day), months);
      return {
        seq: group - floorDivide(monthIndexOfDay(firstDay), months) + 1,
        start: firstDayOfMonthIndex(group * months),
        end: firstDayOfMonthIndex((group + 1) * months),
      };
    },
  };
}

/** Windows at the same dates for every asset; weeks are counted from Sunday 1970-01-04. */
export const calendarAnchoredUs = calendarAnchored('cal_anchor_us', FIRST_SUNDAY);

/** Windows at the same dates for every asset; weeks are counted from Monday 1970-01-05. */
export const calendarAnchoredIso = calendarAnchored('cal_anchor_iso', FIRST_MONDAY);
