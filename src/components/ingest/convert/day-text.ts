/** Days and times as people write them: one parser a form. Which form a file has, day-form.ts decides. */
import { civilOfDay, DAY_US, type Day, dayOfCivil, floorDivide } from '../../../domain/calendar/day.js';

/** A day by its date, or an instant; epoch microseconds. */
export interface DayText {
  readonly us: number;
  /** True: a date without a time. */
  readonly isDate: boolean;
}

/** Reads the text of a day; undefined: it is none of this form. */
export interface DayForm {
  readonly expected: string;
  parse(text: string): DayText | undefined;
}

/** Outside these years a double does not hold every microsecond. */
const FIRST_YEAR = 1700;
const LAST_YEAR = 2200;

/** The day of a civil date; undefined: there is none such. */
export function dayOfDate(year: number, month: number, dayOfMonth: number): Day | undefined {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || dayOfMonth < 1) return undefined;
  const day = dayOfCivil(year, month, dayOfMonth);
  return day < dayOfCivil(year, month + 1, 1) ? day : undefined;
}

/** Hours and minutes with what may follow them: seconds, AM or PM, a zone. "12-AM" is how CryptoDataDownload once wrote hours. */
const TIME =
  /^(\d{1,2})(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?|-(?=[AP]M))\s{0,2}([AP]M)?\s{0,2}(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?:\s{0,2}\(?[A-Z]{2,5}\)?)?$/i;

/** A day with the text of a time after it: an instant in UTC, or in the zone that the text says. undefined: it is no time. */
export function atTime(day: Day | undefined, time: string | undefined): DayText | undefined {
  if (day === undefined) return undefined;
  if (time === undefined || time === '') return { us: day * DAY_US, isDate: true };
  const match = TIME.exec(time);
  if (match === null) return undefined;
  const [, hours, minutes = '0', seconds = '0', fraction = '', half, zone] = match;
  const hour = hourOf(Number(hours), half?.toUpperCase());
  const offset = offsetOf(zone);
  if (hour === undefined || offset === undefined || Number(minutes) > 59 || Number(seconds) > 59)
    return undefined;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const us = ((hour * 60 + Number(minutes) - offset) * 60 + Number(seconds)) * 1_000_000 + micros;
  return { us: day * DAY_US + us, isDate: false };
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
}

/** Minutes ahead of UTC. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 15 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** Whatever the rest is, it goes to the end: nothing is tried twice. */
const REST = '(?:[T ,]+(\\S[^]*))?$';
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${REST}`, 'i');
const COMPACT = new RegExp(`^(\\d{4})(\\d\\d)(\\d\\d)${REST}`, 'i');

/** "2024-02-19", "2024/2/19 00:00", "20240219", "2024-02-19T00:00:00+01:00". */
export function parseYearFirst(text: string): DayText | undefined {
  const match = YEAR_FIRST.exec(text);
  if (match !== null)
    return atTime(dayOfDate(Number(match[1]), Number(match[3]), Number(match[4])), match[5]);
  const compact = COMPACT.exec(text);
  if (compact === null) return undefined;
  return atTime(dayOfDate(Number(compact[1]), Number(compact[2]), Number(compact[3])), compact[4]);
}

const EPOCH = /^-?\d+(?:\.\d+)?(?:e\+?\d+)?$/i;

/** Epoch seconds, milliseconds, microseconds or nanoseconds, known by size: today a second has ten digits. */
export function parseEpoch(text: string): DayText | undefined {
  if (!EPOCH.test(text)) return undefined;
  const value = Number(text);
  const size = Math.abs(value);
  // Nanoseconds do not fit into a double; what is below the microsecond is cut.
  const us =
    size < 1e11
      ? Math.round(value * 1e6)
      : size < 1e14
        ? Math.round(value * 1000)
        : size < 1e17
          ? Math.round(value)
          : Number((text.split('.', 1)[0] ?? '').slice(0, -3));
  return instantOfUs(us);
}

/** An instant, where it is one of the years that are read. */
export function instantOfUs(us: number): DayText | undefined {
  return isInRange(us) ? { us, isDate: false } : undefined;
}

function isInRange(us: number): boolean {
  if (!Number.isSafeInteger(us)) return false;
  const { year } = civilOfDay(floorDivide(us, DAY_US));
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

const TWO_FIRST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${REST}`, 'i');

/** "19.02.2024", "19/02/2024 00:00". */
export function parseDayFirst(text: string): DayText | undefined {
  const match = TWO_FIRST.exec(text);
  return match === null
    ? undefined
    : atTime(dayOfDate(Number(match[4]), Number(match[3]), Number(match[1])), match[5]);
}

/** "02/19/2024", "2/19/2024 12:00 AM". */
export function parseMonthFirst(text: string): DayText | undefined {
  const match = TWO_FIRST.exec(text);
  return match === null
    ? undefined
    : atTime(dayOfDate(Number(match[4]), Number(match[1]), Number(match[3])), match[5]);
}

const NAMED_FIRST = new RegExp(
  `^(?:\\p{L}+\\.?,? +)?(\\p{L}{3,})\\.? +(\\d{1,2})(?:st|nd|rd|th)?,? +(\\d{4})${REST}`,
  'iu',
);
const NAMED_SECOND = new RegExp(
  `^(?:\\p{L}+\\.?,? +)?(\\d{1,2})\\.?[- ]+(?:de +)?(\\p{L}{3,})\\.?[-, ]+(?:de +)?(\\d{4}|\\d\\d)${REST}`,
  'iu',
);

/** "Mar 27, 2018", "27 March 2018", "27-Mar-18", "Tue, 27 Mar 2018 00:00:00 GMT"; months in the languages of Europe. */
export function parseNamedMonth(text: string): DayText | undefined {
  const first = NAMED_FIRST.exec(text);
  if (first !== null)
    return atTime(dayOfDate(Number(first[3]), monthNamed(first[1]), Number(first[2])), first[4]);
  const second = NAMED_SECOND.exec(text);
  if (second === null) return undefined;
  return atTime(dayOfDate(fullYear(second[3] ?? ''), monthNamed(second[2]), Number(second[1])), second[4]);
}

/** Two digits are of the years 1970 to 2069. */
export function fullYear(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 70 ? 2000 : 1900);
}

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv'];
let months: ReadonlyMap<string, number> | null = null;

/** The number of a month by its name, short or long; 0: there is none of this name. */
export function monthNamed(name: string | undefined): number {
  months ??= listMonths();
  return months.get(plainName(name ?? '')) ?? 0;
}

function listMonths(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const language of LANGUAGES) {
    for (const month of ['short', 'long'] as const) {
      const format = new Intl.DateTimeFormat(language, { month, day: 'numeric', timeZone: 'UTC' });
      for (let number = 1; number <= 12; number += 1) {
        const parts = format.formatToParts(Date.UTC(2001, number - 1, 1));
        const name = plainName(parts.find(({ type }) => type === 'month')?.value ?? '');
        // What means two months in two languages means none.
        found.set(name, (found.get(name) ?? number) === number ? number : 0);
      }
    }
  }
  return found;
}

function plainName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();
}
