/** The figures of docs/explanation/scale.md: rows counted by the calculations themselves, bytes from what the bench has measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOfCivil } from '../../src/domain/calendar/day.js';
import { ALIGNMENTS, BAR_ALIGNMENTS, hasBars, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import { rebuildBars, rebuildEmas } from '../../src/domain/planning/rebuild.js';
import { allocateDays, type DayColumns } from '../../src/domain/prices/days.js';

const YEAR_DAYS = 365.25;
const FIRST_DAY = dayOfCivil(2015, 1, 1);
/** Days of the history that bytes were measured on. */
export const HISTORY_DAYS = Math.round(11 * YEAR_DAYS);

/** MB an asset of eleven years, indexes included: B10 of `npm run bench`, 2026-11-24, PostgreSQL 18.4. */
export const MEASURED_MB: Readonly<Record<string, number>> = {
  ema_points: 7.17,
  price_bars: 3.45,
  cmc_price_bars_1d: 0.86,
  ema_carry: 0.04,
  bar_carry: 0.02,
};
const ASSETS: readonly number[] = [500, 10_000, 100_000];

/** Rows that an asset has after so many days, by table. */
export function countRows(firstDay: number, length: number): Record<string, number> {
  const days = plainDays(firstDay, length);
  const counts = {
    cmc_price_bars_1d: length,
    price_bars: 0,
    ema_points: 0,
  };
  for (const timeframe of TIMEFRAMES) {
    const bars = hasBars(timeframe) ? rebuildBars(timeframe, days) : { closed: [], state: null };
    const emas = rebuildEmas(timeframe, PERIODS, { days, closed: bars.closed });
    counts.price_bars += bars.closed.length;
    counts.ema_points += emas.points.length;
  }
  return { ...counts, ...STATE_ROWS };
}

/** One row each, and one for each alignment; every day replaces all of them. */
const STATE_ROWS = {
  cmc_price_bars_1d_state: 1,
  bar_carry: BAR_ALIGNMENTS.length,
  ema_carry: ALIGNMENTS.length,
};

/** Days without a gap; how many rows there are does not depend on prices. */
function plainDays(firstDay: number, length: number): DayColumns {
  const days = allocateDays(length, 1, firstDay);
  for (const values of [days.open, days.high, days.low, days.close]) values.fill(100);
  for (let index = 0; index < length; index += 1) days.day[index] = firstDay + index;
  return days;
}

interface TableFigures {
  table: string;
  rows: number;
  /** null: too little to be measured. */
  megabytes: number | null;
  newRows: number;
  replacedRows: number;
}

/** Of one asset of eleven years. Rows a day are the mean of the twelfth year. */
function listFigures(): TableFigures[] {
  const now = countRows(FIRST_DAY, HISTORY_DAYS);
  const later = countRows(FIRST_DAY, HISTORY_DAYS + Math.round(YEAR_DAYS));
  return Object.entries(now).map(([table, rows]) => ({
    ...{ table, rows, megabytes: MEASURED_MB[table] ?? null },
    newRows: table in STATE_ROWS ? 0 : ((later[table] ?? 0) - rows) / Math.round(YEAR_DAYS),
    replacedRows: table in STATE_ROWS ? rows : 0,
  }));
}

const sum = (figures: readonly TableFigures[], get: (each: TableFigures) => number): number =>
  figures.reduce((total, each) => total + get(each), 0);
const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
const bytesARow = ({ megabytes, rows }: TableFigures): number =>
  megabytes === null ? 0 : (megabytes * 1e6) / rows;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function tableOfOne(figures: readonly TableFigures[]): string[] {
  return [
    row(['table', 'rows', 'MB', 'bytes a row', 'new rows a day', 'rows replaced a day']),
    '|---|---|---|---|---|---|',
    ...figures.map((each) =>
      row([
        `\`${each.table}\``,
        grouped(each.rows),
        each.megabytes?.toFixed(2) ?? '–',
        each.megabytes === null ? '–' : grouped(bytesARow(each)),
        each.newRows.toFixed(1),
        grouped(each.replacedRows),
      ]),
    ),
    row([
      '**an asset**',
      grouped(sum(figures, ({ rows }) => rows)),
      sum(figures, ({ megabytes }) => megabytes ?? 0).toFixed(1),
      '',
      sum(figures, ({ newRows }) => newRows).toFixed(1),
      grouped(sum(figures, ({ replacedRows }) => replacedRows)),
    ]),
  ];
}

function tableOfMany(figures: readonly TableFigures[]): string[] {
  const bytes = sum(figures, ({ megabytes }) => (megabytes ?? 0) * 1e6);
  const grown = sum(figures, (each) => each.newRows * bytesARow(each));
  const replaced = sum(figures, (each) => each.replacedRows * bytesARow(each));
  return [
    row([
      ...['assets', 'rows, millions', 'GB', 'new rows a day, millions', 'rows replaced a day, millions'],
      ...['MB of new rows a day', 'MB of replaced rows a day', 'GB more a year'],
    ]),
    '|---|---|---|---|---|---|---|---|',
    ...ASSETS.map((count) =>
      row([
        grouped(count),
        ((count * sum(figures, ({ rows }) => rows)) / 1e6).toFixed(0),
        grouped((count * bytes) / 1e9),
        ((count * sum(figures, ({ newRows }) => newRows)) / 1e6).toFixed(2),
        ((count * sum(figures, ({ replacedRows }) => replacedRows)) / 1e6).toFixed(2),
        grouped((count * grown) / 1e6),
        grouped((count * replaced) / 1e6),
        grouped((count * grown * YEAR_DAYS) / 1e9),
      ]),
    ),
  ];
}

const BEGIN = '<!-- figures: written by npm run documents -->';
const END = '<!-- end of figures -->';

/** The document as it is, with its figures made again. */
export function makeScale(checkout: string): string {
  const text = readFileSync(join(checkout, 'docs/explanation/scale.md'), 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/explanation/scale.md expects its figures between "${BEGIN}" and "${END}"`);
  const figures = listFigures();
  const lines = [BEGIN, '', ...tableOfOne(figures), '', ...tableOfMany(figures), '', END];
  return `${before}${lines.join('\n')}${after}`;
}
