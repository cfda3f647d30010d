/** Bars of the replaced system after each day: made from slices of rows, one at a time. Written plainly, apart from src. */
import { type Cells, DAY, dateOf, type GivenRow, iso, midnight, pricesOf } from './days.js';
import { readName, type Window, windowOf } from './windows.js';

/** A bar: its rows, the place of the first among all, its window; rolling ones have none. */
interface Bar {
  rows: GivenRow[];
  at: number;
  window: Window | null;
  /** Numbers by windows, holes included, or by bars. */
  seq: number;
}

function listBars(tf: string, rows: readonly GivenRow[]): Bar[] {
  const { count, unit, isAnchored } = readName(tf);
  const bars = new Map<string, Bar>();
  const firstDay = rows[0]?.day ?? '';
  for (const [at, row] of rows.entries()) {
    const window = unit === 'D' ? null : windowOf(tf, row.day, firstDay);
    if (unit !== 'D' && window === null) continue;
    const key = window?.start ?? String(Math.floor(at / count));
    // Empty windows between two bars count, but where windows are anchored.
    const seq = window === null || isAnchored ? bars.size + 1 : numberOf(tf, window, firstDay);
    const bar = bars.get(key) ?? { rows: [], at, window, seq };
    bar.rows.push(row);
    bars.set(key, bar);
  }
  return [...bars.values()];
}

/** How many windows there are up to this one, from the first full one on. */
function numberOf(tf: string, { start }: Window, firstDay: string): number {
  let day = firstDay;
  let window = windowOf(tf, day, firstDay);
  while (window === null) {
    day = dateOf(midnight(day) + DAY);
    window = windowOf(tf, day, firstDay);
  }
  let number = 1;
  for (; window !== null && window.start < start; number += 1) window = windowOf(tf, window.end, firstDay);
  return number;
}

/** The extreme after each row of a bar, and its time. */
interface Run {
  values: (number | null)[];
  times: number[];
  /** Rows that one extreme stood on. */
  segments: number[][];
}

interface Extreme {
  price: 'high' | 'low';
  time: 'timeHigh' | 'timeLow';
  pick: (...values: number[]) => number;
}

/** As a data frame's running maximum has them: no value where the row has none, and a new extreme behind it. */
function run(rows: readonly GivenRow[], { price, time, pick }: Extreme): Run {
  const result: Run = { values: [], times: [], segments: [] };
  let best: number | null = null;
  let shown = 0;
  for (const [index, row] of rows.entries()) {
    const value = row[price];
    if (value !== null) best = best === null ? value : pick(best, value);
    const before = result.values.at(-1) ?? null;
    const now = value === null ? null : best;
    result.values.push(now);
    if (before === null || (now !== null && now !== before)) {
      shown = row[time] ?? row.ts;
      result.segments.push([]);
    }
    result.segments.at(-1)?.push(index);
    result.times.push(shown);
  }
  return result;
}

/** Of aligned ISO weeks and months: the earliest time among all rows of the bar that tie, while the extreme stands. */
function earliest(
  rows: readonly GivenRow[],
  { values, times, segments }: Run,
  { price, time }: Extreme,
): number[] {
  const result = [...times];
  let shown = 0;
  for (const segment of segments) {
    const ties = segment
      .map((index) => rows[index] as GivenRow)
      .filter((row, at) => {
        const value = values[segment[at] as number];
        return value !== null && row[price] === value;
      });
    if (ties.length > 0) shown = Math.min(...ties.map((row) => row[time] ?? row.ts));
    for (const index of segment) result[index] = shown;
  }
  return result;
}

const HIGH: Extreme = { price: 'high', time: 'timeHigh', pick: Math.max };
const LOW: Extreme = { price: 'low', time: 'timeLow', pick: Math.min };

/** When a row opens: when the one before it closed. Aligned builders know no row before their first bar. */
function openOf(rows: readonly GivenRow[], at: number, first: number): number {
  const row = rows[at] as GivenRow;
  return at === first ? row.ts - DAY + 1 : (rows[at - 1] as GivenRow).ts + 1;
}

