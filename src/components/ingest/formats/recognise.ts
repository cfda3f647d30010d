import type { RowSource } from '../read/rows/rows.js';
import { guessMap } from './guess.js';
import { FORMATS } from './list.js';
import {
  doubleNames,
  type Field,
  isUsualHeader,
  key,
  type Layout,
  layoutOf,
  NEEDED,
  placeOf,
  USUAL_NAMES,
} from './parts/format.js';
import { commonWidth, listColumns, mappedLayout } from './parts/map.js';

export interface Recognising {
  /** Columns by --map; null: the file must be of a known format. */
  readonly columns: ReadonlyMap<Field, string> | null;
  /** What was typed, with these flags added. */
  command(...words: string[]): string;
}

/** Whether cells are a header: that of a known format, or one with the columns of --map. */
export function headerTest(columns: Recognising['columns']): (names: readonly string[]) => boolean {
  if (columns === null) return isUsualHeader;
  const wanted = [...columns.values()].map(key).filter((name) => !/^\d*$/.test(name));
  if (wanted.length === 0) return isUsualHeader;
  return (names) => wanted.every((name) => placeOf(names, [name]) !== -1);
}

/**
 * The layout of a file, by its header and first rows. Throws Error for an unknown one, with what it has and the
 * command that would read it; UsageError for a column of --map that it does not have.
 */
export function recognise(source: RowSource, { columns, command }: Recognising): Layout {
  if (columns !== null) return mappedLayout(columns, source);
  const layout = bestLayout(source);
  if (layout !== null) {
    const double = doubleNames(source.header ?? [], layout);
    if (double.length === 0) return layout;
    throw new Error(
      `${source.headerPlace}: expected each price once, found several columns ${double.map((name) => JSON.stringify(name.slice(0, 40))).join(', ')}, as in a table of several assets. Say the columns of one of them by their places: ${command('--map', placesOfFirst(layout))}`,
    );
  }
  throw unknownLayout(source, command);
}

/** Without a header rows of four equal prices fit several formats: the one that fits most rows is meant. */
function bestLayout(source: RowSource): Layout | null {
  let best: Layout | null = null;
  for (const format of FORMATS) {
    const layout = layoutOf(format, source);
    if (layout !== null && layout.fitting > (best?.fitting ?? -1)) best = layout;
  }
  return best;
}

/** The columns that come first, by their places. */
function placesOfFirst({ places }: Layout): string {
  return NEEDED.map((field) => `${field === 'day' ? 'date' : field}=${(places.get(field) ?? 0) + 1}`).join(
    ',',
  );
}

function unknownLayout(source: RowSource, command: (...words: string[]) => string): Error {
  const width = source.header?.length ?? commonWidth(source);
  const guess = guessMap(source);
  const has = `it has ${listColumns(source, width)}`;
  if (guess !== null) {
    return new Error(
      `${source.headerPlace}: the layout is none that barwright knows; ${has}. If these are its columns: ${command('--map', guess)}`,
    );
  }
  const header = source.header;
  const missing = header === null ? [] : NEEDED.filter((field) => placeOf(header, USUAL_NAMES[field]) === -1);
  const lacks =
    missing.length === 0
      ? ''
      : ` without ${missing.map((field) => (field === 'day' ? 'date' : field)).join(', ')}`;
  return new Error(
    `${source.headerPlace}: the layout is none that barwright knows: daily prices need date, open, high, low and close, and this is a table${lacks}; ${has}. Say its columns: ${command('--map', 'date=COLUMN,open=COLUMN,high=COLUMN,low=COLUMN,close=COLUMN')}`,
  );
}
