/** EMAs of one series against what they are made of: values within the inputs, points on closing days, watermarks. */
import { DAY_US, type Day, formatDay } from '../calendar/day.js';
import type { Alignment } from '../calendar/timeframe.js';
import {
  type Extremes,
  indexOfDay,
  type StoredBar,
  type StoredDays,
  type Violation,
  type ViolationName,
} from './validation.js';

/** EMAs of one row; an element that is no number is NaN. */
export interface StoredValues {
  ema: Float64Array;
  /** null: equal to ema (multi_tf 1D) or not defined (v2). */
  emaBar: Float64Array | null;
}

export interface StoredPoint extends StoredValues {
  barSeq: number;
  day: Day;
}

/** How far the EMAs of an asset have come in one alignment, or of one series that lags. */
export interface EmaWatermark {
  day: Day;
  tsUs: number;
  /** Bars changed from this day on and the EMAs wait for their repair; null: nothing waits. */
  repairFrom: Day | null;
  periods: readonly number[];
}

export interface EmasToValidate {
  series: { alignment: Alignment; tf: string; tfDays: number };
  /** By rising bar_seq. */
  points: readonly StoredPoint[];
  /** The carry: values of the watermark's day; null: none. */
  carry: StoredValues | null;
  watermark: EmaWatermark;
  days: StoredDays;
  /** Of the daily closes. */
  dayExtremes: Extremes;
  /** Closed bars by rising bar_seq; not used for multi_tf 1D and v2, whose inputs are the days. */
  bars: readonly StoredBar[];
  /** Of their closes. */
  barExtremes: Extremes;
  /** Newest day of those that the EMAs are made of; null: there is none. */
  inputDay: Day | null;
}

/** Where a row is: the inputs that it may have seen are those up to these indexes. */
interface Place {
  tsUs: number;
  barSeq: number | null;
  dayIndex: number;
  barIndex: number;
}

/** Half the distance of 1 to the next double: the largest relative error of one operation. */
const UNIT_ROUNDOFF = 2 ** -53;

/**
 * By how much, relatively, an EMA may lie outside of its inputs by rounding alone. Prices are positive, so errors are
 * relative: the mean of the first p inputs is off by p roundings at most (p − 1 additions, one division). A step
 * α·x + (1 − α)·e adds three to what is left of the error before, (1 − α) of it: after k steps at most p + 3k, and never
 * more than 3 / α = 1.5 · (H + 1), where it no longer changes. Twice that covers products of roundings.
 */
export function roundingBound(inputs: number, length: number): number {
  return 2 * UNIT_ROUNDOFF * Math.min(3 * inputs, 1.5 * (length + 1));
}

/** Every rule about the EMAs of one series. The days are those that validateDays has nothing against. */
export function validateEmas(emas: EmasToValidate): Violation[] {
  const { points, carry, watermark, days, bars } = emas;
  if (points.length === 0 && carry === null) return [];
  const violations: Violation[] = [];
  const barIndexes = new Map(bars.map(({ barSeq }, index) => [barSeq, index]));
  if (emas.inputDay === null || watermark.day > emas.inputDay) {
    const end = emas.inputDay === null ? 'there are none' : `they end on ${formatDay(emas.inputDay)}`;
    const detail = `the EMAs have come to ${formatDay(watermark.day)}, but of their bars ${end}`;
    const place = { tsUs: watermark.tsUs, barSeq: null };
    violations.push(violationOf(emas, 'ema_watermark_beyond_bars', { place, period: 0, detail }));
  }
  for (const point of points) {
    if (point.day > watermark.day) {
      if (watermark.repairFrom === null) violations.push(beyondWatermark(emas, point));
      continue;
    }
    const dayIndex = indexOfDay(days, point.day);
    const barIndex = barIndexes.get(point.barSeq) ?? -1;
    const place = { tsUs: tsOf(days, point.day), barSeq: point.barSeq, dayIndex, barIndex };
    if (closingDayOf(emas, point, barIndex) === point.day)
      violations.push(...judgeValues(emas, point, place));
    else violations.push(offClosingDay(emas, point, place));
  }
  if (carry !== null && watermark.repairFrom === null) {
    const dayIndex = indexOfDay(days, watermark.day);
    const barIndex = bars.findLastIndex(({ lastDay }) => lastDay <= watermark.day);
    // Without a row of that day the watermark itself is wrong, which is said above.
    if (dayIndex !== -1) {
      const place = { tsUs: watermark.tsUs, barSeq: null, dayIndex, barIndex };
      violations.push(...judgeValues(emas, carry, place));
    }
  }
  return violations;
}

