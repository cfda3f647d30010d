/** Days of prices, and what a layout makes of them. */
import { formatDay } from '../../../src/domain/calendar/day.js';

export interface FileDay {
  readonly day: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A walk of so many days from 2024-02-19 on: over the end of a month, with and without decimals. */
export function makeDays(count: number, first = 19_772): FileDay[] {
  let close = 40_323.83;
  return Array.from({ length: count }, (_, index) => {
    const open = close;
    close = Number((open * (1 + 0.02 * Math.sin(index * 1.7))).toFixed(2));
    const high = Number((Math.max(open, close) * 1.01).toFixed(2));
    const low = Number((Math.min(open, close) * 0.99).toFixed(2));
    return { day: first + index, open, high, low, close, volume: 1000 + index * 7 };
  });
}

export interface FileLayout {
  /** What the report calls it. */
  readonly label: string;
  readonly file: string;
  /** What the asset has afterwards: its currency, and what its volume counts; null: the file does not say. */
  readonly quote: readonly [currency: string | null, volume: 'coins' | 'money' | null];
  write(days: readonly FileDay[]): string | Uint8Array;
}

export const DAY_MS = 86_400_000;

/** A day as text. */
export const iso = ({ day }: FileDay): string => formatDay(day);

/** A day as JavaScript has it. */
export const civil = ({ day }: FileDay): Date => new Date(day * DAY_MS);

/** The order that most sites write. */
export const newestFirst = (days: readonly FileDay[]): FileDay[] => days.toReversed();

/** Lines of a file, each with its end. */
export const lines = (header: string | null, rows: readonly string[], end = '\n') =>
  `${[...(header === null ? [] : [header]), ...rows].join(end)}${end}`;

/** Prices column by column. */
export const columnsOf = (days: readonly FileDay[]) => ({
  open: days.map(({ open }) => open),
  high: days.map(({ high }) => high),
  low: days.map(({ low }) => low),
  close: days.map(({ close }) => close),
  volume: days.map(({ volume }) => volume),
});
