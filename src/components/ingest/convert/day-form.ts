/** Which form the days of a file have: by its first rows, or as --date-format says. */
import { DAY_US, formatDay } from '../../../domain/calendar/day.js';
import { UsageError } from '../../../domain/text/errors.js';
import { compileDateFormat, isExcelDay } from './date-format.js';
import {
  type DayForm,
  parseDayFirst,
  parseEpoch,
  parseMonthFirst,
  parseNamedMonth,
  parseYearFirst,
} from './day-text.js';
import { chooseEpoch, EPOCH_UNITS } from './epoch.js';

const DAY_FIRST: DayForm = { expected: 'a date like 19/02/2024 (day first)', parse: parseDayFirst };
const MONTH_FIRST: DayForm = { expected: 'a date like 02/19/2024 (month first)', parse: parseMonthFirst };

const FORMS: readonly DayForm[] = [
  { expected: 'a date like 2024-02-19 or a time like 2024-02-19T00:00:00Z', parse: parseYearFirst },
  { expected: 'an epoch time in seconds, milliseconds, microseconds or nanoseconds', parse: parseEpoch },
  { expected: 'a date like Feb 19, 2024 or 19 Feb 2024', parse: parseNamedMonth },
  DAY_FIRST,
  MONTH_FIRST,
];

/** A day cell of the sample and where it stands. */
export interface DaySample {
  readonly text: string;
  readonly place: string;
}

/**
 * The form of these days. Throws UsageError where they could be two days each and none of them settles it, with both
 * readings and the flag to type; and where no form fits. `command` is what was typed, with these flags added.
 */
export function chooseDayForm(
  samples: readonly DaySample[],
  { dateFormat, command }: { dateFormat: string | null; command: (...words: string[]) => string },
): DayForm {
  if (dateFormat !== null) return compileDateFormat(dateFormat);
  const given = samples.filter(({ text }) => text !== '');
  const fits = FORMS.map((form) => given.filter(({ text }) => form.parse(text) !== undefined).length);
  const [dayFirst = 0, monthFirst = 0] = fits.slice(-2);
  const most = Math.max(...fits);
  const first = given[0];
  if (first === undefined || most === 0) {
    const found = first === undefined ? 'nothing' : JSON.stringify(first.text.slice(0, 40));
    const isNumber = first !== undefined && /^-?\d+$/.test(first.text);
    const how = isNumber
      ? `Say what it counts since 1970, by one of ${EPOCH_UNITS.join(', ')}: ${command('--date-format', 'epoch-us')}`
      : `Say how it is written, such as --date-format "DD.MM.YYYY": ${command('--date-format', 'FORMAT')}`;
    throw new UsageError(`${first?.place ?? 'the first row'}: expected a day, found ${found}. ${how}`);
  }
  if (given.every(({ text }) => isExcelDay(text)))
    throw new UsageError(
      `${first.place}: expected a day, found ${first.text}, which looks like a day number of Excel: ${command('--date-format', 'excel')}`,
    );
  if (dayFirst === most && monthFirst === most) throw ambiguous(given, command);
  const form = FORMS[fits.indexOf(most)] ?? DAY_FIRST;
  return form.parse === parseEpoch ? { ...form, parse: chooseEpoch(given.map(({ text }) => text)) } : form;
}

function ambiguous(given: readonly DaySample[], command: (...words: string[]) => string): UsageError {
  const { text, place } =
    given.find((sample) => parseDayFirst(sample.text)?.us !== parseMonthFirst(sample.text)?.us) ??
    given[0] ??
    NOWHERE;
  const mark = /[-/.]/.exec(text)?.[0] ?? '/';
  const dayFirst = formatDay(Math.floor((parseDayFirst(text)?.us ?? 0) / DAY_US));
  const monthFirst = formatDay(Math.floor((parseMonthFirst(text)?.us ?? 0) / DAY_US));
  return new UsageError(
    `${place}: "${text}" could be two days, ${dayFirst} or ${monthFirst}, and no day of the file settles it. If it is ${dayFirst}: ${command('--date-format', `DD${mark}MM${mark}YYYY`)}; if it is ${monthFirst}: ${command('--date-format', `MM${mark}DD${mark}YYYY`)}`,
  );
}

const NOWHERE: DaySample = { text: '', place: '' };
