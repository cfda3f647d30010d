import { type Day, firstDayOfMonthIndex, floorDivide, monthIndexOfDay } from '../../calendar/day.js';
import { monthsOfUnit } from '../../calendar/timeframe.js';
import type { BarFamily } from './family.js';
import { anchoredWeek, WEEK_STARTS } from './weeks.js';

function calendarAnchored(name: 'cal_anchor_us' | 'cal_anchor_iso', weekStart: Day): BarFamily {
  return {
    name,
    coordinate: 'day',
    windowAt(day, { unit, count }, firstDay) {
      if (unit === 'W') return anchoredWeek(day, { count, weekStart, firstDay });
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
export const calendarAnchoredUs = calendarAnchored('cal_anchor_us', WEEK_STARTS.us);

/** Windows at the same dates for every asset; weeks are counted from Monday 1970-01-05. */
export const calendarAnchoredIso = calendarAnchored('cal_anchor_iso', WEEK_STARTS.iso);
