/** Days as the origin's builders read them: rows of the price table as delivered, or its own 1D bars. */
import { type Day, dayOfUs } from '../calendar/day.js';
import type { DailyPrice } from '../prices/price.js';
import type { Cells, Grid } from './cells.js';

/** Rows of one asset by time, one array a column. Times are epoch microseconds; NaN is NULL. */
export interface GivenDays {
  length: number;
  day: Int32Array;
  /** bar_seq of a 1D bar there: the number of the row among those of the price table. */
  seq: Int32Array;
  tsUs: Float64Array;
  openUs: Float64Array;
  closeUs: Float64Array;
  highUs: Float64Array;
  lowUs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  marketCap: Float64Array;
  repairedTimeHigh: Uint8Array;
  repairedTimeLow: Uint8Array;
  repairedHigh: Uint8Array;
  repairedLow: Uint8Array;
}

/** Which of the origin's revisions: that of the `cmc_` tables, or its head. */
export type Revision = 'cmc' | 'head';

function allocate(length: number): GivenDays {
  const numbers = () => new Float64Array(length);
  const flags = () => new Uint8Array(length);
  return {
    length,
    ...{ day: new Int32Array(length), seq: new Int32Array(length) },
    ...{ tsUs: numbers(), openUs: numbers(), closeUs: numbers(), highUs: numbers(), lowUs: numbers() },
    ...{ open: numbers(), high: numbers(), low: numbers(), close: numbers() },
    ...{ volume: numbers(), marketCap: numbers() },
    ...{ repairedTimeHigh: flags(), repairedTimeLow: flags(), repairedHigh: flags(), repairedLow: flags() },
  };
}

/** Rows of the price table up to a day, the newest of each timestamp. `prices` are ordered by timestamp. */
export function givenDays(prices: readonly DailyPrice[], lastDay: Day): GivenDays {
  const rows = prices.filter(
    ({ timestampUs }, index) =>
      dayOfUs(timestampUs) <= lastDay && timestampUs !== prices[index + 1]?.timestampUs,
  );
  const days = allocate(rows.length);
  for (const [index, row] of rows.entries()) {
    days.day[index] = dayOfUs(row.timestampUs);
    days.seq[index] = index + 1;
    days.tsUs[index] = row.timestampUs;
    days.openUs[index] = row.timeOpenUs ?? Number.NaN;
    days.closeUs[index] = row.timeCloseUs ?? Number.NaN;
    days.highUs[index] = row.timeHighUs ?? Number.NaN;
    days.lowUs[index] = row.timeLowUs ?? Number.NaN;
    days.open[index] = row.open ?? Number.NaN;
    days.high[index] = row.high ?? Number.NaN;
    days.low[index] = row.low ?? Number.NaN;
    days.close[index] = row.close ?? Number.NaN;
    days.volume[index] = row.volume ?? Number.NaN;
    days.marketCap[index] = row.marketCap ?? Number.NaN;
  }
  return days;
}

/** Whether two rows lie on one day: its bar builders refuse such an asset as a whole. */
export function hasTwins({ day, length }: GivenDays): boolean {
  for (let index = 1; index < length; index += 1) if (day[index] === day[index - 1]) return true;
  return false;
}

/**
 * Its 1D bars: rows without a value that it asks for are left out, but keep their number. A time that is NULL counts as
 * wrong there, and takes its price with it.
 */
export function theirDailyBars(given: GivenDays, revision: Revision): GivenDays {
  const kept: number[] = [];
  for (let index = 0; index < given.length; index += 1)
    if (isAccepted(given, index, revision)) kept.push(index);
  const days = allocate(kept.length);
  for (const [to, from] of kept.entries()) {
    for (const name of Object.keys(days) as (keyof GivenDays)[])
      if (name !== 'length') days[name][to] = given[name][from] as number;
    repair(days, to);
  }
  return days;
}

function isAccepted(given: GivenDays, index: number, revision: Revision): boolean {
  const [openUs, closeUs] = [given.openUs[index] as number, given.closeUs[index] as number];
  const needed = [given.open[index], given.close[index], given.volume[index]];
  if (revision === 'cmc') needed.push(given.marketCap[index]);
  return openUs <= closeUs && !needed.some(Number.isNaN);
}

function repair(days: GivenDays, index: number): void {
  const [openUs, closeUs] = [days.openUs[index] as number, days.closeUs[index] as number];
  const [open, close] = [days.open[index] as number, days.close[index] as number];
  const isOutside = (time: number) => !(time >= openUs && time <= closeUs);
  const [badHigh, badLow] = [isOutside(days.highUs[index] as number), isOutside(days.lowUs[index] as number)];
  const high = badHigh ? Math.max(open, close) : (days.high[index] as number);
  const low = badLow ? Math.min(open, close) : (days.low[index] as number);
  const given = [high, low, open, close].filter((value) => !Number.isNaN(value));
  days.high[index] = Math.max(...given);
  days.low[index] = Math.min(...given);
  if (badHigh) days.highUs[index] = close >= open ? closeUs : openUs;
  if (badLow) days.lowUs[index] = close <= open ? closeUs : openUs;
  days.repairedTimeHigh[index] = Number(badHigh);
  days.repairedTimeLow[index] = Number(badLow);
  // Of the head: whether the price itself had to move, once its time was right.
  days.repairedHigh[index] = Number(days.high[index] !== high && !Number.isNaN(high));
  days.repairedLow[index] = Number(days.low[index] !== low && !Number.isNaN(low));
}

/** Writes its 1D bars as cells. */
export function fillDailyBars(cells: Cells, { firstDay, length }: Grid, days: GivenDays): void {
  const values: Readonly<Record<string, (index: number) => number>> = {
    bar_seq: (index) => days.seq[index] as number,
    time_open: (index) => days.openUs[index] as number,
    time_close: (index) => days.closeUs[index] as number,
    time_high: (index) => days.highUs[index] as number,
    time_low: (index) => days.lowUs[index] as number,
    open: (index) => days.open[index] as number,
    high: (index) => days.high[index] as number,
    low: (index) => days.low[index] as number,
    close: (index) => days.close[index] as number,
    volume: (index) => days.volume[index] as number,
    market_cap: (index) => days.marketCap[index] as number,
    repaired_timehigh: (index) => days.repairedTimeHigh[index] as number,
    repaired_timelow: (index) => days.repairedTimeLow[index] as number,
    repaired_high: (index) => days.repairedHigh[index] as number,
    repaired_low: (index) => days.repairedLow[index] as number,
  };
  const columns = Object.entries(cells.columns).map(
    ([name, column]) => [column, values[name] ?? (() => 0)] as const,
  );
  for (let index = 0; index < days.length; index += 1) {
    const place = (days.day[index] as number) - firstDay;
    if (place < 0 || place >= length) continue;
    cells.present[place] = 1;
    for (const [column, cellOf] of columns) column[place] = cellOf(index);
  }
}
