/** When a day of prices is expected: calendars as pure values. Days are UTC day numbers. */
import { type Day, formatDay } from './day.js';

/** Calendars that need no table. An exchange is named by its MIC instead, such as XNYS. */
export const PLAIN_CALENDARS = ['daily', 'weekdays', 'none', 'learnt'] as const;

/** Days of the week as bits: Monday 1, Tuesday 2, … Sunday 64. */
export type Weekdays = number;

export const EVERY_DAY: Weekdays = 127;
export const MONDAY_TO_FRIDAY: Weekdays = 31;

/** On which days prices are expected. */
export interface Calendar {
  /** As the user names it: "daily", "weekdays", "none", "learnt", "XNYS". */
  name: string;
  weekdays: Weekdays;
  /** Days of these weekdays without prices, and days of other weekdays with prices. */
  closed: ReadonlySet<Day>;
  opened: ReadonlySet<Day>;
  /** Last day whose holidays are known; null: it has none that must be known. Later days follow the weekdays alone. */
  knownThrough: Day | null;
}

const NO_DAYS: ReadonlySet<Day> = new Set();

/** A calendar of weekdays alone. */
export function calendarOfWeekdays(name: string, weekdays: Weekdays): Calendar {
  return { name, weekdays, closed: NO_DAYS, opened: NO_DAYS, knownThrough: null };
}

/** The bit of a day's weekday. */
export function weekdayOf(day: Day): Weekdays {
  // The epoch was a Thursday.
  return 1 << ((((day + 3) % 7) + 7) % 7);
}

/** Whether prices of this day are expected. */
export function isExpected(calendar: Calendar, day: Day): boolean {
  if ((calendar.weekdays & weekdayOf(day)) !== 0) return !calendar.closed.has(day);
  return calendar.opened.has(day);
}

/** Expected days after `after`, up to and including `through`, ascending. */
export function listExpected(calendar: Calendar, after: Day, through: Day): Day[] {
  const days: Day[] = [];
  for (let day = after + 1; day <= through; day++) if (isExpected(calendar, day)) days.push(day);
  return days;
}

/** The newest expected day up to and including `through`; null when none of the year before it is. */
export function newestExpected(calendar: Calendar, through: Day): Day | null {
  for (let day = through; day > through - 366; day--) if (isExpected(calendar, day)) return day;
  return null;
}

const WEEKDAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** "Mon to Fri", "Mon, Wed, Fri", "every day", "no day". */
export function formatWeekdays(weekdays: Weekdays): string {
  if (weekdays === EVERY_DAY) return 'every day';
  const named = WEEKDAY_NAMES.filter((_, index) => (weekdays & (1 << index)) !== 0);
  const first = WEEKDAY_NAMES.indexOf(named[0] ?? 'Mon');
  const isRun = named.length > 2 && named.every((name, k) => WEEKDAY_NAMES[first + k] === name);
  if (isRun) return `${named[0]} to ${named.at(-1)}`;
  return named.length === 0 ? 'no day' : named.join(', ');
}

/** Why a calendar cannot be trusted on this day; null when it can. */
export function warningOfCalendar({ name, knownThrough }: Calendar, day: Day): string | null {
  if (knownThrough === null || day <= knownThrough) return null;
  return (
    `the holidays of ${name} are known up to ${formatDay(knownThrough)}: later ones count as expected days; ` +
    `update barwright, or type "barwright asset holiday ${name} DAY"`
  );
}
