/** Closed bars, or bars as of every day, as the kernel computes them from the 1D bars. */
import {
  type BarSnapshot,
  type BarTimeframe,
  listClosedSnapshots,
  listSnapshots,
  missingDaysWhere,
} from '../../../domain/bars/snapshot.js';
import type { Day } from '../../../domain/calendar/day.js';
import { BAR_ALIGNMENTS, hasBars } from '../../../domain/calendar/timeframe.js';
import { daysUpTo } from '../../../domain/planning/rebuild.js';
import type { DayColumns } from '../../../domain/prices/days.js';
import { readBarCarries } from '../../../storage/bars/bar-states.js';
import { readDays } from '../../../storage/bars/daily-bars.js';
import { alignmentKey } from '../../../storage/series/series.js';
import type { Tx } from '../../../storage/session/database.js';
import {
  type Cells,
  type CellType,
  type ColumnRow,
  constant,
  NULL_INT,
  type RowBatch,
  roomFor,
} from '../formats/batch.js';
import {
  type AssetRows,
  fingerprintOf,
  isAsked,
  type KindOfRows,
  newestOf,
  numbersOf,
  type SeriesChoice,
} from './request.js';

type CellOf = (snapshot: BarSnapshot) => number | boolean | string | null;

/** The end of a half-open range of time: bars end a millisecond before it. */
const HALF_OPEN_US = 1_000;

/** The columns of price_bars_daily, in its order. */
const COLUMNS: readonly ColumnRow<CellOf>[] = [
  ['id', 'int32', false, null],
  ['alignment', 'text', false, null],
  ['tf', 'text', false, null],
  ['tf_days', 'int32', false, ({ bar }) => bar.tfDays],
  ['bar_seq', 'int32', false, ({ bar }) => bar.barSeq],
  ['bar_anchor_offset', 'int32', true, ({ anchorOffset }) => anchorOffset],
  ['time_open', 'time', false, ({ bar }) => bar.timeOpenUs],
  ['time_close', 'time', false, ({ bar }) => bar.timeCloseUs],
  ['time_high', 'time', false, ({ bar }) => bar.timeHighUs],
  ['time_low', 'time', false, ({ bar }) => bar.timeLowUs],
  ['open', 'float64', false, ({ bar }) => bar.open],
  ['high', 'float64', false, ({ bar }) => bar.high],
  ['low', 'float64', false, ({ bar }) => bar.low],
  ['close', 'float64', false, ({ bar }) => bar.close],
  ['volume', 'float64', false, ({ bar }) => bar.volume],
  ['market_cap', 'float64', true, ({ bar }) => bar.marketCap],
  ['timestamp', 'time', false, ({ bar }) => bar.timeCloseUs],
  ['last_ts_half_open', 'time', false, ({ bar }) => bar.timeCloseUs + HALF_OPEN_US],
  ['pos_in_bar', 'int32', false, ({ bar }) => bar.countDays],
  ['is_partial_start', 'bool', false, ({ bar }) => bar.isPartialStart],
  ['is_partial_end', 'bool', false, ({ isClosed }) => !isClosed],
  ['count_days', 'int32', false, ({ bar }) => bar.countDays],
  ['count_days_remaining', 'int32', false, ({ bar }) => bar.countDaysRemaining],
  ['is_missing_days', 'bool', false, ({ bar }) => bar.countMissingDays > 0],
  ['count_missing_days', 'int32', false, ({ bar }) => bar.countMissingDays],
  ['count_missing_days_start', 'int32', false, ({ countMissingStart }) => countMissingStart],
  ['count_missing_days_end', 'int32', false, () => 0],
  [
    'count_missing_days_interior',
    'int32',
    false,
    ({ bar, countMissingStart }) => bar.countMissingDays - countMissingStart,
  ],
  ['missing_days_where', 'text', true, missingDaysWhere],
  ['first_missing_day', 'day', true, ({ bar }) => bar.firstMissingDay],
  ['last_missing_day', 'day', true, ({ bar }) => bar.lastMissingDay],
  ['day', 'day', false, ({ bar }) => bar.lastDay],
];

export const BAR_ROWS: KindOfRows = {
  columns: COLUMNS.map(([name, type, isNullable]) => ({ name, type, isNullable })),
  read: readBarRows,
};

/** A series with the day that it has come to. */
interface Reach {
  timeframe: BarTimeframe;
  upTo: Day;
}

async function readBarRows(tx: Tx, id: number, choice: SeriesChoice): Promise<AssetRows> {
  const carries = await readBarCarries(tx, [id], BAR_ALIGNMENTS);
  const reaches = choice.timeframes.filter(hasBars).flatMap((timeframe): Reach[] => {
    const upTo = carries.get(alignmentKey(id, timeframe.alignment))?.series.get(timeframe.tf)?.watermarkDay;
    return upTo === undefined ? [] : [{ timeframe, upTo }];
  });
  const watermarkDay = newestOf(reaches.map(({ upTo }) => upTo));
  const all = watermarkDay === null ? null : ((await readDays(tx, [{ id, afterDay: null }])).get(id) ?? null);
  const days = all === null || watermarkDay === null ? null : daysUpTo(all, watermarkDay);
  return {
    watermarkDay,
    fingerprint: fingerprintOf(
      [id, reaches.map(({ timeframe, upTo }) => [timeframe.alignment, timeframe.tf, upTo])],
      numbersOf(days),
    ),
    *batches() {
      if (days !== null) for (const reach of reaches) yield batchOf(id, { ...reach, days }, choice);
    },
  };
}

function batchOf(
  id: number,
  { timeframe, upTo, days: all }: Reach & { days: DayColumns },
  choice: SeriesChoice,
): RowBatch {
  const days = daysUpTo(all, upTo);
  const snapshots = choice.hasSnapshots
    ? [...listSnapshots(timeframe, days).values()]
    : listClosedSnapshots(timeframe, days);
  const asked = snapshots.filter(({ bar }) => isAsked(choice, bar.lastDay));
  const same: Readonly<Record<string, number | string>> = {
    id,
    alignment: timeframe.alignment,
    tf: timeframe.tf,
  };
  return {
    rows: asked.length,
    cellsOf(column) {
      const [, type, , cellOf] = COLUMNS.find(([name]) => name === column) ?? [column, 'text', true, null];
      return cellOf === null ? constant(type, same[column] ?? null, asked.length) : fill(type, asked, cellOf);
    },
  };
}

function fill(type: CellType, snapshots: readonly BarSnapshot[], cellOf: CellOf): Cells {
  const cells = roomFor(type, snapshots.length);
  for (const [index, snapshot] of snapshots.entries()) {
    const value = cellOf(snapshot);
    if (Array.isArray(cells)) cells[index] = value as string | null;
    else cells[index] = value === null ? nullOf(type) : Number(value);
  }
  return cells;
}

function nullOf(type: CellType): number {
  return type === 'int32' || type === 'day' ? NULL_INT : Number.NaN;
}
