/** Daily rows of EMAs, as the kernel computes them from the 1D bars. */
import type { Day } from '../../../domain/calendar/day.js';
import { ALIGNMENTS, hasBars, type Timeframe } from '../../../domain/calendar/timeframe.js';
import { type EmaColumns, emaGrid } from '../../../domain/emas/daily.js';
import { type EmaSpec, KERNEL_VERSION } from '../../../domain/emas/series.js';
import { daysUpTo, rebuildBars } from '../../../domain/planning/rebuild.js';
import type { DayColumns } from '../../../domain/prices/days.js';
import { readDays } from '../../../storage/bars/daily-bars.js';
import { readEmaCarries } from '../../../storage/emas/ema-states.js';
import { alignmentKey } from '../../../storage/series/series.js';
import type { Tx } from '../../../storage/session/database.js';
import { type ColumnRow, constant, type ExportColumn, type RowBatch, roomFor } from '../formats/batch.js';
import {
  type AssetRows,
  fingerprintOf,
  type KindOfRows,
  newestOf,
  numbersOf,
  type SeriesChoice,
} from './request.js';

/** The rows of one period. */
interface Part {
  period: number;
  grid: EmaColumns;
  /** Rows of the grid that are asked for: [from, to). */
  from: number;
  to: number;
  /** Of a closing row the closing row before it, -1 where there is none. */
  before: Int32Array;
}

interface Series {
  id: number;
  spec: EmaSpec;
  days: DayColumns;
}

type CellOf = (part: Part, row: number, series: Series) => number;

/** Of what is not there the difference is NaN, which is NULL. */
const at = (values: Float64Array | null, row: number): number => values?.[row] ?? Number.NaN;
const first = (values: Float64Array | null, now: number, before: number): number =>
  at(values, now) - at(values, before);
const second = (values: Float64Array | null, [now, before, earlier]: [number, number, number]): number =>
  first(values, now, before) - first(values, before, earlier);
/** Differences between closing rows; other rows have none. */
const firstClose = (values: Float64Array | null, { grid, before }: Part, row: number): number =>
  grid.roll[row] === 1 ? Number.NaN : first(values, row, before[row] as number);
const secondClose = (values: Float64Array | null, { grid, before }: Part, row: number): number => {
  const last = before[row] as number;
  return grid.roll[row] === 1 ? Number.NaN : second(values, [row, last, before[last] ?? -1]);
};

/** The columns of the views, in their order, with the alignment. */
const COLUMNS: readonly ColumnRow<CellOf>[] = [
  ['id', 'int32', false, null],
  ['alignment', 'text', false, null],
  ['tf', 'text', false, null],
  ['ts', 'time', false, ({ grid }, row, { days }) => days.timeCloseUs[grid.first + row] as number],
  ['period', 'int32', false, ({ period }) => period],
  ['tf_days', 'int32', false, null],
  ['roll', 'bool', false, ({ grid }, row) => grid.roll[row] as number],
  ['roll_bar', 'bool', false, ({ grid }, row) => grid.roll[row] as number],
  ['ema', 'float64', false, ({ grid }, row) => grid.ema[row] as number],
  ['d1', 'float64', true, (part, row) => firstClose(part.grid.ema, part, row)],
  ['d2', 'float64', true, (part, row) => secondClose(part.grid.ema, part, row)],
  ['d1_roll', 'float64', true, ({ grid }, row) => first(grid.ema, row, row - 1)],
  ['d2_roll', 'float64', true, ({ grid }, row) => second(grid.ema, [row, row - 1, row - 2])],
  ['ema_bar', 'float64', true, ({ grid }, row) => at(grid.emaBar, row)],
  ['d1_bar', 'float64', true, (part, row) => firstClose(part.grid.emaBar, part, row)],
  ['d2_bar', 'float64', true, (part, row) => secondClose(part.grid.emaBar, part, row)],
  ['d1_roll_bar', 'float64', true, ({ grid }, row) => first(grid.emaBar, row, row - 1)],
  ['d2_roll_bar', 'float64', true, ({ grid }, row) => second(grid.emaBar, [row, row - 1, row - 2])],
  ['day', 'day', false, ({ grid }, row, { days }) => days.day[grid.first + row] as number],
];

const EMA_COLUMNS: readonly ExportColumn[] = COLUMNS.map(([name, type, isNullable]) => ({
  name,
  type,
  isNullable,
}));

export const EMA_ROWS: KindOfRows = { columns: EMA_COLUMNS, read: readEmaRows };

/** A series with what it has come to. */
interface Reach {
  timeframe: Timeframe;
  periods: readonly number[];
  upTo: Day;
}

