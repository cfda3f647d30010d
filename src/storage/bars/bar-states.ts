/** What bars continue from: bar_carry, one row for each asset and alignment, with arrays over its series (decision 008). */
import type { Bar, BarState } from '../../domain/bars/bar.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import { type ColumnType, type CopyColumn, idList, readColumns, upsertRows } from '../copy/copy.js';
import { deleteSeriesBuilt, writeSeriesBuilt } from '../series/built.js';
import { alignmentList, byAlignment, deletePairs } from '../series/series.js';
import type { Tx } from '../session/database.js';
import { BAR_FIELDS } from './bars.js';

/** The bar series of one asset and alignment, each with its newest bar so far. */
export interface BarCarry {
  id: number;
  alignment: BarAlignment;
  /** By timeframe. */
  series: Map<string, BarState>;
  /** The series of the row as it was read; left out: it was not. */
  before?: readonly string[];
}

const KEY = ['id', 'alignment'] as const;

/** A row as it is written: states in the order of their timeframes' names. */
interface PackedCarry extends Pick<BarCarry, 'id' | 'alignment'> {
  tfs: readonly string[];
  states: readonly BarState[];
}

function pack({ id, alignment, series }: BarCarry): PackedCarry {
  const tfs = timeframesOf(series);
  return { id, alignment, tfs, states: tfs.map((tf) => series.get(tf) as BarState) };
}

/** Names by their bytes: the order in which a row's series stand. */
export function timeframesOf(series: ReadonlyMap<string, unknown>): string[] {
  return [...series.keys()].sort();
}

const overSeries = (
  name: string,
  type: ColumnType,
  get: (state: BarState) => unknown,
): CopyColumn<PackedCarry> => ({ name, type, get: ({ states }) => states.map(get) });

const COLUMNS: readonly CopyColumn<PackedCarry>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  // First, because it moves with every day: where rows are compared nothing after it is looked at.
  overSeries('watermark_day', 'date?[]', ({ watermarkDay }) => watermarkDay),
  { name: 'tf', type: 'text?[]', get: ({ tfs }) => tfs },
  overSeries('closed_seq', 'int4?[]', ({ closedSeq }) => closedSeq),
  // Unknown before the first window: NULL like the bar's own columns.
  overSeries('is_closed', 'bool?[]', ({ bar, isClosed }) => (bar === null ? null : isClosed)),
  ...BAR_FIELDS.map(([name, type, field]) =>
    overSeries(name, `${type}?[]` as ColumnType, ({ bar }) => bar?.[field] ?? null),
  ),
];

/** The header over the arrays of a row `s`, as plans read it. */
export const BAR_HEADER = {
  names: ['series', 'series_hash', 'closed', 'closed_hash', 'oldest_day', 'newest_day', 'closed_bars'],
  select: `select count(*), coalesce(bit_xor(hashtextextended(u.tf, 0)), 0), count(*) filter (where u.closed_seq > 0),
      coalesce(bit_xor(hashtextextended(u.tf, 0)) filter (where u.closed_seq > 0), 0),
      min(u.watermark_day), max(u.watermark_day), coalesce(sum(u.closed_seq), 0)
    from unnest(s.tf, s.watermark_day, s.closed_seq) u (tf, watermark_day, closed_seq)`,
} as const;

/** The columns of bar_carry, and of bar_base after its own. */
export const BAR_CARRY_COLUMNS: readonly string[] = [...COLUMNS.map(({ name }) => name), ...BAR_HEADER.names];

/** The rows of these assets and alignments, by alignmentKey. */
export function readBarCarries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<Map<string, BarCarry>> {
  return readCarriesFrom(
    tx,
    `bar_carry c where c.id = any(${idList(ids)}) and c.alignment = any(${alignmentList(alignments)})`,
  );
}

/** The rows that SQL after "from" gives as `c`, by alignmentKey. */
export async function readCarriesFrom(tx: Tx, from: string): Promise<Map<string, BarCarry>> {
  return byAlignment(await readColumns(tx, from, { columns: COLUMNS, rowOf: carryOfCells }));
}

function carryOfCells(cells: readonly unknown[]): BarCarry {
  const [id, alignment, watermarkDay, tfs, closedSeq, isClosed, ...fields] = cells as [
    number,
    BarAlignment,
    number[],
    string[],
    number[],
    (boolean | null)[],
    ...unknown[][],
  ];
  if (cells.some((cell) => Array.isArray(cell) && cell.length !== tfs.length))
    throw new Error(
      `id ${id}: the arrays of its bar_carry of ${alignment} have different lengths: type "barwright state rebuild --ids ${id}"`,
    );
  const series = new Map<string, BarState>();
  for (let at = 0; at < tfs.length; at += 1)
    series.set(tfs[at] as string, {
      watermarkDay: watermarkDay[at] as number,
      closedSeq: closedSeq[at] as number,
      bar: isClosed[at] === null ? null : barAt(fields, at),
      isClosed: isClosed[at] === true,
    });
  return { id, alignment, series, before: tfs };
}

/** In the order of BAR_FIELDS, written out: a bar made from pairs takes five times as long, and a run reads 100,000. */
function barAt(fields: readonly (readonly unknown[])[], at: number): Bar {
  const bar: Record<keyof Bar, unknown> = {
    barSeq: fields[0]?.[at],
    firstDay: fields[1]?.[at],
    lastDay: fields[2]?.[at],
    tfDays: fields[3]?.[at],
    countDays: fields[4]?.[at],
    countMissingDays: fields[5]?.[at],
    countDaysRemaining: fields[6]?.[at],
    firstMissingDay: fields[7]?.[at],
    lastMissingDay: fields[8]?.[at],
    isPartialStart: fields[9]?.[at],
    timeOpenUs: fields[10]?.[at],
    timeCloseUs: fields[11]?.[at],
    timeHighUs: fields[12]?.[at],
    timeLowUs: fields[13]?.[at],
    open: fields[14]?.[at],
    high: fields[15]?.[at],
    low: fields[16]?.[at],
    close: fields[17]?.[at],
    volume: fields[18]?.[at],
    marketCap: fields[19]?.[at],
  };
  return bar as unknown as Bar;
}

/** Inserts or replaces rows, or deletes those without series; returns the rows that the database wrote or deleted, by asset. */
export async function upsertBarCarries(tx: Tx, carries: readonly BarCarry[]): Promise<{ id: number }[]> {
  const empty = carries.filter(({ series }) => series.size === 0);
  const rows = carries.filter(({ series }) => series.size > 0).map(pack);
  await deleteSeriesBuilt(tx, 'bars', empty);
  const isOther = ({ series, before }: BarCarry) => !isSameSeries(before, [...series.keys()]);
  await writeSeriesBuilt(tx, 'bars', carries.filter(isOther).map(pack).filter(hasSeries));
  const deleted = await deletePairs(tx, 'bar_carry', empty);
  const written =
    rows.length === 0
      ? []
      : await upsertRows(tx, 'bar_carry', { columns: COLUMNS, key: KEY, rows, header: BAR_HEADER });
  return [...deleted, ...written];
}

function hasSeries({ tfs }: PackedCarry): boolean {
  return tfs.length > 0;
}

/** Whether a row still has the series that it was read with; a row that was not read is another. */
export function isSameSeries(before: readonly string[] | undefined, now: readonly string[]): boolean {
  if (before === undefined || before.length !== now.length) return false;
  const names = new Set(now);
  return before.every((tf) => names.has(tf));
}
