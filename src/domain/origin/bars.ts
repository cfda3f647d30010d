/** The origin's bars after each of their days, by revision, as its builders make them from all rows at once. */
import type { BarTimeframe } from '../bars/snapshot.js';
import { DAY_US } from '../calendar/day.js';
import { type Cells, type Grid, numberOfText } from './cells.js';
import {
  clamp,
  type Extremes,
  runEarliestExtremes,
  runExtremes,
  runFirstExtremes,
  type Shown,
} from './extremes.js';
import { type GivenDays, hasTwins, type Revision } from './given.js';
import { listTheirBars, type TheirBar } from './windows.js';

const MS = 1000;
/** A day ends a millisecond before the next one begins. */
const DAY_END_US = DAY_US - MS;

type Builder = 'rolling' | 'aligned' | 'anchored';

/** A series of theirs while it is made. */
interface Series {
  timeframe: BarTimeframe;
  revision: Revision;
  builder: Builder;
  days: GivenDays;
  /** First row of the first bar: nothing before it is known to the builders of aligned bars. */
  firstRow: number;
}

/** One bar while its rows are made. */
interface Running {
  bar: TheirBar;
  highs: Extremes;
  lows: Extremes;
  volume: number;
  marketCap: number;
  missing: number;
}

type Row = Record<string, number>;

/** Writes the bars of a series after each of its days. `days`: rows of the price table (cmc), or its 1D bars (head). */
export function fillTheirBars(
  cells: Cells,
  grid: Grid,
  { timeframe, revision, days }: { timeframe: BarTimeframe; revision: Revision; days: GivenDays },
): void {
  if (hasTwins(days)) return;
  const bars = listTheirBars(timeframe, days);
  const series = {
    ...{ timeframe, revision, days, builder: builderOf(timeframe), firstRow: bars[0]?.from ?? 0 },
  };
  const columns = Object.entries(cells.columns);
  for (const bar of bars) {
    const running = startBar(series, bar);
    for (let row = bar.from; row < bar.to; row += 1) {
      const values = rowOf(series, running, row);
      const place = (days.day[row] as number) - grid.firstDay;
      if (place < 0 || place >= grid.length) continue;
      cells.present[place] = 1;
      for (const [name, column] of columns) column[place] = values[name] ?? Number.NaN;
    }
  }
}

function builderOf({ alignment }: BarTimeframe): Builder {
  if (alignment === 'multi_tf') return 'rolling';
  return alignment.startsWith('cal_anchor') ? 'anchored' : 'aligned';
}

function startBar({ timeframe, revision, builder, days }: Series, bar: TheirBar): Running {
  const { tsUs } = days;
  const high = { values: days.high, timesUs: days.highUs, tsUs, ...bar, sign: 1 } as const;
  const low = { values: days.low, timesUs: days.lowUs, tsUs, ...bar, sign: -1 } as const;
  const isFirst = revision === 'head' && builder === 'anchored';
  const isEarliest = revision === 'cmc' && timeframe.alignment === 'cal_iso';
  const run = isFirst ? runFirstExtremes : isEarliest ? runEarliestExtremes : runExtremes;
  const [highs, lows] = [run(high), run(low)];
  return { bar, highs, lows, volume: 0, marketCap: Number.NaN, missing: 0 };
}

/** A day opens there when the row before it closed; the first one, a day before its own close. */
function opensAt({ days, firstRow, builder }: Series, row: number): number {
  const isFirst = row === 0 || (builder === 'aligned' && row === firstRow);
  const before = isFirst ? (days.tsUs[row] as number) - DAY_US : (days.tsUs[row - 1] as number);
  return before + MS;
}

