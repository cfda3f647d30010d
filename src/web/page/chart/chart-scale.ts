/** The axes of the chart: which bars are in sight at first, and how prices are scaled and written. */
import type { RangeName, ScaleKind } from '../../api/asset-address.js';
import { barAt, type ChartBar, type ChartData } from './chart-data.js';

/** In sight when a chart is opened. */
const NEWEST_BARS = 150;
/** Share of the height that stays empty above and below the prices. */
export const PRICE_MARGIN = 0.1;

const MONTHS: Readonly<Record<Exclude<RangeName, 'all'>, number>> = {
  '1M': 1,
  '3M': 3,
  '6M': 6,
  '1Y': 12,
  '5Y': 60,
};

/** Day of the first bar to be in sight; null for the range: as when a chart is opened. '' when all are. */
export function firstDayOf(bars: readonly ChartBar[], range: RangeName | null): string {
  if (range === 'all') return '';
  if (range === null) return bars.at(-NEWEST_BARS)?.day ?? '';
  const last = bars.at(-1)?.day ?? '';
  return monthsBefore(last, MONTHS[range]);
}

/** The day after the same day of the month, so many months before; in a shorter month after its last day. */
function monthsBefore(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - months, 1));
  const daysInMonth = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, daysInMonth) + 1);
  return first.toISOString().slice(0, 10);
}

/** Lowest and highest price. */
export interface Extent {
  low: number;
  high: number;
}

/** Of bars and of lines over them, between two days, both included; null: nothing is there. */
export function extentOf(
  { bars, lines }: ChartData,
  { from, to }: { from: string; to: string },
): Extent | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const bar of between(bars, { from, to })) {
    low = Math.min(low, bar.low);
    high = Math.max(high, bar.high);
  }
  for (const { pane, points } of lines) {
    if (pane !== null) continue;
    for (const { value } of between(points, { from, to })) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? { low, high } : null;
}

/** This is asked for in every frame: only the ends are compared as texts. */
function between<T extends { day: string }>(
  sorted: readonly T[],
  { from, to }: { from: string; to: string },
): readonly T[] {
  const end = barAt(sorted, to);
  return sorted.slice(barAt(sorted, from), sorted[end]?.day === to ? end + 1 : end);
}

/** Of the highest price: a logarithm has no zero, and a band may lie below it. */
const LOG_DEPTH = 1e-3;

/**
 * What the axis spans between its empty margins. Where prices are above zero, nothing below zero is in sight, the lower
 * margin included.
 */
export function axisRangeOf({ low, high }: Extent, scale: ScaleKind): { minValue: number; maxValue: number } {
  if (high <= 0) return { minValue: low, maxValue: high };
  if (scale === 'log') return { minValue: low > 0 ? low : high * LOG_DEPTH, maxValue: high };
  // The lower margin, taken from here downwards, ends at zero.
  const floor = (high * PRICE_MARGIN) / (1 - PRICE_MARGIN);
  return { minValue: Math.max(low, floor), maxValue: high };
}

/** Digits after the first one that is not zero. */
const SMALL_DIGITS = 3;
const LEAST_DECIMALS = 2;
const MOST_DECIMALS = 20;
const large = new Intl.NumberFormat('en', {
  minimumFractionDigits: LEAST_DECIMALS,
  maximumFractionDigits: LEAST_DECIMALS,
});

/** Decimals that a price needs: two from 1 on, more below it. */
function decimalsOf(price: number): number {
  const magnitude = Math.abs(price);
  if (magnitude >= 1 || magnitude === 0) return LEAST_DECIMALS;
  return Math.min(MOST_DECIMALS, SMALL_DIGITS - Math.floor(Math.log10(magnitude)));
}

/** A price beside the axis: "16,745.03", "0.5000", "0.00000000001200". */
export function axisText(price: number): string {
  const decimals = decimalsOf(price);
  return decimals === LEAST_DECIMALS ? large.format(price) : price.toFixed(decimals);
}

export interface AxisFormat {
  type: 'custom';
  minMove: number;
  /** 1 / minMove, without its rounding. */
  base: number;
  formatter(price: number): string;
}

/** How values are written beside the axis, with as many decimals as each needs; below zero nothing is, unless it is wanted. */
export function axisFormatOf(
  values: Iterable<number>,
  { hasNegative }: { hasNegative: boolean },
): AxisFormat {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) if (value !== 0 && Math.abs(value) < least) least = Math.abs(value);
  const decimals = Number.isFinite(least) ? decimalsOf(least) : LEAST_DECIMALS;
  const minMove = Number(`1e-${decimals}`);
  return {
    type: 'custom',
    minMove,
    base: Number(`1e${decimals}`),
    formatter: (price) => {
      if (Math.abs(price) < minMove / 2) return '0';
      return price < 0 && !hasNegative ? '' : axisText(price);
    },
  };
}
