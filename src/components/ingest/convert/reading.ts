/** How the rows of one file are read: decided once, by its layout, its first rows and what was typed. */
import { DAY_US, dayOfUs, formatDay } from '../../../domain/calendar/day.js';
import { describeShape, type SpanShape, shapeOfStamps } from '../../../domain/prices/span.js';
import { UsageError } from '../../../domain/text/errors.js';
import { placeInFile } from '../cells/place.js';
import type { Field, Layout } from '../formats/parts/format.js';
import type { Row, RowSource } from '../read/rows/rows.js';
import { chooseDayForm } from './day-form.js';
import type { DayForm } from './day-text.js';
import { chooseNumberForm, type Decimal, type NumberForm, PLAIN_NUMBERS } from './number-form.js';
import { type LocalDay, localDayOf, zoneLike } from './zone.js';

export interface ReadingOptions {
  readonly dateFormat: string | null;
  readonly decimal: Decimal | null;
  /** The days of this zone are meant: the date that a row has there is its day. */
  readonly zone: string | null;
  readonly isAdjusted: boolean;
  /** Of a file with rows of several assets, those of this one. */
  readonly symbol: string | null;
  /** What was typed, with these flags added. */
  command(...words: string[]): string;
}

export interface Reading {
  readonly source: RowSource;
  readonly layout: Layout;
  /** null: the rows say all their times in the form of CoinMarketCap. */
  readonly days: DayForm | null;
  readonly numbers: NumberForm;
  readonly localDay: LocalDay | null;
  readonly isAdjusted: boolean;
  readonly symbol: string | null;
  command(...words: string[]): string;
}

const PRICES: readonly Field[] = ['open', 'high', 'low', 'close', 'adjustedClose'];

/** Decides how a file is read. Throws UsageError where that takes a flag, and Error for rows that are no days. */
export function decideReading(source: RowSource, layout: Layout, options: ReadingOptions): Reading {
  const { format, places } = layout;
  const { command, zone, isAdjusted } = options;
  if (isAdjusted && !places.has('adjustedClose'))
    throw new UsageError(
      `--adjusted needs a column of adjusted closes, and ${source.path} has none: leave it out`,
    );
  const rows = source.sample.filter(({ broken }) => broken === undefined);
  const [first] = source.sample;
  // Nothing can be decided by such rows, and what is wrong with them is known.
  if (!format.hasTimes && rows.length === 0 && first?.broken !== undefined)
    throw allBroken(source, first.line, first.broken);
  const samplesOf = (fields: readonly Field[]) =>
    rows.flatMap((row) =>
      fields.flatMap((field) => {
        const text = cellOf(row, places.get(field));
        return text === undefined ? [] : [{ text, place: placeInFile(source, row.line) }];
      }),
    );
  const numbers =
    format.hasPlainNumbers && options.decimal === null
      ? PLAIN_NUMBERS
      : chooseNumberForm(samplesOf(PRICES), {
          decimal: options.decimal,
          isCommaLikely: source.delimiter === ';',
          command,
        });
  const days = format.hasTimes
    ? null
    : chooseDayForm(
        rows.map((row) => ({ text: dayTextOf(row, places), place: placeInFile(source, row.line) })),
        { dateFormat: options.dateFormat, command },
      );
  const localDay = zone === null ? null : localDayOf(zone);
  const reading = { source, layout, days, numbers, localDay, isAdjusted, symbol: options.symbol, command };
  if (days !== null && !places.has('timeClose')) refuseOtherRows(rows, reading, days);
  return reading;
}

function allBroken(source: RowSource, line: number, { expected, value }: NonNullable<Row['broken']>): Error {
  const found = JSON.stringify(value.slice(0, 60));
  return new Error(
    `${placeInFile(source, line)}: expected ${expected}, found ${found}, and so in each of the first rows`,
  );
}

/** A cell of a row; undefined: the layout has none such, or the row is too short. */
export function cellOf({ cells }: Row, place: number | undefined): string | undefined {
  return place === undefined ? undefined : cells[place];
}

/** The day of a row as text, with the time beside it where that is a cell of its own: "20240219" and "000000". */
export function dayTextOf(row: Row, places: Layout['places']): string {
  const text = cellOf(row, places.get('day')) ?? '';
  const time = cellOf(row, places.get('time')) ?? '';
  const match = /^(\d{1,2}):?(\d\d)(?::?(\d\d))?$/.exec(time);
  if (match === null || text === '') return text;
  const [, hours = '', minutes = '', seconds = '00'] = match;
  return `${text} ${hours.padStart(2, '0')}:${minutes}:${seconds}`;
}

/** Fewer rows can be days with holes between them. */
const FEWEST_ROWS = { intraday: 2, longer: 3, days: 6 };

/** Rows without an end are known by the steps between them: hours, weeks and months are no days. */
function refuseOtherRows(
  rows: readonly Row[],
  { source, layout, localDay, symbol, command }: Reading,
  days: DayForm,
): void {
  const place = layout.places.get('symbol');
  const ours = rows.filter(
    (row) => symbol === null || place === undefined || row.cells[place] === rows[0]?.cells[place],
  );
  const stamps = ours.flatMap((row) => {
    const found = days.parse(dayTextOf(row, layout.places));
    if (found === undefined) return [];
    return [found.isDate || localDay === null ? found.us : localDay(found.us) * DAY_US];
  });
  const sorted = [...new Set(stamps)].sort((a, b) => a - b);
  const shape = shapeOfStamps(sorted);
  const [first = 0, second = 0] = sorted;
  if (shape === null || !isTelling(shape, sorted.length)) return;
  throw new Error(
    `${placeInFile(source, rows[1]?.line ?? rows[0]?.line ?? 0)}: expected a row for each UTC day, found ${describeShape(shape)} after ${formatInstant(first)}: ${formatInstant(second)}. ${adviceFor(shape, sorted[0] ?? 0, command)}`,
  );
}

function isTelling(shape: SpanShape, rows: number): boolean {
  if (shape.kind === 'intraday' || shape.kind === 'session') return rows >= FEWEST_ROWS.intraday;
  return rows >= (shape.kind === 'days' ? FEWEST_ROWS.days : FEWEST_ROWS.longer);
}

function formatInstant(us: number): string {
  return us % DAY_US === 0 ? formatDay(dayOfUs(us)) : `${new Date(us / 1000).toISOString()}`;
}

/** What to do about rows of such a shape. `us` is when one of them begins. */
export function adviceFor(shape: SpanShape, us: number, command: (...words: string[]) => string): string {
  switch (shape.kind) {
    case 'intraday':
      return 'Load the daily file of the same source: days that are put together of such rows are another number';
    case 'zone':
    case 'session':
    case 'other_day':
      return `If the date of each row is its day, say in which zone: ${command('--zone', zoneLike(us))}`;
    default:
      return 'Load the daily file of the same source: barwright makes weeks, months and years of days itself';
  }
}