function rowOf(series: Series, running: Running, row: number): Row {
  const { days, revision } = series;
  const { bar, highs, lows } = running;
  const volume = days.volume[row] as number;
  const marketCap = days.marketCap[row] as number;
  if (!Number.isNaN(volume)) running.volume += volume;
  const isOfDay = revision === 'head' && series.builder !== 'rolling';
  if (isOfDay || !Number.isNaN(marketCap)) running.marketCap = marketCap;
  if (row > bar.from) {
    const gap = ((days.tsUs[row] as number) - (days.tsUs[row - 1] as number)) / DAY_US;
    running.missing += Math.max(0, Math.trunc(gap - 1));
  }
  const tsUs = days.tsUs[row] as number;
  const shown: Shown = {
    timeOpenUs: opensAt(series, revision === 'head' ? row : bar.from),
    timeCloseUs: tsUs,
    timeLowUs: lows.timeUs[row - bar.from] as number,
    open: days.open[bar.from] as number,
    high: highs.value[row - bar.from] as number,
    low: lows.value[row - bar.from] as number,
    close: days.close[row] as number,
  };
  clamp(shown);
  return {
    bar_seq: bar.seq,
    ...{ time_open: shown.timeOpenUs, time_close: tsUs, time_low: shown.timeLowUs },
    time_high: highs.timeUs[row - bar.from] as number,
    ...{ open: shown.open, high: shown.high, low: shown.low, close: shown.close },
    ...{ volume: running.volume, market_cap: running.marketCap },
    ...(revision === 'head' ? headCells(series, running, row) : cmcCells(series, running, row)),
  };
}

/** What the builders of the `cmc_` tables count. Columns that are not here stay NULL there. */
function cmcCells({ timeframe, builder, days }: Series, { bar, missing }: Running, row: number): Row {
  const position = row - bar.from + 1;
  if (builder === 'rolling')
    return {
      tf_days: timeframe.count,
      ...{ is_partial_start: 0, is_partial_end: Number(position < timeframe.count) },
      ...{ count_days: position, count_days_remaining: timeframe.count - position },
      ...{ is_missing_days: Number(missing > 0), count_missing_days: missing },
    };
  const [day, firstDay] = [days.day[row] as number, days.day[0] as number];
  const tfDays = bar.end - bar.start;
  const counts = builder === 'anchored' ? Math.max(bar.start, firstDay) : bar.start;
  const expected = day - counts + 1;
  // The builder of aligned ISO bars counts a day too many.
  const countDays = position + Number(timeframe.alignment === 'cal_iso');
  const absent = builder === 'anchored' ? missing : Math.max(0, expected - countDays);
  const atStart = (days.day[bar.from] as number) - counts;
  const isAbsent = absent > 0;
  return {
    tf_days: tfDays,
    is_partial_start: Number(counts > bar.start),
    is_partial_end: Number(day < bar.end - 1),
    ...{ count_days: countDays, count_days_remaining: tfDays - expected },
    ...{ is_missing_days: Number(isAbsent), count_missing_days: absent },
    ...{ count_missing_days_start: atStart, count_missing_days_end: 0 },
    count_missing_days_interior: Math.max(0, absent - atStart),
    ...(isAbsent && { missing_days_where: numberOfText('interior') }),
    // Of aligned US bars: the row's own day, whichever are missing.
    ...(isAbsent && timeframe.alignment === 'cal_us' && { first_missing_day: day, last_missing_day: day }),
    ...(builder === 'anchored' && { bar_anchor_offset: bar.start - firstStart(timeframe, days) }),
  };
}

function firstStart(timeframe: BarTimeframe, days: GivenDays): number {
  return listTheirBars(timeframe, { ...days, length: 1 })[0]?.start ?? Number.NaN;
}

