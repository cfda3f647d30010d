/** Our 1D bars and bar snapshots as cells: what our tables and views of the same names show. */
import { type BarSnapshot, type BarTimeframe, listSnapshots, missingDaysWhere } from '../bars/snapshot.js';
import { DAY_US, type Day } from '../calendar/day.js';
import type { DayColumns } from '../prices/days.js';
import { type Cells, type Grid, numberOfText } from './cells.js';

const MS = 1000;

/** Which fields of a day barwright repaired. */
export interface Repairs {
  timeHigh: boolean;
  timeLow: boolean;
  high: boolean;
  low: boolean;
}
const NO_REPAIRS: Repairs = { timeHigh: false, timeLow: false, high: false, low: false };

/** A day by its index, with its repairs. */
interface PlacedDay {
  days: DayColumns;
  index: number;
  repairs: Repairs;
}

const DAILY: Readonly<Record<string, (day: PlacedDay) => number | boolean | undefined>> = {
  bar_seq: ({ days, index }) => days.firstBarSeq + index,
  timestamp: ({ days, index }) => days.timestampUs[index],
  time_open: ({ days, index }) => days.timeOpenUs[index],
  time_close: ({ days, index }) => days.timeCloseUs[index],
  time_high: ({ days, index }) => days.timeHighUs[index],
  time_low: ({ days, index }) => days.timeLowUs[index],
  open: ({ days, index }) => days.open[index],
  high: ({ days, index }) => days.high[index],
  low: ({ days, index }) => days.low[index],
  close: ({ days, index }) => days.close[index],
  volume: ({ days, index }) => days.volume[index],
  market_cap: ({ days, index }) => days.marketCap[index],
  repaired_timehigh: ({ repairs }) => repairs.timeHigh,
  repaired_timelow: ({ repairs }) => repairs.timeLow,
  repaired_high: ({ repairs }) => repairs.high,
  repaired_low: ({ repairs }) => repairs.low,
  // Of the head's table of all bars, where a day is a bar of one row.
  ...{ tf_days: () => 1, pos_in_bar: () => 1, count_days: () => 1 },
  time_open_bar: ({ days, index }) => days.timeOpenUs[index],
  time_close_bar: ({ days, index }) => days.timeCloseUs[index],
  last_ts_half_open: ({ days, index }) => (days.timestampUs[index] as number) + MS,
  ...{ bar_anchor_offset: nothing, missing_days_where: nothing },
  ...{ first_missing_day: nothing, last_missing_day: nothing },
};

function nothing(): undefined {
  return undefined;
}

const SNAPSHOT: Readonly<Record<string, (snapshot: BarSnapshot) => number | boolean | null>> = {
  tf_days: ({ bar }) => bar.tfDays,
  bar_seq: ({ bar }) => bar.barSeq,
  bar_anchor_offset: ({ anchorOffset }) => anchorOffset,
  time_open: ({ bar }) => bar.timeOpenUs,
  time_close: ({ bar }) => bar.timeCloseUs,
  time_high: ({ bar }) => bar.timeHighUs,
  time_low: ({ bar }) => bar.timeLowUs,
  open: ({ bar }) => bar.open,
  high: ({ bar }) => bar.high,
  low: ({ bar }) => bar.low,
  close: ({ bar }) => bar.close,
  volume: ({ bar }) => bar.volume,
  market_cap: ({ bar }) => bar.marketCap,
  timestamp: ({ bar }) => bar.timeCloseUs,
  last_ts_half_open: ({ bar }) => bar.timeCloseUs + MS,
  pos_in_bar: ({ bar }) => bar.countDays,
  is_partial_start: ({ bar }) => bar.isPartialStart,
  is_partial_end: ({ isClosed }) => !isClosed,
  count_days: ({ bar }) => bar.countDays,
  count_days_remaining: ({ bar }) => bar.countDaysRemaining,
  is_missing_days: ({ bar }) => bar.countMissingDays > 0,
  count_missing_days: ({ bar }) => bar.countMissingDays,
  count_missing_days_start: ({ countMissingStart }) => countMissingStart,
  count_missing_days_end: () => 0,
  count_missing_days_interior: ({ bar, countMissingStart }) => bar.countMissingDays - countMissingStart,
  missing_days_where: (snapshot) => {
    const where = missingDaysWhere(snapshot);
    return where === null ? null : numberOfText(where);
  },
  first_missing_day: ({ bar }) => bar.firstMissingDay,
  last_missing_day: ({ bar }) => bar.lastMissingDay,
  repaired_timehigh: () => false,
  repaired_timelow: () => false,
  repaired_high: () => false,
  repaired_low: () => false,
  repaired_open: () => false,
  repaired_close: () => false,
  repaired_volume: () => false,
  repaired_market_cap: () => false,
};

function numberOf(value: number | boolean | null | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** Writes our 1D bars. Flags and counts that a day has not are false and 0. */
export function fillOurDays(
  cells: Cells,
  { firstDay }: Grid,
  { days, repaired }: { days: DayColumns; repaired: ReadonlyMap<Day, Repairs> },
): void {
  const columns = Object.entries(cells.columns);
  for (let index = 0; index < days.length; index += 1) {
    const day = days.day[index] as number;
    const placed = { days, index, repairs: repaired.get(day) ?? NO_REPAIRS };
    cells.present[day - firstDay] = 1;
    for (const [name, column] of columns) {
      const cellOf = DAILY[name];
      column[day - firstDay] = cellOf === undefined ? 0 : numberOf(cellOf(placed));
    }
  }
}

/** Writes our snapshots of a series; `isHead`: as the view of the head's name shows them, where time_open is that of the day. */
export function fillOurBars(
  cells: Cells,
  { firstDay }: Grid,
  { timeframe, days, isHead }: { timeframe: BarTimeframe; days: DayColumns; isHead: boolean },
): void {
  const opens = new Map(
    Array.from(days.day.subarray(0, days.length), (day, index) => [day, days.timeOpenUs[index] as number]),
  );
  const columns = Object.entries(cells.columns);
  for (const [day, snapshot] of listSnapshots(timeframe, days)) {
    const place = day - firstDay;
    cells.present[place] = 1;
    for (const [name, column] of columns) column[place] = numberOf(SNAPSHOT[name]?.(snapshot));
    if (!isHead) continue;
    const { time_open, time_open_bar, time_close_bar } = cells.columns;
    if (time_open !== undefined) time_open[place] = opens.get(day) ?? Number.NaN;
    const [from, to] = spanOf(timeframe, snapshot);
    if (time_open_bar !== undefined) time_open_bar[place] = from;
    if (time_close_bar !== undefined) time_close_bar[place] = to;
  }
}

/** When a bar begins and ends by its window; rolling bars by their first day and length. */
function spanOf({ alignment, count }: BarTimeframe, { bar }: BarSnapshot): [number, number] {
  if (alignment === 'multi_tf') return [bar.timeOpenUs, bar.timeOpenUs + count * DAY_US];
  const end = (bar.lastDay + bar.countDaysRemaining + 1) * DAY_US;
  return [end - bar.tfDays * DAY_US, end - MS];
}
