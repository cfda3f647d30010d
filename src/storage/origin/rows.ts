/** Rows of the origin's tables, by COPY: one series after the other, into columns. Nothing else of them is in memory. */
import type { Day } from '../../domain/calendar/day.js';
import { DAY_US } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../../domain/calendar/timeframe.js';
import { type CellKind, type Cells, type Grid, kindOf, numberOfText } from '../../domain/origin/cells.js';
import { eachRowAt, type RowChunk } from '../copy/decode.js';
import type { Tx } from '../session/database.js';
import { PG_EPOCH_DAY } from '../session/type-parsers.js';
import { type OriginTable, sourceOf } from './tables.js';

/** The venue that barwright has prices of, in tables that have several. */
const VENUE = 1;

/** What a table has of one asset. */
export interface OriginExtent {
  rows: number;
  /** Newest day of any row; null: it has none. */
  lastDay: Day | null;
  /** Names of its series: as nameOfSeries. */
  series: ReadonlySet<string>;
}

/** What a series is called within a table: its tf, in the tables of all alignments with what alignment_source says. */
export function nameOfSeries({ alignment }: OriginTable, of: { alignment: Alignment; tf: string }): string {
  return alignment === null ? `${sourceOf(of.alignment)} ${of.tf}` : of.tf;
}

/** Reads a name back; null: it is of no alignment that barwright has. */
export function seriesOfName(
  { alignment }: OriginTable,
  name: string,
): { alignment: Alignment; tf: string } | null {
  if (alignment !== null) return { alignment, tf: name };
  const [source, tf] = name.split(' ');
  const found = ALIGNMENTS.find((each) => sourceOf(each) === source);
  return found === undefined || tf === undefined ? null : { alignment: found, tf };
}

function nameSql({ kind, alignment }: OriginTable): string {
  if (kind === 'daily') return `'1D'`;
  return alignment === null ? `alignment_source::text || ' ' || tf::text` : 'tf::text';
}

function fromSql({ relation, hasVenues }: OriginTable, id: number): string {
  if (!Number.isInteger(id)) throw new Error(`id ${id} is not an integer`);
  return `from ${relation} where id = ${id}${hasVenues ? ` and venue_id = ${VENUE}` : ''}`;
}

/** How much there is of an asset, and how far it goes. */
export async function readExtent(tx: Tx, table: OriginTable, id: number): Promise<OriginExtent> {
  const rows = await tx.query<[string, number, Day | null]>(
    `select ${nameSql(table)}, count(*), max(${table.time}::timestamptz)::date ${fromSql(table, id)} group by 1`,
  );
  const days = rows.flatMap(([, , day]) => (day === null ? [] : [day]));
  return {
    rows: rows.reduce((sum, [, count]) => sum + count, 0),
    lastDay: days.length === 0 ? null : Math.max(...days),
    series: new Set(rows.map(([name]) => name)),
  };
}

/** A row that has no place among the days and periods that are compared. */
export interface StrayRow {
  day: Day;
  period: number | null;
  why: 'twice' | 'no price' | 'period';
}

/** A series of theirs that was read; the cells are good until the next one. */
export interface OriginSeries {
  name: string;
  cells: Cells;
  rows: number;
  strays: readonly StrayRow[];
}

const SQL_TYPES: Readonly<Record<CellKind, string>> = {
  int: '::float8',
  exact: '::float8',
  rounded: '::float8',
  time: '::timestamptz',
  day: '::timestamptz::date',
  flag: '::boolean',
  text: '::text',
};

/** Where the rows of a table go. */
export interface Reading {
  id: number;
  grid: Grid;
  /** Rows of later days are ignored. */
  upTo: Day;
  /** EMAs: by place. */
  periods: readonly number[];
  /** Room for a series: cleared before each. */
  cells: Cells;
}

