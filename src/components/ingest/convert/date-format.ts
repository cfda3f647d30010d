import { DAY_US } from '../../../domain/calendar/day.js';
import { UsageError } from '../../../domain/text/errors.js';
import {
  atTime,
  type DayForm,
  type DayText,
  dayOfDate,
  fullYear,
  monthNamed,
  parseEpoch,
} from './day-text.js';
import { epochOfUnit } from './epoch.js';

/** What a format is made of, the longer before the shorter; and how strftime spells it. */
const TOKENS: readonly (readonly [string, string, string | null])[] = [
  ['YYYY', '(?<year>\\d{4})', '%Y'],
  ['YY', '(?<year>\\d\\d)', '%y'],
  ['MMMM', '(?<name>\\p{L}+)', '%B'],
  ['MMM', '(?<name>\\p{L}+)\\.?', '%b'],
  ['MM', '(?<month>\\d{1,2})', '%m'],
  ['M', '(?<month>\\d{1,2})', '%-m'],
  ['DD', '(?<day>\\d{1,2})', '%d'],
  ['D', '(?<day>\\d{1,2})', '%-d'],
  ['HH', '(?<hour>\\d{1,2})', '%H'],
  ['hh', '(?<hour>\\d{1,2})', '%I'],
  ['mm', '(?<minute>\\d\\d)', '%M'],
  ['ss', '(?<second>\\d\\d(?:[.,]\\d+)?)', '%S'],
  ['A', '(?<half>[AaPp][Mm])', '%p'],
  ['Z', '(?<zone>Z|UTC|GMT|[+-]\\d\\d:?(?:\\d\\d)?)', '%z'],
];

const EXPECTED =
  '--date-format expects YYYY, MM and DD with what stands between them, such as DD.MM.YYYY or "MMM D, YYYY" (HH, mm, ss, A and Z for times), "excel", "epoch", or what epoch times count: epoch-s, epoch-ms, epoch-us, epoch-ns';

/** A form of days as --date-format says it: "DD.MM.YYYY", "%d.%m.%Y", "epoch", "excel". Throws UsageError for one without year, month or day. */
export function compileDateFormat(format: string): DayForm {
  const expected = `a date like ${format}`;
  if (/^excel$/i.test(format))
    return { expected: 'a day number of Excel, such as 45341', parse: parseExcelDay };
  if (/^epoch$/i.test(format)) return { expected: 'an epoch time', parse: parseEpoch };
  const epoch = epochOfUnit(format);
  if (epoch !== null) return { expected: `an epoch time (${format})`, parse: epoch };
  let plain = format.trim();
  for (const [token, , strftime] of TOKENS) if (strftime !== null) plain = plain.replaceAll(strftime, token);
  const names = new RegExp(TOKENS.map(([token]) => token).join('|'), 'g');
  let source = '';
  let end = 0;
  const seen = new Set<string>();
  for (const match of plain.matchAll(names)) {
    const pattern = TOKENS.find(([token]) => token === match[0])?.[1] ?? '';
    const group = /<(\w+)>/.exec(pattern)?.[1] ?? '';
    if (seen.has(group)) throw new UsageError(`${EXPECTED}; got "${format}"`);
    seen.add(group);
    source += escapeRegExp(plain.slice(end, match.index)) + pattern;
    end = match.index + match[0].length;
  }
  source += escapeRegExp(plain.slice(end));
  if (!seen.has('year') || !(seen.has('month') || seen.has('name')) || !seen.has('day'))
    throw new UsageError(`${EXPECTED}; got "${format}"`);
  const pattern = new RegExp(`^${source}$`, 'u');
  return { expected, parse: (text) => parseGroups(pattern.exec(text)?.groups) };
}

/** Excel counts days from the last of 1899, and takes 1900 for a leap year; before March of that year there are no such prices. */
const EXCEL_DAY_ZERO = -25_569;

/** Whether a text may be the number of a day of the years 1954 to 2119. */
export function isExcelDay(text: string): boolean {
  return /^[2-7]\d{4}(?:\.0+)?$/.test(text);
}

function parseExcelDay(text: string): DayText | undefined {
  return isExcelDay(text) ? { us: (Number(text) + EXCEL_DAY_ZERO) * DAY_US, isDate: true } : undefined;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
}

function parseGroups(groups: Record<string, string | undefined> | undefined): ReturnType<DayForm['parse']> {
  if (groups === undefined) return undefined;
  const { year = '', month, name, day, hour, minute = '00', second, half = '', zone = '' } = groups;
  const date = dayOfDate(fullYear(year), month === undefined ? monthNamed(name) : Number(month), Number(day));
  if (hour === undefined) return atTime(date, undefined);
  const seconds = second === undefined ? '' : `:${second}`;
  return atTime(date, `${hour}:${minute}${seconds} ${half} ${zone}`.trim());
}
