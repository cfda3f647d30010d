/** Where the origin's bars begin and end: as ours, but for groups of months, and numbered without holes when anchored. */
import { familyOf } from '../bars/families/index.js';
import type { BarTimeframe } from '../bars/snapshot.js';
import { firstDayOfMonthIndex, monthIndexOfDay } from '../calendar/day.js';
import type { Timeframe } from '../calendar/timeframe.js';
import type { GivenDays } from './given.js';

/** The rows [from, to) of one bar, and its window's days [start, end); rolling: row numbers. */
export interface TheirBar {
  seq: number;
  from: number;
  to: number;
  start: number;
  end: number;
}

/** Whether windows of this timeframe are others there: groups of months that do not divide a year begin again each January. */
export function hasOtherWindows({ alignment, unit, count }: Timeframe): boolean {
  return alignment.startsWith('cal_anchor') && unit === 'M' && 12 % count !== 0;
}

function windowAt(timeframe: BarTimeframe, days: GivenDays, row: number) {
  const family = familyOf(timeframe.alignment);
  const day = days.day[row] as number;
  if (family.coordinate === 'row') return family.windowAt(row, timeframe, 0);
  if (!hasOtherWindows(timeframe)) return family.windowAt(day, timeframe, days.day[0] as number);
  const month = monthIndexOfDay(day);
  const first = month - ((month % 12) % timeframe.count);
  return {
    seq: first,
    start: firstDayOfMonthIndex(first),
    end: firstDayOfMonthIndex(first + timeframe.count),
  };
}

/** Its bars of a series, in order. */
export function listTheirBars(timeframe: BarTimeframe, days: GivenDays): TheirBar[] {
  const isAnchored = timeframe.alignment.startsWith('cal_anchor');
  const bars: TheirBar[] = [];
  for (let row = 0; row < days.length; row += 1) {
    const window = windowAt(timeframe, days, row);
    if (window === null) continue;
    const last = bars.at(-1);
    if (last?.start === window.start) last.to = row + 1;
    else bars.push({ ...window, seq: isAnchored ? bars.length + 1 : window.seq, from: row, to: row + 1 });
  }
  return bars;
}