/** What is written of a row: a low behind the close is dropped, and open and close lie between low and high. */
function writtenPrices(shown: GivenRow & { timeOpen: number }): Cells {
  const ends = [shown.open, shown.close].flatMap((value) => value ?? []);
  const row = { ...shown };
  const endTime =
    shown.open !== null && shown.close !== null && shown.open <= shown.close ? shown.timeOpen : shown.ts;
  if (row.timeLow !== null && row.timeLow > row.ts)
    Object.assign(row, { low: Math.min(...ends), timeLow: endTime });
  if (row.high === null || row.high < Math.max(...ends)) row.high = Math.max(...ends);
  if (row.low === null || row.low > Math.min(...ends))
    Object.assign(row, { low: Math.min(...ends), timeLow: endTime });
  return pricesOf(row);
}

/** Snapshots in the tables named `cmc_`, of rows as delivered. */
export function cmcSnapshots(alignment: string, tf: string, rows: readonly GivenRow[]): Cells[] {
  const bars = listBars(tf, rows);
  const first = readName(tf).isAnchored || tf.endsWith('D') ? 0 : (bars[0]?.at ?? 0);
  return bars.flatMap((bar) => {
    const [high, low] = [run(bar.rows, HIGH), run(bar.rows, LOW)];
    if (alignment === 'cal_iso') {
      high.times = earliest(bar.rows, high, HIGH);
      low.times = earliest(bar.rows, low, LOW);
    }
    return bar.rows.map((row, index) => {
      const part = bar.rows.slice(0, index + 1);
      const timeOpen = openOf(rows, bar.at, first);
      const shown = {
        ...{ ...row, timeOpen, open: part[0]?.open ?? null },
        ...{ high: high.values[index] ?? null, timeHigh: high.times[index] ?? null },
        ...{ low: low.values[index] ?? null, timeLow: low.times[index] ?? null },
        volume: part.reduce((sum, { volume }) => sum + (volume ?? 0), 0),
        marketCap: part.reduce<number | null>((last, each) => each.marketCap ?? last, null),
      };
      return {
        ...{ tf, bar_seq: bar.seq, time_open: iso(timeOpen), time_close: iso(row.ts) },
        ...{
          ...writtenPrices(shown),
          ...countsOf(alignment, tf, { bar, part, firstDay: rows[0]?.day ?? '' }),
        },
      };
    });
  });
}

const daysBetween = (from: string, to: string): number => (midnight(to) - midnight(from)) / DAY;

function countsOf(
  alignment: string,
  tf: string,
  { bar, part, firstDay }: { bar: Bar; part: readonly GivenRow[]; firstDay: string },
): Cells {
  const { count, isAnchored } = readName(tf);
  const { window } = bar;
  const day = part.at(-1)?.day ?? '';
  const gaps = part
    .slice(1)
    .reduce((sum, row, index) => sum + daysBetween(part[index]?.day ?? '', row.day) - 1, 0);
  if (window === null)
    return {
      ...{ tf_days: count, is_partial_start: false, is_partial_end: part.length < count },
      ...{ count_days: part.length, count_days_remaining: count - part.length },
      ...{ is_missing_days: gaps > 0, count_missing_days: gaps },
    };
  const from = isAnchored && firstDay > window.start ? firstDay : window.start;
  const sinceStart = daysBetween(from, day) + 1;
  const countDays = part.length + (alignment === 'cal_iso' ? 1 : 0);
  const missing = isAnchored ? gaps : Math.max(0, sinceStart - countDays);
  const atStart = daysBetween(from, part[0]?.day ?? '');
  const origin = windowOf(tf, firstDay, firstDay);
  return {
    tf_days: daysBetween(window.start, window.end),
    ...{ is_partial_start: from > window.start, is_partial_end: daysBetween(day, window.end) > 1 },
    ...{ count_days: countDays, count_days_remaining: daysBetween(window.start, window.end) - sinceStart },
    ...{ is_missing_days: missing > 0, count_missing_days: missing, count_missing_days_start: atStart },
    ...{ count_missing_days_end: 0, count_missing_days_interior: Math.max(0, missing - atStart) },
    missing_days_where: missing > 0 ? 'interior' : null,
    ...(alignment === 'cal_us' && missing > 0 && { first_missing_day: day, last_missing_day: day }),
    ...(isAnchored && { bar_anchor_offset: daysBetween(origin?.start ?? '', window.start) }),
  };
}