/** Whether the inputs are 1D rows and nothing else. */
function isMadeOfDays({ series }: EmasToValidate): boolean {
  return series.alignment === 'v2' || series.tf === '1D';
}

/** The day on which the bar with the number of a point closed; null: no such bar. */
function closingDayOf(emas: EmasToValidate, { barSeq }: StoredPoint, barIndex: number): Day | null {
  if (!isMadeOfDays(emas)) return emas.bars[barIndex]?.lastDay ?? null;
  return emas.days.day[barSeq * emas.series.tfDays - 1] ?? null;
}

function judgeValues(emas: EmasToValidate, { ema, emaBar }: StoredValues, place: Place): Violation[] {
  const { periods } = emas.watermark;
  const violations: Violation[] = [];
  for (const [index, value] of ema.entries()) {
    const period = periods[index];
    if (period === undefined) break;
    const bound = roundingBound(place.dayIndex + 1, emas.series.tfDays * period);
    const inputs = { extremes: emas.dayExtremes, at: place.dayIndex, bound };
    const breach = breachOf(value, inputs);
    if (breach !== null) {
      const name = Number.isFinite(value) ? 'ema_out_of_range' : 'ema_not_finite';
      violations.push(violationOf(emas, name, { place, period, detail: breach }));
    }
  }
  if (isMadeOfDays(emas) || emaBar === null) return violations;
  for (const [index, value] of emaBar.entries()) {
    const period = periods[index];
    if (period === undefined) break;
    const bound = roundingBound(place.barIndex + 1, period);
    const breach = breachOf(value, { extremes: emas.barExtremes, at: place.barIndex, bound });
    if (breach !== null) {
      const name = Number.isFinite(value) ? 'ema_bar_out_of_range' : 'ema_bar_not_finite';
      violations.push(violationOf(emas, name, { place, period, detail: breach }));
    }
  }
  return violations;
}

/** What is wrong with a value; null: nothing. */
function breachOf(
  value: number,
  { extremes, at, bound }: { extremes: Extremes; at: number; bound: number },
): string | null {
  const [least, greatest] = [extremes.least[at], extremes.greatest[at]];
  if (least === undefined || greatest === undefined) return `found ${value} before any input`;
  if (value >= least * (1 - bound) && value <= greatest * (1 + bound)) return null;
  return `expected ${least} to ${greatest}, found ${Number.isNaN(value) ? 'NaN or NULL' : value}`;
}

function beyondWatermark(emas: EmasToValidate, { day, barSeq }: StoredPoint): Violation {
  const detail = `a point of ${formatDay(day)} beyond the watermark ${formatDay(emas.watermark.day)}`;
  const place = { tsUs: tsOf(emas.days, day), barSeq };
  return violationOf(emas, 'point_beyond_watermark', { place, period: 0, detail });
}

function offClosingDay(emas: EmasToValidate, point: StoredPoint, place: Place): Violation {
  const expected = closingDayOf(emas, point, place.barIndex);
  const detail =
    expected === null
      ? `a point of ${formatDay(point.day)} for bar ${point.barSeq}, which is not there`
      : `expected ${formatDay(expected)}, on which bar ${point.barSeq} closed, found ${formatDay(point.day)}`;
  return violationOf(emas, 'point_off_closing_day', { place, period: 0, detail });
}

function violationOf(
  { series: { alignment, tf } }: EmasToValidate,
  violation: ViolationName,
  { place, period, detail }: { place: Pick<Place, 'tsUs' | 'barSeq'>; period: number; detail: string },
): Violation {
  return { violation, alignment, tf, period, tsUs: place.tsUs, barSeq: place.barSeq, detail };
}

/** Close of a day's 1D bar; without one the day's last millisecond. */
function tsOf(days: StoredDays, day: Day): number {
  return days.timeCloseUs[indexOfDay(days, day)] ?? (day + 1) * DAY_US - 1000;
}
