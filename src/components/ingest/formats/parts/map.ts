/** Columns as --map says them: for unknown layouts. */
import { UsageError } from '../../../../domain/text/errors.js';
import type { RowSource } from '../../read/rows/rows.js';
import { type Field, type Format, key, type Layout, NEEDED, placeOf } from './format.js';

const MAPPED: Format = { id: 'mapped', label: 'columns by --map', from: '', signs: null, volume: null };

/** How fields are typed. */
const MAP_NAMES: Readonly<Record<string, Field>> = {
  date: 'day',
  time: 'time',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  adjclose: 'adjustedClose',
  volume: 'volume',
  marketcap: 'marketCap',
  supply: 'circulatingSupply',
  symbol: 'symbol',
};

const EXAMPLE =
  '--map date=Datum,open=Open,high=High,low=Low,close=Close (or the places of the columns: date=1,open=2,…)';

/** The columns by field as --map says them. Throws UsageError. */
export function parseMap(text: string): ReadonlyMap<Field, string> {
  const columns = new Map<Field, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    const column = part.slice(equals + 1).trim();
    const field = Object.hasOwn(MAP_NAMES, name.toLowerCase()) ? MAP_NAMES[name.toLowerCase()] : undefined;
    if (field === undefined || column === '' || columns.has(field))
      throw new UsageError(
        `--map expects ${Object.keys(MAP_NAMES).join(', ')} with a column each, such as ${EXAMPLE}; got "${part.trim()}"`,
      );
    columns.set(field, column);
  }
  const missing = NEEDED.filter((field) => !columns.has(field)).map((field) =>
    field === 'day' ? 'date' : field,
  );
  if (missing.length > 0) throw new UsageError(`--map needs ${missing.join(', ')} too, such as ${EXAMPLE}`);
  return columns;
}

/** Where a file has the columns of --map. Throws UsageError for one that it does not have. */
export function mappedLayout(columns: ReadonlyMap<Field, string>, source: RowSource): Layout {
  const width = source.header?.length ?? commonWidth(source);
  const places = new Map<Field, number>();
  for (const [field, column] of columns) {
    const place = placeOfColumn(column, source.header, width);
    if (place === null)
      throw new UsageError(
        `--map: ${source.headerPlace} has no column ${JSON.stringify(column)}; it has ${listColumns(source, width)}`,
      );
    places.set(field, place);
  }
  return { format: MAPPED, places, width, fitting: source.sample.length };
}

function placeOfColumn(column: string, header: readonly string[] | null, width: number): number | null {
  const exact = header?.indexOf(column) ?? -1;
  if (exact !== -1) return exact;
  if (/^\d+$/.test(column) && Number(column) >= 1 && Number(column) <= width) return Number(column) - 1;
  const place = header === null || key(column) === '' ? -1 : placeOf(header, [key(column)]);
  return place === -1 ? null : place;
}

/** How many cells most rows of the sample have. */
export function commonWidth({ sample }: RowSource): number {
  const counts = new Map<number, number>();
  for (const { cells, broken } of sample)
    if (broken === undefined) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

const MOST_LISTED = 30;

/** The columns of a file for people, by name or number. */
export function listColumns({ header }: RowSource, width: number): string {
  if (header === null) return `no header and ${width} columns, to be said by their places: 1 to ${width}`;
  const names = header.slice(0, MOST_LISTED).map((name) => JSON.stringify(name.slice(0, 40)));
  if (header.length > MOST_LISTED) names.push(`and ${header.length - MOST_LISTED} more`);
  return names.join(', ');
}
