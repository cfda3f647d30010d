/** EMA grids as cells: ours, and the origin's by revision. */
import { listSnapshots } from '../bars/snapshot.js';
import { hasBars, type Timeframe } from '../calendar/timeframe.js';
import type { DayColumns } from '../prices/days.js';
import { theirClosings } from './bars.js';
import type { Cells, Grid } from './cells.js';
import { type EmaGridDays, type EmaGridRules, fillEmaGrid, fillRowGrid } from './ema-grid.js';
import { type GivenDays, hasTwins, type Revision } from './given.js';

/** A timeframe with the periods of its grid, in the order of their places. */
export interface EmaSeries {
  timeframe: Timeframe;
  /** null: a place that stays empty. */
  periods: readonly (number | null)[];
}

/** Our grid: its rows begin with the first value, and an open bar counts as if it closed now. */
export function fillOurEmas(
  cells: Cells,
  grid: Grid,
  { timeframe, periods, days }: EmaSeries & { days: DayColumns },
): void {
  const columns: EmaGridDays = {
    length: days.length,
    place: Int32Array.from(days.day.subarray(0, days.length), (day) => day - grid.firstDay),
    ...{ tsUs: days.timeCloseUs, close: days.close, closings: ourClosings(timeframe, days) },
  };
  const rules = { isChained: false, hasRowsBeforeSeed: false, isBarOnly: false };
  fillPeriods(cells, grid, {
    timeframe,
    periods,
    columns,
    rulesOf: (period) => ({ ...rules, dayAlpha: dayAlphaOf(timeframe, period) }),
  });
  const partial = cells.columns.is_partial_end;
  if (partial !== undefined) fillPartialEnds(cells, grid, { periods, columns, partial });
}

/** Whether each of our days closes a bar. */
function ourClosings(timeframe: Timeframe, days: DayColumns): Uint8Array {
  const closings = new Uint8Array(days.length);
  if (timeframe.tf === '1D') return closings.fill(1);
  if (!hasBars(timeframe)) return closings;
  const snapshots = listSnapshots(timeframe, days);
  for (let index = 0; index < days.length; index += 1)
    if (snapshots.get(days.day[index] as number)?.isClosed) closings[index] = 1;
  return closings;
}

/** α of a day: 2 / (n·p + 1), n the nominal days. */
function dayAlphaOf({ nominalDays }: Timeframe, period: number): number {
  return 2 / (nominalDays * period + 1);
}

/** The days that its refreshers and its bars are made of. */
export interface TheirDays {
  /** Closes of the grid. */
  grid: GivenDays;
  /** Days of the bars. */
  bars: GivenDays;
}

/** Its grid. */
export function fillTheirEmas(
  cells: Cells,
  grid: Grid,
  { timeframe, periods, revision, days }: EmaSeries & { revision: Revision; days: TheirDays },
): void {
  const place = Int32Array.from(days.grid.day, (day) => day - grid.firstDay);
  const beyond = place.findIndex((each) => each >= grid.length);
  const columns: EmaGridDays = {
    length: beyond < 0 ? place.length : beyond,
    place,
    ...{ tsUs: days.grid.tsUs, close: days.grid.close, closings: closingsOf(timeframe, { revision, days }) },
  };
  if (timeframe.alignment !== 'v2' && hasTwins(days.bars)) return;
  const rulesOf = (period: number) => theirRules(timeframe, revision, period);
  // A series without a closed bar has no row at all, and of short histories it leaves periods out.
  const closed = columns.closings.reduce((sum, closing) => sum + closing, 0);
  const isAsked = (period: number) =>
    isCalculated(timeframe, { period, revision, closed, rows: columns.length });
  fillPeriods(cells, grid, { timeframe, periods, columns, rulesOf, isAsked });
  const partial = cells.columns.is_partial_end;
  if (partial !== undefined) fillPartialEnds(cells, grid, { periods, columns, partial });
}

function isCalculated(
  { alignment, nominalDays }: Timeframe,
  { period, revision, closed, rows }: { period: number; revision: Revision; closed: number; rows: number },
): boolean {
  if (alignment === 'v2') return Math.floor(rows / nominalDays) >= 3 * period;
  if (alignment.startsWith('cal_anchor')) return revision === 'cmc' || closed >= period;
  return closed >= period;
}

/** Closing days by row of the grid: the bars' own days may be others. */
function closingsOf(
  timeframe: Timeframe,
  { revision, days }: { revision: Revision; days: TheirDays },
): Uint8Array {
  const closings = new Uint8Array(days.grid.length);
  if (timeframe.tf === '1D') return closings.fill(1);
  if (!hasBars(timeframe)) return closings;
  const closed = new Set<number>();
  const byRow = theirClosings(timeframe, { days: days.bars, revision });
  for (let row = 0; row < byRow.length; row += 1)
    if (byRow[row] === 1) closed.add(days.bars.tsUs[row] as number);
  return closings.map((_, row) => Number(closed.has(days.grid.tsUs[row] as number)));
}

function theirRules(timeframe: Timeframe, revision: Revision, period: number): EmaGridRules {
  const ours = {
    dayAlpha: dayAlphaOf(timeframe, period),
    ...{ isChained: false, hasRowsBeforeSeed: false, isBarOnly: false },
  };
  if (revision === 'head') return ours;
  if (timeframe.alignment === 'multi_tf') return { ...ours, isBarOnly: true };
  if (!timeframe.alignment.startsWith('cal_anchor')) return { ...ours, isChained: true };
  const root = 1 - (1 - 2 / (period + 1)) ** (1 / timeframe.nominalDays);
  return { dayAlpha: root, isChained: true, hasRowsBeforeSeed: true, isBarOnly: false };
}

interface Periods extends EmaSeries {
  columns: EmaGridDays;
  rulesOf: (period: number) => EmaGridRules;
  isAsked?: (period: number) => boolean;
}

function fillPeriods(
  cells: Cells,
  grid: Grid,
  { timeframe, periods, columns, rulesOf, isAsked = () => true }: Periods,
): void {
  for (const [at, period] of periods.entries()) {
    if (period === null || !isAsked(period)) continue;
    const place = { period, offset: at * grid.length, tfDays: timeframe.nominalDays };
    if (timeframe.alignment === 'v2') fillRowGrid(cells, columns, place);
    else fillEmaGrid(cells, columns, { ...place, rules: rulesOf(period) });
  }
}

/** is_partial_end of the head's table: whether a row lies behind the last close. */
function fillPartialEnds(
  { present }: Cells,
  grid: Grid,
  { periods, columns, partial }: Pick<EmaSeries, 'periods'> & { columns: EmaGridDays; partial: Float64Array },
): void {
  const last = columns.closings.lastIndexOf(1);
  const lastPlace = last < 0 ? -1 : (columns.place[last] as number);
  for (let at = 0; at < periods.length; at += 1)
    for (let day = 0; day < grid.length; day += 1) {
      const place = at * grid.length + day;
      if (present[place] === 1) partial[place] = Number(day > lastPlace);
    }
}
