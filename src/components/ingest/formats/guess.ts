/** What the columns of an unknown file may be: proposed as a command, never assumed. */
import {
  parseDayFirst,
  parseEpoch,
  parseMonthFirst,
  parseNamedMonth,
  parseYearFirst,
} from '../convert/day-text.js';
import { numberForm } from '../convert/number-form.js';
import type { RowSource } from '../read/rows/rows.js';
import { type Field, key, placeOf, USUAL_NAMES } from './parts/format.js';
import { commonWidth } from './parts/map.js';

const ROWS = 200;
/** Columns of which nearly all cells are days, or numbers. */
const NEARLY_ALL = 0.9;

/** Names of other languages, which are sure enough to propose. */
const OTHER_NAMES: Readonly<Partial<Record<Field, readonly RegExp[]>>> = {
  day: [/^(?:datum|fecha|data|tag|jour|dia|dag|zeit|handelstag|periodo?)/],
  open: [/^(?:eroffn|erster|anfang|start|begin|apertura|abertura|ouverture|ouv|openings?|aper)/],
  high: [/^(?:hoch|hochst|tageshoch|maximo?|massimo|maxima|plushaut|haut|hoog|hi$)/],
  low: [/^(?:tief|tiefst|tagestief|minimo?|minima|plusbas|bas|laag|lo$)/],
  close: [
    /^(?:schluss|letzter|zuletzt|ende|cierre|chiusura|fechamento|cloture|dernier|ultimo|slot|price|kurs|end$|value)/,
  ],
  volume: [/^(?:umsatz|stuck|menge|turnover|amount|volumen|quantity|qty)/],
};

/** The columns of a file as --map would say them: by their names, else by their values; null: nothing fits. */
export function guessMap(source: RowSource): string | null {
  const width = source.header?.length ?? commonWidth(source);
  const rows = source.sample.filter(({ cells }) => cells.length === width).slice(0, ROWS);
  const columns = Array.from({ length: width }, (_, place) => rows.map(({ cells }) => cells[place] ?? ''));
  const day = columns.findIndex(
    (cells) => shareOf(cells, isDay) >= NEARLY_ALL && !cells.every((cell) => cell === cells[0]),
  );
  if (day === -1) return null;
  const prices = byNames(source.header, day) ?? byValues(columns, day);
  if (prices === null) return null;
  const parts = [['date', day], ...prices] as const;
  return parts.map(([field, place]) => `${field}=${nameOf(source.header, place)}`).join(',');
}

function nameOf(header: readonly string[] | null, place: number): string {
  const name = header?.[place] ?? '';
  const isTypeable =
    /^[^,=]+$/.test(name) &&
    /\p{L}/u.test(name) &&
    header?.filter((other) => key(other) === key(name)).length === 1;
  return isTypeable ? name : String(place + 1);
}

function shareOf(cells: readonly string[], is: (cell: string) => boolean): number {
  const given = cells.filter((cell) => cell !== '');
  return given.length === 0 ? 0 : given.filter(is).length / cells.length;
}

function isDay(cell: string): boolean {
  const epoch = parseEpoch(cell);
  // Any number is an epoch time of 1970.
  if (epoch !== undefined) return Math.abs(Number(cell)) > 1e8 || parseYearFirst(cell) !== undefined;
  return [parseYearFirst, parseDayFirst, parseMonthFirst, parseNamedMonth].some(
    (parse) => parse(cell) !== undefined,
  );
}

type Prices = readonly (readonly [string, number])[];

function byNames(header: readonly string[] | null, day: number): Prices | null {
  if (header === null) return null;
  const found = (['open', 'high', 'low', 'close', 'volume'] as const).map(
    (field) => [field, placeOf(header, [...USUAL_NAMES[field], ...(OTHER_NAMES[field] ?? [])])] as const,
  );
  const needed = found.slice(0, 4).map(([, place]) => place);
  if (needed.includes(-1) || new Set([day, ...needed]).size < 5) return null;
  return found.filter(([, place]) => place !== -1);
}

/** Of four columns of like size, the highest and the lowest in every row; of the other two, the close is near the open of the next day. */
function byValues(columns: readonly (readonly string[])[], day: number): Prices | null {
  const decimal = columns.some((cells) =>
    cells.some((cell) => /^\d{1,40},\d{1,2}$|,\d{4,40}$|\.\d{3},/.test(cell)),
  )
    ? 'comma'
    : 'point';
  const form = numberForm(decimal);
  const numbers = columns.map((cells) => cells.map((cell) => form.parse(cell) ?? Number.NaN));
  const prices = numbers.flatMap((values, place) =>
    place !== day && values.length > 1 && values.every((value) => value > 0) ? [place] : [],
  );
  const like = prices
    .filter((place) => prices.filter((other) => isLike(numbers[place], numbers[other])).length >= 4)
    .slice(0, 8);
  const at = (place: number, row: number) => numbers[place]?.[row] ?? Number.NaN;
  const rows = numbers[0]?.length ?? 0;
  const isAll = (test: (row: number) => boolean) => Array.from({ length: rows }, (_, row) => row).every(test);
  const high = like.find((place) => isAll((row) => like.every((other) => at(place, row) >= at(other, row))));
  const low = like.find((place) => isAll((row) => like.every((other) => at(place, row) <= at(other, row))));
  const [one, two, ...others] = like.filter((place) => place !== high && place !== low);
  if (high === undefined || low === undefined || one === undefined || two === undefined || others.length > 0)
    return null;
  const days = columns[day] ?? [];
  const isNewestFirst = (days[0] ?? '') > (days.at(-1) ?? '');
  const step = (open: number, close: number) =>
    Array.from({ length: rows - 1 }, (_, row) =>
      Math.abs(isNewestFirst ? at(open, row) - at(close, row + 1) : at(open, row + 1) - at(close, row)),
    ).reduce((sum, value) => sum + value, 0);
  const [open, close] = step(one, two) <= step(two, one) ? [one, two] : [two, one];
  return [
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
  ];
}

function isLike(a: readonly number[] = [], b: readonly number[] = []): boolean {
  return a.every((value, row) => {
    const ratio = value / (b[row] ?? Number.NaN);
    return ratio > 0.2 && ratio < 5;
  });
}
