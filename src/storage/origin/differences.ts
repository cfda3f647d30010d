/** Their rows beside ours, joined by day in the database: only those that differ come out of it. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment, BarAlignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';
import { BAR_CELLS, type CellKind, DAILY_CELLS, EMA_CELLS, type OriginTable } from './tables.js';

/** EMAs and sums are equal when they agree to this part of the larger one: what is left is the order of additions. */
export const ROUNDING = 1e-11;

export type Cell = number | string | boolean | null;

/** A row that is not the same on both sides; null: that side has no such row. Cells in the order of the table's columns. */
export interface DifferingRow {
  day: Day;
  /** EMAs only. */
  period: number | null;
  theirs: readonly Cell[] | null;
  ours: readonly Cell[] | null;
}

export interface ComparedRows {
  theirs: number;
  ours: number;
  /** In the order of periods and days. */
  differing: DifferingRow[];
}

/** How far both sides have come, and which series theirs has. */
export interface OriginExtent {
  rows: number;
  lastDay: Day | null;
  /** tf, or "tf:period" of EMAs. */
  series: Set<string>;
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
const CELLS: Readonly<Record<string, CellKind>> = { ...DAILY_CELLS, ...BAR_CELLS, ...EMA_CELLS };

/** What their table has of an asset. `kind` says which columns name its series. */
export async function readExtent(
  tx: Tx,
  { relation }: OriginTable,
  { id, kind }: { id: number; kind: 'daily' | 'bars' | 'emas' },
): Promise<OriginExtent> {
  const names = { daily: `'1D'`, bars: 'tf::text', emas: `tf::text || ':' || period::int` }[kind];
  const time = { daily: 'timestamp', bars: 'time_close', emas: 'ts' }[kind];
  const rows = await tx.query<[string, number, Day | null]>(
    `select ${names}, count(*), max(${time}::timestamptz)::date from ${relation} where id = $1 group by 1`,
    [id],
  );
  const days = rows.flatMap(([, , day]) => (day === null ? [] : [day]));
  return {
    rows: rows.reduce((sum, [, count]) => sum + count, 0),
    lastDay: days.length === 0 ? null : Math.max(...days),
    series: new Set(rows.map(([name]) => name)),
  };
}

/** How far ours has come; null: nothing of the asset. */
export async function readOurLastDay(
  tx: Tx,
  id: number,
  emasOf: Alignment | null = null,
): Promise<Day | null> {
  const rows = await tx.query<[Day | null]>(
    emasOf === null
      ? 'select last_day from cmc_price_bars_1d_state where id = $1'
      : 'select watermark_day from ema_asset_state where id = $1 and alignment = $2::bar_alignment',
    emasOf === null ? [id] : [id, emasOf],
  );
  return rows[0]?.[0] ?? null;
}

interface Asked {
  id: number;
  /** The newest day of both. */
  upTo: Day;
}

/** 1D bars of an asset. */
export function listDailyDifferences(tx: Tx, table: OriginTable, asked: Asked): Promise<ComparedRows> {
  return compareSides(tx, table, { ...asked, where: '', params: [], time: 'timestamp', hasPeriod: false });
}

/** Snapshots of one bar series. */
export function listBarDifferences(
  tx: Tx,
  table: OriginTable,
  { tf, ...asked }: Asked & { alignment: BarAlignment; tf: string },
): Promise<ComparedRows> {
  const where = 'and tf = $3';
  return compareSides(tx, table, { ...asked, where, params: [tf], time: 'time_close', hasPeriod: false });
}

/** The EMA grid of one timeframe with these periods. */
export function listEmaDifferences(
  tx: Tx,
  table: OriginTable,
  { tf, periods, ...asked }: Asked & { alignment: Alignment; tf: string; periods: readonly number[] },
): Promise<ComparedRows> {
  const where = 'and tf = $3 and period = any($4::int[])';
  return compareSides(tx, table, { ...asked, where, params: [tf, periods], time: 'ts', hasPeriod: true });
}

interface Sides extends Asked {
  where: string;
  params: readonly unknown[];
  time: string;
  hasPeriod: boolean;
}

/** Counted first; the rows are only asked for where some differ, which is the exception. */
async function compareSides(tx: Tx, table: OriginTable, sides: Sides): Promise<ComparedRows> {
  const params = [sides.id, sides.upTo, ...sides.params];
  const differs = table.columns.map(differsSql).join(' or ');
  const joined = `with t as (${sideSql(table.relation, table, sides)}), o as (${sideSql(table.name, table, sides)})
    select <what> from t full join o on t.day = o.day and t.period = o.period`;
  const isDifferent = `(t.day is null or o.day is null or coalesce(${differs}, false))`;
  const counts = await tx.query<[number, number, number]>(
    joined.replace('<what>', `count(t.day), count(o.day), count(*) filter (where ${isDifferent})`),
    params,
  );
  const [theirs, ours, differing] = counts[0] ?? [0, 0, 0];
  if (differing === 0) return { theirs, ours, differing: [] };
  const cells = ['t', 'o'].flatMap((side) => table.columns.map((column) => `${side}.${column}`));
  const place = 'coalesce(t.day, o.day), coalesce(t.period, o.period), t.day is not null, o.day is not null';
  const rows = await tx.query<[Day, number, boolean, boolean, ...Cell[]]>(
    `${joined.replace('<what>', `${place}, ${cells.join(', ')}`)} where ${isDifferent} order by 2, 1`,
    params,
  );
  return { theirs, ours, differing: rows.map((row) => rowOf(row, table.columns.length, sides.hasPeriod)) };
}

function rowOf(
  [day, period, hasTheirs, hasOurs, ...cells]: [Day, number, boolean, boolean, ...Cell[]],
  width: number,
  hasPeriod: boolean,
): DifferingRow {
  return {
    day,
    period: hasPeriod ? period : null,
    theirs: hasTheirs ? cells.slice(0, width) : null,
    ours: hasOurs ? cells.slice(width) : null,
  };
}

/** One side with our types. Dates as day numbers are sent as whole days since 1970. */
function sideSql(relation: string, { columns }: OriginTable, { time, where, hasPeriod }: Sides): string {
  const cells = columns.map((column) => `${column}${SQL_TYPES[CELLS[column] as CellKind]} as ${column}`);
  return `select ${time}::timestamptz::date as day, ${hasPeriod ? 'period::int' : '0'} as period, ${cells.join(', ')}
    from ${relation} where id = $1 and ${time}::timestamptz < (date '1970-01-01' + $2::int + 1)::timestamptz ${where}`;
}

function differsSql(column: string): string {
  const [t, o] = [`t.${column}`, `o.${column}`];
  if (CELLS[column] !== 'rounded') return `${t} is distinct from ${o}`;
  const scale = column in EMA_CELLS ? 't.ema, o.ema' : `${t}, ${o}`;
  const largest = scale.split(', ').map((value) => `abs(${value})`);
  return `(${t} is null) <> (${o} is null) or abs(${t} - ${o}) > ${ROUNDING} * greatest(${largest.join(', ')})`;
}

/** Whether two cells are the same by the rules of the comparison; `scale` is the largest EMA of the row. */
export function isSameCell(column: string, [a, b]: readonly [Cell, Cell], scale: number): boolean {
  if (CELLS[column] !== 'rounded' || typeof a !== 'number' || typeof b !== 'number') return Object.is(a, b);
  const bound = column in EMA_CELLS ? scale : Math.max(Math.abs(a), Math.abs(b));
  return Math.abs(a - b) <= ROUNDING * bound;
}

/** A row of theirs in a series whose windows are not ours. */
export interface OriginBar {
  day: Day;
  firstDay: Day;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  /** null: theirs does not say. */
  isClosed: boolean | null;
}

/** Their snapshots of a bar series, by day. */
export async function listOriginBars(
  tx: Tx,
  { relation, columns }: OriginTable,
  { id, tf, upTo }: Asked & { tf: string },
): Promise<OriginBar[]> {
  const fields = ['open', 'high', 'low', 'close', 'volume'].map((column) =>
    columns.includes(column) ? `${column}::float8` : 'null::float8',
  );
  const closed = columns.includes('is_partial_end') ? 'not is_partial_end' : 'null::boolean';
  const rows = await tx.query<[Day, Day, boolean | null, ...(number | null)[]]>(
    `select time_close::timestamptz::date, ${columns.includes('time_open') ? 'time_open' : 'time_close'}::timestamptz::date,
       ${closed}, ${fields.join(', ')}
     from ${relation} where id = $1 and tf = $3
       and time_close::timestamptz < (date '1970-01-01' + $2::int + 1)::timestamptz
     order by 1, 2`,
    [id, upTo, tf],
  );
  return rows.map(
    ([day, firstDay, isClosed, open = null, high = null, low = null, close = null, volume = null]) => ({
      ...{ day, firstDay, open, high, low, close, volume, isClosed },
    }),
  );
}

/** Extremes of repaired days as they were delivered. */
export async function listRawExtremes(
  tx: Tx,
  id: number,
): Promise<
  { day: Day; high: number | null; low: number | null; timeHighUs: number | null; timeLowUs: number | null }[]
> {
  const rows = await tx.query<[Day, number | null, number | null, number | null, number | null]>(
    `select distinct on (timestamp) timestamp::date, high, low, time_high, time_low
     from cmc_price_bars_1d_rejects where id = $1 and action = 'repaired' order by timestamp, reason`,
    [id],
  );
  return rows.map(([day, high, low, timeHighUs, timeLowUs]) => ({ day, high, low, timeHighUs, timeLowUs }));
}
