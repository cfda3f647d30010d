/** Closed bars of one series against the calendar: numbers, windows, closing days. */

import { type BarFamily, familyOf, type Window } from '../bars/families/index.js';
import { type Day, formatDay } from '../calendar/day.js';
import type { BarAlignment, Timeframe } from '../calendar/timeframe.js';
import { indexOfDay, type StoredBar, type StoredDays, type Violation } from './validation.js';

/** A window with rows in it: indexes of its first and last one among the days that the series has taken in. */
interface FilledWindow {
  window: Window;
  from: number;
  last: number;
  /** Its bar must be closed. */
  isOver: boolean;
}

export interface BarsToValidate {
  timeframe: Timeframe & { alignment: BarAlignment };
  /** By rising bar_seq. */
  bars: readonly StoredBar[];
  days: StoredDays;
  /** Newest day that the series has taken in; null: it has no state. */
  watermarkDay: Day | null;
}

interface Judge extends BarsToValidate {
  family: BarFamily;
  windows: ReadonlyMap<number, FilledWindow>;
  violations: Violation[];
}

/** Every rule about the closed bars of one series. The days are those that validateDays has nothing against. */
export function validateBars(series: BarsToValidate): Violation[] {
  const family = familyOf(series.timeframe.alignment);
  const windows = listWindows(series, family);
  const judge: Judge = { ...series, family, windows, violations: [] };
  const closed = new Set<number>();
  let previous: StoredBar | null = null;
  for (const bar of series.bars) {
    judgeNumber(judge, bar, previous);
    const window = windowOf(judge, bar.lastDay);
    if (window === undefined) {
      file(judge, bar, {
        violation: 'closing_day_wrong',
        detail: `${formatDay(bar.lastDay)} is not a day of the asset`,
      });
    } else {
      judgeWindow(judge, bar, window);
      if (window !== null && closed.has(window.seq))
        file(judge, bar, {
          violation: 'window_closed_twice',
          detail: `window ${window.seq} has another closing row`,
        });
      if (window !== null) closed.add(window.seq);
    }
    previous = bar;
  }
  judgeMissing(judge, closed);
  return judge.violations;
}

/** One turn a window: the family's rule is asked once for all its rows. */
function listWindows(
  { timeframe, days, watermarkDay }: BarsToValidate,
  family: BarFamily,
): Map<number, FilledWindow> {
  const windows = new Map<number, FilledWindow>();
  const isRow = family.coordinate === 'row';
  const origin = isRow ? 0 : (days.day[0] ?? 0);
  let end = days.length;
  while (watermarkDay !== null && end > 0 && (days.day[end - 1] as number) > watermarkDay) end -= 1;
  let from = 0;
  while (from < end) {
    const window = family.windowAt(isRow ? from : (days.day[from] as number), timeframe, origin);
    let to = from + 1;
    if (window !== null) {
      while (to < end && (isRow ? to : (days.day[to] as number)) < window.end) to += 1;
      const reached = isRow ? to : (days.day[to - 1] as number) + 1;
      windows.set(window.seq, { window, from, last: to - 1, isOver: to < end || reached === window.end });
    }
    from = to;
  }
  return windows;
}

/** undefined: no day of the asset, so it has no window (rolling: because a row is missing). null: the day belongs to no bar. */
function windowOf({ family, timeframe, days }: Judge, day: Day): Window | null | undefined {
  const firstDay = days.day[0] ?? Number.POSITIVE_INFINITY;
  if (day < firstDay) return undefined;
  if (family.coordinate === 'day') return family.windowAt(day, timeframe, firstDay);
  const row = indexOfDay(days, day);
  return row === -1 ? undefined : family.windowAt(row, timeframe, 0);
}

function judgeNumber(judge: Judge, bar: StoredBar, previous: StoredBar | null): void {
  const expected = (previous?.barSeq ?? 0) + 1;
  if (judge.family.coordinate === 'row' && bar.barSeq !== expected)
    file(judge, bar, {
      violation: 'bar_seq_not_dense',
      detail: `expected bar_seq ${expected}, found ${bar.barSeq}`,
    });
  if (previous !== null && bar.firstDay <= previous.lastDay) {
    const [before, found] = [previous.lastDay, bar.firstDay].map(formatDay);
    file(judge, bar, {
      violation: 'bar_seq_not_rising',
      detail: `expected days after ${before}, where bar ${previous.barSeq} ends, found ${found}`,
    });
  }
}

function judgeWindow(judge: Judge, bar: StoredBar, window: Window | null): void {
  const { family, days, windows } = judge;
  const closing = formatDay(bar.lastDay);
  if (window === null) {
    file(judge, bar, {
      violation: 'bar_seq_not_of_window',
      detail: `${closing} lies before the first window`,
    });
    return;
  }
  if (window.seq !== bar.barSeq)
    file(judge, bar, {
      violation: 'bar_seq_not_of_window',
      detail: `expected bar_seq ${window.seq}, the window of ${closing}`,
    });
  const first = family.coordinate === 'row' ? indexOfDay(days, bar.firstDay) : bar.firstDay;
  if (!(first >= window.start && first < window.end && bar.firstDay <= bar.lastDay)) {
    const detail = `its first day ${formatDay(bar.firstDay)} is not in the window of ${closing}`;
    file(judge, bar, { violation: 'days_outside_window', detail });
  }
  const filled = windows.get(window.seq);
  if (filled === undefined || !filled.isOver) {
    file(judge, bar, {
      violation: 'closed_early',
      detail: `window ${window.seq} is not over on the last day taken in`,
    });
    return;
  }
  const expected = days.day[filled.last] as number;
  if (expected !== bar.lastDay)
    file(judge, bar, {
      violation: 'closing_day_wrong',
      detail: `expected ${formatDay(expected)}, found ${closing}`,
    });
}

/** Windows that are over and have no bar. A hole in rolling numbers is said by the bar after it. */
function judgeMissing(judge: Judge, closed: ReadonlySet<number>): void {
  const { family, bars, days, timeframe, watermarkDay } = judge;
  if (watermarkDay === null) return;
  const newest = bars.at(-1)?.barSeq ?? 0;
  for (const [seq, { last, isOver }] of judge.windows) {
    if (!isOver || closed.has(seq) || (family.coordinate === 'row' && seq < newest)) continue;
    judge.violations.push({
      ...{ violation: 'closing_row_missing', alignment: timeframe.alignment, tf: timeframe.tf, period: 0 },
      ...{ tsUs: days.timeCloseUs[last] as number, barSeq: seq },
      detail: `window ${seq} ended with ${formatDay(days.day[last] as number)} and has no closed bar`,
    });
  }
}

function file(
  { violations, timeframe: { alignment, tf } }: Judge,
  bar: StoredBar,
  { violation, detail }: Pick<Violation, 'violation' | 'detail'>,
): void {
  violations.push({ violation, alignment, tf, period: 0, tsUs: bar.timeCloseUs, barSeq: bar.barSeq, detail });
}