/** Snapshots in the head's table of all bars, of its 1D bars. */
export function headSnapshots(tf: string, rows: readonly GivenRow[]): Cells[] {
  const { isAnchored, count } = readName(tf);
  const bars = listBars(tf, rows);
  const isRolling = tf.endsWith('D');
  const first = isAnchored || isRolling ? 0 : (bars[0]?.at ?? 0);
  const newest = rows.at(-1)?.ts ?? 0;
  return bars.flatMap((bar) => {
    const [high, low] = [run(bar.rows, HIGH), run(bar.rows, LOW)];
    return bar.rows.map((row, index) => {
      const part = bar.rows.slice(0, index + 1);
      const barOpen = openOf(rows, bar.at, first);
      const timeOpen = openOf(rows, bar.at + index, first);
      const end = bar.window === null ? barOpen + count * DAY : midnight(bar.window.end) - 1;
      const length = bar.window === null ? count : daysBetween(bar.window.start, bar.window.end);
      const isOver = isAnchored && newest >= end;
      const expected = isOver ? bar.rows.length : length;
      const gaps = part
        .slice(1)
        .reduce((sum, each, k) => sum + daysBetween(part[k]?.day ?? '', each.day) - 1, 0);
      const shown = {
        ...{ ...row, timeOpen, open: part[0]?.open ?? null },
        ...{ high: high.values[index] ?? null, timeHigh: high.times[index] ?? null },
        ...{ low: low.values[index] ?? null, timeLow: low.times[index] ?? null },
        volume: part.reduce((sum, { volume }) => sum + (volume ?? 0), 0),
        marketCap: isRolling
          ? part.reduce<number | null>((last, each) => each.marketCap ?? last, null)
          : row.marketCap,
      };
      return {
        ...{ tf, tf_days: length, bar_seq: bar.seq, timestamp: iso(row.ts), ...writtenPrices(shown) },
        ...{ pos_in_bar: part.length, count_days: part.length, count_days_remaining: expected - part.length },
        time_open_bar: bar.window === null ? iso(barOpen) : iso(midnight(bar.window.start)),
        ...{ time_close_bar: iso(end), time_open: iso(timeOpen), time_close: iso(row.ts) },
        ...{ last_ts_half_open: iso(row.ts + 1), is_partial_end: part.length < expected },
        is_partial_start: isOver && bar.rows.length < length,
        ...{
          is_missing_days: isRolling && gaps > 0,
          count_missing_days: isRolling ? gaps : 0,
          ...NOTHING_ELSE,
        },
      };
    });
  });
}

const NOTHING_ELSE = {
  ...{ count_missing_days_start: 0, count_missing_days_end: 0, count_missing_days_interior: 0 },
  ...{ repaired_timehigh: false, repaired_timelow: false, repaired_high: false, repaired_low: false },
  ...{ repaired_open: false, repaired_close: false, repaired_volume: false, repaired_market_cap: false },
};

/** A 1D bar in that table. */
export function headDay(bar: GivenRow & { cells: Cells }): Cells {
  const [timeOpen, timeClose] = [iso(bar.timeOpen), iso(bar.timeClose)];
  return {
    ...{ ...NOTHING_ELSE, tf_days: 1, pos_in_bar: 1, count_days: 1, count_days_remaining: 0 },
    ...{ count_missing_days: 0, last_ts_half_open: iso(bar.ts + 1) },
    ...{ time_open_bar: timeOpen, time_close_bar: timeClose },
    ...bar.cells,
  };
}
