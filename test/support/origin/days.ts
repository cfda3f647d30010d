/** Rows of the price table as the builders of the replaced system read them, and its own 1D bars of them. Times in ms. */
import type { Warehouse } from '../warehouse.js';

export interface GivenRow {
  ts: number;
  /** 'YYYY-MM-DD' */
  day: string;
  timeOpen: number | null;
  timeClose: number | null;
  timeHigh: number | null;
  timeLow: number | null;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  marketCap: number | null;
}

export type Cells = Record<string, unknown>;

export const DAY = 86_400_000;
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
export const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** All rows of an asset, by time. */
export async function readGiven(warehouse: Warehouse, id: number, table: string): Promise<GivenRow[]> {
  const rows = await warehouse.query<(number | null)[]>(
    `select timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap
     from ${table} where id = $1 order by timestamp`,
    [id],
  );
  return rows.map((cells) => {
    const [ts, timeOpen, timeClose, timeHigh, timeLow] = cells
      .slice(0, 5)
      .map((us) => (us === null || us === undefined ? null : us / 1000)) as [number, ...(number | null)[]];
    const [open, high, low, close, volume, marketCap] = cells.slice(5) as (number | null)[];
    return {
      ...{ ts, day: dateOf(ts), timeOpen, timeClose, timeHigh, timeLow },
      ...{ open, high, low, close, volume, marketCap },
    } as GivenRow;
  });
}

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** Its 1D bar of a row, with the row's number; null: it refuses the row. */
export function dailyBar(
  row: GivenRow,
  number: number,
  isHead: boolean,
): (GivenRow & { cells: Cells }) | null {
  const { timeOpen, timeClose, open, close, volume, marketCap } = row;
  if (timeOpen === null || timeClose === null || timeOpen > timeClose) return null;
  if (open === null || close === null || volume === null) return null;
  if (marketCap === null && !isHead) return null;
  const isWrong = (time: number | null) => time === null || time < timeOpen || time > timeClose;
  const [wrongHigh, wrongLow] = [isWrong(row.timeHigh), isWrong(row.timeLow)];
  const first = {
    high: wrongHigh ? Math.max(open, close) : row.high,
    low: wrongLow ? Math.min(open, close) : row.low,
  };
  const all = known([first.high, first.low, open, close]);
  const bar = {
    ...row,
    ...{ high: Math.max(...all), low: Math.min(...all) },
    timeHigh: wrongHigh ? (close >= open ? timeClose : timeOpen) : row.timeHigh,
    timeLow: wrongLow ? (close <= open ? timeClose : timeOpen) : row.timeLow,
  };
  const moved = (now: number, before: number | null) => before !== null && now !== before;
  const cells = {
    ...{ timestamp: iso(row.ts), tf: '1D', bar_seq: number, ...pricesOf(bar) },
    ...{ time_open: iso(timeOpen), time_close: iso(timeClose) },
    ...{ is_partial_start: false, is_partial_end: false, is_missing_days: false },
    ...{ repaired_timehigh: wrongHigh, repaired_timelow: wrongLow },
    ...(isHead && {
      ...{ repaired_high: moved(bar.high, first.high), repaired_low: moved(bar.low, first.low) },
    }),
  };
  return { ...bar, cells };
}

/** Prices and the times of extremes as columns. */
export function pricesOf(bar: Omit<GivenRow, 'ts' | 'day' | 'timeOpen' | 'timeClose'>): Cells {
  const { open, high, low, close, volume, marketCap, timeHigh, timeLow } = bar;
  return {
    ...{ open, high, low, close, volume, market_cap: marketCap },
    ...{ time_high: iso(timeHigh), time_low: iso(timeLow) },
  };
}
