/** Rows of files that are stored column by column. */
import { DAY_US, formatDay } from '../../../../domain/calendar/day.js';
import type { Row } from '../rows/rows.js';

export const ROWS_PER_BATCH = 5000;

/** A column of some rows, of whatever type the file has. */
export type ColumnValues = ArrayLike<unknown>;

/** Rows `first` to before `end` of columns that begin with row `offset` of the file; a column that is null is not read. */
export function rowsOfColumns(
  columns: readonly (ColumnValues | null)[],
  { first, end, offset }: { first: number; end: number; offset: number },
): Row[] {
  const rows: Row[] = [];
  for (let row = first; row < end; row += 1)
    rows.push({
      line: offset + row,
      cells: columns.map((values) => (values === null ? '' : textOf(values[row]))),
    });
  return rows;
}

/** A value as the text of a cell: every number as it is, every time in UTC. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no time' : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8').trim();
  return typeof value === 'object' ? 'a list' : String(value);
}

/** A count of days as a date. */
export function dateText(days: number): string {
  return Number.isSafeInteger(days * DAY_US) ? formatDay(days) : 'no day';
}