async function readEmaRows(tx: Tx, id: number, choice: SeriesChoice): Promise<AssetRows> {
  const reaches = await listReaches(tx, id, choice);
  const watermarkDay = newestOf(reaches.map(({ upTo }) => upTo));
  const all = watermarkDay === null ? null : ((await readDays(tx, [{ id, afterDay: null }])).get(id) ?? null);
  const days = all === null || watermarkDay === null ? null : daysUpTo(all, watermarkDay);
  return {
    watermarkDay,
    fingerprint: fingerprintOf(
      [
        id,
        reaches.map(({ timeframe, ...rest }) => [
          timeframe.alignment,
          timeframe.tf,
          timeframe.nominalDays,
          rest,
        ]),
      ],
      numbersOf(days),
    ),
    *batches() {
      if (days !== null) for (const reach of reaches) yield batchOf(id, { ...reach, days }, choice);
    },
  };
}

/** The series that the views show, each as far as they show it: its alignment's watermark, or its own where it lags. */
async function listReaches(tx: Tx, id: number, { timeframes, periods }: SeriesChoice): Promise<Reach[]> {
  const carries = await readEmaCarries(tx, [id], ALIGNMENTS);
  return timeframes.flatMap((timeframe) => {
    const carry = carries.get(alignmentKey(id, timeframe.alignment));
    if (carry === undefined || carry.asset === null || !carry.series.has(timeframe.tf)) return [];
    const { watermarkDay, kernelVersion, periods: stored } = carry.asset;
    if (kernelVersion !== KERNEL_VERSION)
      throw new Error(
        `ID ${id}: its EMAs were computed by kernel version ${kernelVersion}, this barwright has ${KERNEL_VERSION}: type "barwright refresh --emas --ids ${id}" first`,
      );
    const upTo = Math.min(carry.lags.get(timeframe.tf)?.watermarkDay ?? watermarkDay, watermarkDay);
    const asked = stored.filter((period) => periods === null || periods.includes(period));
    return [{ timeframe, periods: asked, upTo }];
  });
}

function batchOf(
  id: number,
  { timeframe, periods, upTo, days: all }: Reach & { days: DayColumns },
  choice: SeriesChoice,
): RowBatch {
  const { alignment, tf, nominalDays } = timeframe;
  const days = daysUpTo(all, upTo);
  const spec = { alignment, tf, tfDays: nominalDays, periods };
  const closed = hasBars(timeframe) ? rebuildBars(timeframe, days).closed : [];
  const closes = {
    length: closed.length,
    day: Int32Array.from(closed, ({ lastDay }) => lastDay),
    close: Float64Array.from(closed, ({ close }) => close),
  };
  const parts = periods.map((period) =>
    partOf(emaGrid(spec, period, { days, closes }), { period, days, choice }),
  );
  const rows = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  return { rows, cellsOf: (column) => cellsOf(column, { parts, rows, series: { id, spec, days } }) };
}

function partOf(
  grid: EmaColumns,
  { period, days, choice: { fromDay, toDay } }: { period: number; days: DayColumns; choice: SeriesChoice },
): Part {
  const before = new Int32Array(grid.ema.length).fill(-1);
  let last = -1;
  for (let row = 0; row < before.length; row += 1) {
    if (grid.roll[row] === 1) continue;
    before[row] = last;
    last = row;
  }
  const ofRows = days.day.subarray(grid.first, days.length);
  const from = fromDay === null ? 0 : countBefore(ofRows, fromDay);
  const to = toDay === null ? ofRows.length : countBefore(ofRows, toDay + 1);
  return { period, grid, from, to: Math.max(from, to), before };
}

/** How many of rising days lie before one. */
function countBefore(days: Int32Array, day: Day): number {
  const index = days.findIndex((each) => each >= day);
  return index < 0 ? days.length : index;
}

function cellsOf(
  column: string,
  { parts, rows, series }: { parts: readonly Part[]; rows: number; series: Series },
): ReturnType<RowBatch['cellsOf']> {
  const { id, spec } = series;
  const same: Readonly<Record<string, number | string>> = {
    id,
    alignment: spec.alignment,
    tf: spec.tf,
    tf_days: spec.tfDays,
  };
  const [, type, , cellOf] = COLUMNS.find(([name]) => name === column) ?? [column, 'text', true, null];
  if (cellOf === null) return constant(type, same[column] ?? null, rows);
  const cells = roomFor(type, rows) as Float64Array;
  let index = 0;
  for (const part of parts)
    for (let row = part.from; row < part.to; row += 1) {
      cells[index] = cellOf(part, row, series);
      index += 1;
    }
  return cells;
}
