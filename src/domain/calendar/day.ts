/** Days as integers: calendars never see a time zone, a Date or a clock. */
import { UsageError } from '../text/errors.js';

/** UTC day number: whole days since 1970-01-01, negative before it. */
export type Day = number;

/** Microseconds of one UTC day. */
export const DAY_US = 86_400_000_000;

/** 1970-01-04 and 1970-01-05, from which weeks are counted: the epoch was a Thursday. */
export const FIRST_SUNDAY: Day = 3;
export const FIRST_MONDAY: Day = 4;

/** Days of one era of the Gregorian calendar (400 years), and from 0000-03-01 to 1970-01-01. */
const ERA_DAYS = 146_097;
const EPOCH_OFFSET_DAYS = 719_468;

/** Quotient rounded towards minus infinity; the divisor is positive. */
export function floorDivide(dividend: number, divisor: number): number {
  return Math.floor(dividend / divisor);
}

/** UTC day that the epoch microseconds fall on; exact from 1684 to 2255, where a double counts every microsecond. */
export function dayOfUs(us: number): Day {
  return floorDivide(us, DAY_US);
}

/** Year, month (1..12) and day of the month (1..31) of a day, in the proleptic Gregorian calendar. */
export function civilOfDay(day: Day): { year: number; month: number; dayOfMonth: number } {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March,
  // so that the leap day is the last of its year.
  const shifted = day + EPOCH_OFFSET_DAYS;
  const era = floorDivide(shifted, ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const leaps = floorDivide(dayOfEra, 1460) - floorDivide(dayOfEra, 36_524) + floorDivide(dayOfEra, 146_096);
  const yearOfEra = floorDivide(dayOfEra - leaps, 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + floorDivide(yearOfEra, 4) - floorDivide(yearOfEra, 100));
  const marchMonth = floorDivide(5 * dayOfYear + 2, 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - floorDivide(153 * marchMonth + 2, 5) + 1,
  };
}

/** Day of a civil date. Months outside 1..12 carry into the year (13 is the next January, 0 the last December). */
export function dayOfCivil(year: number, month: number, dayOfMonth: number): Day {
  // The same source, days_from_civil.
  const carry = floorDivide(month - 1, 12);
  const monthOfYear = month - carry * 12;
  const marchYear = year + carry - (monthOfYear <= 2 ? 1 : 0);
  const era = floorDivide(marchYear, 400);
  const yearOfEra = marchYear - era * 400;
  const marchMonth = monthOfYear > 2 ? monthOfYear - 3 : monthOfYear + 9;
  const dayOfYear = floorDivide(153 * marchMonth + 2, 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + floorDivide(yearOfEra, 4) - floorDivide(yearOfEra, 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - EPOCH_OFFSET_DAYS;
}

/** Absolute month of a day: year · 12 + month − 1. */
export function monthIndexOfDay(day: Day): number {
  const { year, month } = civilOfDay(day);
  return year * 12 + month - 1;
}

/** First day of an absolute month (year · 12 + month − 1). */
export function firstDayOfMonthIndex(monthIndex: number): Day {
  return dayOfCivil(0, monthIndex + 1, 1);
}

/** ISO 8601 date: 'YYYY-MM-DD'; years outside 0000..9999 have a sign and six digits, as in JavaScript. */
export function formatDay(day: Day): string {
  const { year, month, dayOfMonth } = civilOfDay(day);
  const yearText =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  return `${yearText}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

/** First and last day of what is a date in everybody's programs: years 1 to 9999. */
const FIRST_DAY = dayOfCivil(1, 1, 1);
const LAST_DAY = dayOfCivil(9999, 12, 31);

/** Whether a day lies in the years 1 to 9999. */
export function isCommonDay(day: Day): boolean {
  return day >= FIRST_DAY && day <= LAST_DAY;
}

/** Inverse of formatDay. Throws a UsageError for anything that is not the date of a day. */
export function parseDay(text: string): Day {
  const match = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})$/.exec(text);
  if (match !== null) {
    const day = dayOfCivil(Number(match[1]), Number(match[2]), Number(match[3]));
    // 2023-02-30 is not refused by the arithmetic: it comes out as another date.
    if (formatDay(day) === text) return day;
  }
  throw new UsageError(`expected a date like 2025-10-26, got "${text}"`);
}