/** The same of the head, which does not look for missing days, but in rolling bars. */
function headCells(series: Series, { bar, missing }: Running, row: number): Row {
  const { timeframe, builder, days } = series;
  const position = row - bar.from + 1;
  const tsUs = days.tsUs[row] as number;
  const isRolling = builder === 'rolling';
  const tfDays = isRolling ? timeframe.count : bar.end - bar.start;
  const endUs = (bar.end - 1) * DAY_US + DAY_END_US;
  const openUs = opensAt(series, bar.from);
  // An anchored bar whose window is over has as many days as it has rows.
  const isOver = builder === 'anchored' && (days.tsUs[days.length - 1] as number) >= endUs;
  const expected = isOver ? bar.to - bar.from : tfDays;
  return {
    tf_days: tfDays,
    ...{ timestamp: tsUs, last_ts_half_open: tsUs + MS, pos_in_bar: position, count_days: position },
    time_open_bar: isRolling ? openUs : bar.start * DAY_US,
    time_close_bar: isRolling ? openUs + tfDays * DAY_US : endUs,
    is_partial_start: Number(isOver && bar.to - bar.from < tfDays),
    ...{ is_partial_end: Number(position < expected), count_days_remaining: expected - position },
    is_missing_days: Number(isRolling && missing > 0),
    count_missing_days: isRolling ? missing : 0,
    ...{ count_missing_days_start: 0, count_missing_days_end: 0, count_missing_days_interior: 0 },
    ...NOT_REPAIRED,
  };
}

const NOT_REPAIRED: Row = {
  ...{ repaired_timehigh: 0, repaired_timelow: 0, repaired_high: 0, repaired_low: 0 },
  ...{ repaired_open: 0, repaired_close: 0, repaired_volume: 0, repaired_market_cap: 0 },
};

/** The 1D bars in the head's table of all bars. */
export function fillHeadDays(cells: Cells, grid: Grid, days: GivenDays): void {
  const columns = Object.entries(cells.columns);
  for (let row = 0; row < days.length; row += 1) {
    const place = (days.day[row] as number) - grid.firstDay;
    if (place < 0 || place >= grid.length) continue;
    const tsUs = days.tsUs[row] as number;
    const [openUs, closeUs] = [days.openUs[row] as number, days.closeUs[row] as number];
    const values: Row = {
      ...NOT_REPAIRED,
      ...{ tf_days: 1, bar_seq: days.seq[row] as number, pos_in_bar: 1, count_days: 1 },
      ...{ count_days_remaining: 0, is_partial_start: 0, is_partial_end: 0, is_missing_days: 0 },
      ...{ count_missing_days: 0, count_missing_days_start: 0, count_missing_days_end: 0 },
      ...{ count_missing_days_interior: 0, timestamp: tsUs, last_ts_half_open: tsUs + MS },
      ...{ time_open: openUs, time_open_bar: openUs, time_close: closeUs, time_close_bar: closeUs },
      ...{ time_high: days.highUs[row] as number, time_low: days.lowUs[row] as number },
      ...{ open: days.open[row] as number, high: days.high[row] as number, low: days.low[row] as number },
      ...{ close: days.close[row] as number, volume: days.volume[row] as number },
      market_cap: days.marketCap[row] as number,
      repaired_timehigh: days.repairedTimeHigh[row] as number,
      repaired_timelow: days.repairedTimeLow[row] as number,
      repaired_high: days.repairedHigh[row] as number,
      repaired_low: days.repairedLow[row] as number,
    };
    cells.present[place] = 1;
    for (const [name, column] of columns) column[place] = values[name] ?? Number.NaN;
  }
}

/** Whether each row closes a bar, by row. */
export function theirClosings(
  timeframe: BarTimeframe,
  { days, revision }: { days: GivenDays; revision: Revision },
): Uint8Array {
  const closings = new Uint8Array(days.length);
  if (hasTwins(days)) return closings;
  const builder = builderOf(timeframe);
  const lastUs = days.tsUs[days.length - 1] as number;
  for (const { from, to, start, end } of listTheirBars(timeframe, days)) {
    const position = builder === 'rolling' ? timeframe.count : end - start;
    const isFull = to - from === position;
    const isOver = lastUs >= (end - 1) * DAY_US + DAY_END_US;
    const closes =
      builder === 'rolling' || (revision === 'head' && builder === 'aligned')
        ? isFull
        : revision === 'head'
          ? isOver || isFull
          : (days.day[to - 1] as number) === end - 1;
    if (closes) closings[to - 1] = 1;
  }
  return closings;
}