/** Hands over every series of a table, one after the other. */
export async function readSeries(
  tx: Tx,
  table: OriginTable,
  {
    reading,
    clear,
    onSeries,
  }: { reading: Reading; clear: () => void; onSeries: (series: OriginSeries) => void },
): Promise<void> {
  const cells = table.columns.map((column) => `${column}${SQL_TYPES[kindOf(column)]}`);
  const keys = [`${nameSql(table)} as name`, `${table.time}::timestamptz`];
  keys.push(table.kind === 'emas' ? 'period::int' : '0');
  const sorted = table.kind === 'daily' ? '' : ' order by 1';
  const select = `select ${[...keys, ...cells].join(', ')} ${fromSql(table, reading.id)}${sorted}`;
  const collector = new Collector(table, reading);
  const finish = () => {
    const series = collector.take();
    if (series !== null) onSeries(series);
  };
  await eachRowAt(tx.copyOut(`copy (${select}) to stdout (format binary)`), (chunk, start) => {
    // Behind the number of cells: the length of the name, and the name.
    const at = start + 2;
    if (!collector.isOfSeries(chunk, at)) {
      finish();
      clear();
      collector.start(chunk, at);
    }
    collector.add(chunk.view, at);
  });
  finish();
}

const TWO_32 = 4_294_967_296;
const PG_EPOCH_US = PG_EPOCH_DAY * DAY_US;

function timeAt(view: DataView, offset: number): number {
  return view.getInt32(offset) * TWO_32 + view.getUint32(offset + 4) + PG_EPOCH_US;
}

type Reader = (view: DataView, offset: number, bytes: number) => number;

/** Rows of one series on their way into the cells. */
class Collector {
  readonly #reading: Reading;
  readonly #readers: readonly Reader[];
  readonly #columns: readonly Float64Array[];
  readonly #periodAt: ReadonlyMap<number, number>;
  readonly #isEma: boolean;
  #name: Buffer | null = null;
  #rows = 0;
  #strays: StrayRow[] = [];

  constructor({ columns, kind }: OriginTable, reading: Reading) {
    this.#reading = reading;
    this.#readers = columns.map((column) => READERS[kindOf(column)]);
    this.#columns = columns.map((column) => reading.cells.columns[column] as Float64Array);
    this.#periodAt = new Map(reading.periods.map((period, at) => [period, at]));
    this.#isEma = kind === 'emas';
  }

  isOfSeries({ bytes, view }: RowChunk, nameAt: number): boolean {
    const length = view.getInt32(nameAt);
    const start = nameAt + 4;
    return (
      this.#name !== null &&
      this.#name.length === length &&
      this.#name.compare(bytes, start, start + length) === 0
    );
  }

  start({ bytes, view }: RowChunk, nameAt: number): void {
    const start = nameAt + 4;
    this.#name = Buffer.from(bytes.subarray(start, start + Math.max(0, view.getInt32(nameAt))));
    this.#rows = 0;
    this.#strays = [];
  }

  add(view: DataView, nameAt: number): void {
    const { grid, upTo, cells } = this.#reading;
    const at = nameAt + 4 + Math.max(0, view.getInt32(nameAt));
    if (view.getInt32(at) < 0) return;
    const day = Math.floor(timeAt(view, at + 4) / DAY_US);
    if (day > upTo) return;
    this.#rows += 1;
    const period = view.getInt32(at + 16);
    const periodAt = this.#isEma ? this.#periodAt.get(period) : 0;
    const inGrid = day - grid.firstDay;
    const why = periodAt === undefined ? 'period' : inGrid < 0 || inGrid >= grid.length ? 'no price' : null;
    const place = (periodAt ?? 0) * grid.length + inGrid;
    if (why !== null || cells.present[place] === 1) {
      this.#strays.push({ day, period: this.#isEma ? period : null, why: why ?? 'twice' });
      return;
    }
    cells.present[place] = 1;
    let offset = at + 20;
    for (let index = 0; index < this.#readers.length; index += 1) {
      const bytes = view.getInt32(offset);
      offset += 4;
      if (bytes < 0) continue;
      const read = this.#readers[index] as Reader;
      (this.#columns[index] as Float64Array)[place] = read(view, offset, bytes);
      offset += bytes;
    }
  }

  take(): OriginSeries | null {
    if (this.#name === null) return null;
    return {
      ...{ name: this.#name.toString('utf8'), cells: this.#reading.cells },
      ...{ rows: this.#rows, strays: this.#strays },
    };
  }
}

const readDouble: Reader = (view, offset) => view.getFloat64(offset);

const READERS: Readonly<Record<CellKind, Reader>> = {
  int: readDouble,
  exact: readDouble,
  rounded: readDouble,
  time: timeAt,
  day: (view, offset) => view.getInt32(offset) + PG_EPOCH_DAY,
  flag: (view, offset) => view.getUint8(offset),
  text: (view, offset, bytes) =>
    numberOfText(Buffer.from(view.buffer, view.byteOffset + offset, bytes).toString('utf8')),
};
