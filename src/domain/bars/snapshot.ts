/** Bars as of each of their days: what the snapshot views show, computed plainly (semantics.md §4). */

import type { Day } from '../calendar/day.js';
import type { BarAlignment, Timeframe } from '../calendar/timeframe.js';
import type { DayColumns } from '../prices/days.js';
import { type Bar, type BarState, stepBars } from './bar.js';
import { familyOf } from './families/index.js';

/** A timeframe that has bars. */
export type BarTimeframe = Timeframe & { alignment: BarAlignment };

/** A bar after one of its days. */
export interface BarSnapshot {
  bar: Bar;
  /** Closed on this day, as is known at the newest day. */
  isClosed: boolean;
  /** Missing days between the first day that counts and the first present one. */
  countMissingStart: number;
  /** Days from the window of the asset's first day to this one; null where windows are not anchored. */
  anchorOffset: number | null;
}

/** Every snapshot of a series by its day. `days` begin with the asset's first. */
export function listSnapshots(timeframe: BarTimeframe, days: DayColumns): Map<Day, BarSnapshot> {
  const closedDays = new Set(stepBars(timeframe, null, days).closed.map(({ lastDay }) => lastDay));
  const snapshotOf = describerOf(timeframe, days.assetFirstDay);
  const snapshots = new Map<Day, BarSnapshot>();
  let state: BarState | null = null;
  for (let length = 1; length <= days.length; length += 1) {
    state = stepBars(timeframe, state, { ...days, length }).state;
    const bar = state?.bar ?? null;
    if (bar !== null) snapshots.set(bar.lastDay, snapshotOf(bar, closedDays.has(bar.lastDay)));
  }
  return snapshots;
}

/** The last snapshot of each closed bar, by rising barSeq. `days` begin with the asset's first. */
export function listClosedSnapshots(timeframe: BarTimeframe, days: DayColumns): BarSnapshot[] {
  const snapshotOf = describerOf(timeframe, days.assetFirstDay);
  return stepBars(timeframe, null, days).closed.map((bar) => snapshotOf(bar, true));
}

function describerOf(
  timeframe: BarTimeframe,
  assetFirstDay: Day,
): (bar: Bar, isClosed: boolean) => BarSnapshot {
  const startOf = startsOf(timeframe, assetFirstDay);
  const origin = startOf === null ? null : startOf(assetFirstDay);
  return (bar, isClosed) => {
    const start = startOf === null ? null : startOf(bar.firstDay);
    return {
      bar,
      isClosed,
      countMissingStart: start === null ? 0 : bar.firstDay - Math.max(start, assetFirstDay),
      anchorOffset: isAnchored(timeframe) && start !== null && origin !== null ? start - origin : null,
    };
  };
}

function isAnchored({ alignment }: Timeframe): boolean {
  return alignment === 'cal_anchor_us' || alignment === 'cal_anchor_iso';
}

/** First day of the window that a day lies in, of a calendar timeframe; null: windows are counted in rows. */
function startsOf(timeframe: BarTimeframe, assetFirstDay: Day): ((day: Day) => Day | null) | null {
  const family = familyOf(timeframe.alignment);
  if (family.coordinate === 'row') return null;
  return (day) => family.windowAt(day, timeframe, assetFirstDay)?.start ?? null;
}

/** Where days are missing, in the words of the views. */
export function missingDaysWhere({ bar, countMissingStart }: BarSnapshot): string | null {
  const interior = bar.countMissingDays - countMissingStart;
  const places = [...(countMissingStart > 0 ? ['start'] : []), ...(interior > 0 ? ['interior'] : [])];
  return places.length === 0 ? null : places.join();
}
