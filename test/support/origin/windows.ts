/** Windows of the replaced system's bars, by dates. */
import { DAY, dateOf, midnight } from './days.js';

export interface Window {
  /** First day, and the day behind the last. */
  start: string;
  end: string;
}

const utc = (year: number, month: number): string => dateOf(Date.UTC(year, month, 1));
const parts = (day: string): [year: number, month: number] => [
  Number(day.slice(0, 4)),
  Number(day.slice(5, 7)) - 1,
];

/** "3M_CAL_ANCHOR": how many, of what. */
export function readName(tf: string): { count: number; unit: string; isAnchored: boolean; weekday: number } {
  return {
    count: Number.parseInt(tf, 10),
    unit: tf.replace(/^\d+/, '').charAt(0),
    isAnchored: tf.includes('ANCHOR'),
    // Sunday, or Monday.
    weekday: tf.endsWith('US') ? 0 : 1,
  };
}

/** The window of a day of an asset that began on `firstDay`; null: before the first full one. */
export function windowOf(tf: string, day: string, firstDay: string): Window | null {
  const { unit, isAnchored } = readName(tf);
  if (unit === 'W') return weeks(tf, day, firstDay);
  return isAnchored ? anchoredMonths(tf, day) : alignedMonths(tf, day, firstDay);
}

function weeks(tf: string, day: string, firstDay: string): Window | null {
  const { count, isAnchored, weekday } = readName(tf);
  let from = isAnchored ? (weekday === 0 ? '1970-01-04' : '1970-01-05') : firstDay;
  while (!isAnchored && new Date(midnight(from)).getUTCDay() !== weekday) from = dateOf(midnight(from) + DAY);
  if (day < from) return null;
  const length = 7 * count * DAY;
  const start = midnight(from) + Math.floor((midnight(day) - midnight(from)) / length) * length;
  return { start: dateOf(start), end: dateOf(start + length) };
}

function anchoredMonths(tf: string, day: string): Window {
  const { count, unit } = readName(tf);
  const [year, month] = parts(day);
  if (unit === 'Y') {
    const first = year - (year % count);
    return { start: utc(first, 0), end: utc(first + count, 0) };
  }
  const first = month - (month % count);
  return { start: utc(year, first), end: utc(year, first + count) };
}

function alignedMonths(tf: string, day: string, firstDay: string): Window | null {
  const { count, unit } = readName(tf);
  const months = unit === 'Y' ? 12 * count : count;
  let [year, month] = parts(firstDay);
  if (unit === 'Y' && month > 0) [year, month] = [year + 1, 0];
  let start = utc(year, month);
  if (start < firstDay) {
    [year, month] = unit === 'Y' ? [year + 1, 0] : [year, month + 1];
    start = utc(year, month);
  }
  if (day < start) return null;
  for (;;) {
    const end = utc(year, month + months);
    if (day < end) return { start, end };
    month += months;
    start = end;
  }
}
