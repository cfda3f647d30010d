/** Rows that the origin's rules make, as cells of the compared columns. */
import { type BarSnapshot, missingDaysWhere } from '../../domain/bars/snapshot.js';
import type { EmaRow } from '../../domain/emas/rows.js';
import type { DayColumns } from '../../domain/prices/days.js';
import type { Cell } from '../../storage/origin/differences.js';
import type { BAR_CELLS, EMA_CELLS } from '../../storage/origin/tables.js';

const MS_IN_US = 1000;

const SNAPSHOT_CELLS: Readonly<Record<keyof typeof BAR_CELLS, (snapshot: BarSnapshot) => Cell>> = {
  tf_days: ({ bar }) => bar.tfDays,
  bar_seq: ({ bar }) => bar.barSeq,
  bar_anchor_offset: ({ anchorOffset }) => anchorOffset,
  time_open: ({ bar }) => bar.timeOpenUs,
  time_close: ({ bar }) => bar.timeCloseUs,
  time_high: ({ bar }) => orNull(bar.timeHighUs),
  time_low: ({ bar }) => orNull(bar.timeLowUs),
  open: ({ bar }) => bar.open,
  high: ({ bar }) => orNull(bar.high),
  low: ({ bar }) => orNull(bar.low),
  close: ({ bar }) => bar.close,
  volume: ({ bar }) => bar.volume,
  market_cap: ({ bar }) => bar.marketCap,
  timestamp: ({ bar }) => bar.timeCloseUs,
  last_ts_half_open: ({ bar }) => bar.timeCloseUs + MS_IN_US,
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
  missing_days_where: missingDaysWhere,
  first_missing_day: ({ bar }) => bar.firstMissingDay,
  last_missing_day: ({ bar }) => bar.lastMissingDay,
};

/** Extremes of rows without one are infinite, their times not a number. */
function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A snapshot as cells of these columns. */
export function cellsOfSnapshot(snapshot: BarSnapshot, columns: readonly string[]): Cell[] {
  return columns.map((column) => SNAPSHOT_CELLS[column as keyof typeof BAR_CELLS](snapshot));
}

/** An EMA row with what the grid itself does not hold. */
export interface PlacedEma {
  row: EmaRow;
  tsUs: number;
  tfDays: number;
}

const EMA_ROW_CELLS: Readonly<Record<keyof typeof EMA_CELLS, (placed: PlacedEma) => Cell>> = {
  ts: ({ tsUs }) => tsUs,
  tf_days: ({ tfDays }) => tfDays,
  roll: ({ row }) => row.roll,
  roll_bar: ({ row }) => row.roll,
  ema: ({ row }) => row.ema,
  d1: ({ row }) => row.d1,
  d2: ({ row }) => row.d2,
  d1_roll: ({ row }) => row.d1Roll,
  d2_roll: ({ row }) => row.d2Roll,
  ema_bar: ({ row }) => row.emaBar,
  d1_bar: ({ row }) => row.d1Bar,
  d2_bar: ({ row }) => row.d2Bar,
  d1_roll_bar: ({ row }) => row.d1RollBar,
  d2_roll_bar: ({ row }) => row.d2RollBar,
};

/** An EMA row as cells of these columns. */
export function cellsOfEma(placed: PlacedEma, columns: readonly string[]): Cell[] {
  return columns.map((column) => EMA_ROW_CELLS[column as keyof typeof EMA_CELLS](placed));
}

const DAY_FIELDS: Readonly<Record<string, keyof DayColumns>> = {
  time_open: 'timeOpenUs',
  time_close: 'timeCloseUs',
  time_high: 'timeHighUs',
  time_low: 'timeLowUs',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  market_cap: 'marketCap',
};

/** A 1D bar as cells; `ours`: what the rules do not touch (the repair flags) is as it is in our row. */
export function cellsOfDay(
  days: DayColumns,
  index: number,
  { columns, ours }: { columns: readonly string[]; ours: readonly Cell[] | null },
): Cell[] {
  return columns.map((column, at) => {
    if (column === 'bar_seq') return index + 1;
    const field = DAY_FIELDS[column];
    const values = field === undefined ? null : days[field];
    if (values === null || typeof values === 'number') return ours?.[at] ?? null;
    const value = values[index] as number;
    return Number.isNaN(value) ? null : value;
  });
}
