/** Closed bars and the state of each series. */
import type { Bar, BarState } from '../../domain/bars/bar.js';
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment, BarAlignment } from '../../domain/calendar/timeframe.js';
import { type ColumnType, type CopyColumn, idList, readRows, writeRows } from '../copy/copy.js';
import type { TableShape } from '../copy/differences.js';
import {
  type AssetSeries,
  alignmentKey,
  alignmentList,
  type ByAsset,
  deleteSeries,
  putSeries,
} from '../series/series.js';
import type { Tx } from '../session/database.js';

export interface BarRow extends AssetSeries {
  bar: Bar;
}

export interface BarStateRow extends AssetSeries {
  state: BarState;
}

/** The columns that price_bars and the states of series share. */
export const BAR_FIELDS: readonly (readonly [column: string, type: ColumnType, field: keyof Bar])[] = [
  ['bar_seq', 'int4', 'barSeq'],
  ['first_day', 'date', 'firstDay'],
  ['last_day', 'date', 'lastDay'],
  ['tf_days', 'int4', 'tfDays'],
  ['count_days', 'int4', 'countDays'],
  ['count_missing_days', 'int4', 'countMissingDays'],
  ['count_days_remaining', 'int4', 'countDaysRemaining'],
  ['first_missing_day', 'date', 'firstMissingDay'],
  ['last_missing_day', 'date', 'lastMissingDay'],
  ['is_partial_start', 'bool', 'isPartialStart'],
  ['time_open', 'timestamptz', 'timeOpenUs'],
  ['time_close', 'timestamptz', 'timeCloseUs'],
  ['time_high', 'timestamptz', 'timeHighUs'],
  ['time_low', 'timestamptz', 'timeLowUs'],
  ['open', 'float8', 'open'],
  ['high', 'float8', 'high'],
  ['low', 'float8', 'low'],
  ['close', 'float8', 'close'],
  ['volume', 'float8', 'volume'],
  ['market_cap', 'float8', 'marketCap'],
];

const KEY_COLUMNS: readonly CopyColumn<AssetSeries>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'tf', type: 'text', get: ({ tf }) => tf },
];
const BAR_COLUMNS: readonly CopyColumn<BarRow>[] = [
  ...KEY_COLUMNS,
  ...BAR_FIELDS.map(([name, type, field]) => ({ name, type, get: ({ bar }: BarRow) => bar[field] })),
];
const STATE_COLUMNS: readonly CopyColumn<BarStateRow>[] = [
  ...KEY_COLUMNS,
  { name: 'watermark_day', type: 'date', get: ({ state }) => state.watermarkDay },
  { name: 'closed_seq', type: 'int4', get: ({ state }) => state.closedSeq },
  // Unknown before the first window: NULL like the bar's own columns.
  { name: 'is_closed', type: 'bool', get: ({ state }) => (state.bar === null ? null : state.isClosed) },
  ...BAR_FIELDS.map(([name, type, field]) => ({
    name,
    type,
    get: ({ state }: BarStateRow) => state.bar?.[field] ?? null,
  })),
];

/** Closed bars, for comparison. */
export const BAR_SHAPE: TableShape<BarRow> = {
  table: 'price_bars',
  columns: BAR_COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text', 'int'],
};

/** States of series, for comparison: a view over bar_carry. */
export const BAR_STATE_SHAPE: TableShape<BarStateRow> = {
  table: 'price_bars_state',
  columns: STATE_COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text'],
};

/** Appends closed bars; returns how many the database took. */
export function writeBars(tx: Tx, rows: Iterable<BarRow>): Promise<number> {
  return writeRows(tx, { table: 'price_bars', columns: BAR_COLUMNS }, rows);
}

/** How far one bar series has come. */
export interface BarReach {
  day: Day;
  /** bar_seq of its newest closed bar, 0: none. */
  closedSeq: number;
}

/** By alignmentKey, then by timeframe. */
export type BarReaches = ReadonlyMap<string, ReadonlyMap<string, BarReach>>;

/** How far each bar series of these assets and alignments has come. */
export async function readBarReach(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<BarReaches> {
  const reaches = await readRows(
    tx,
    {
      select: `select id, alignment, tf, watermark_day, closed_seq from bar_carry
     where id = any(${idList(ids)}) and alignment = any(${alignmentList(alignments)})`,
      types: ['int4', 'text', 'text?[]', 'date?[]', 'int4?[]'],
    },
    (cells) => {
      const [id, alignment, tfs, days, seqs] = cells as [number, Alignment, string[], Day[], number[]];
      const reachAt = (at: number) => ({ day: days[at] as Day, closedSeq: seqs[at] as number });
      return [alignmentKey(id, alignment), new Map(tfs.map((tf, at) => [tf, reachAt(at)]))] as const;
    },
  );
  return new Map(reaches);
}

/** Deletes bars and what they continue from, of these assets and alignments; returns the series that there were. */
export async function deleteBars(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<ByAsset<true>> {
  const where = 'where id = any($1) and alignment = any($2::bar_alignment[])';
  await tx.execute(`delete from price_bars ${where}`, [ids, alignments]);
  await tx.execute(`delete from series_built ${where} and component = 'bars'`, [ids, alignments]);
  const rows = await tx.query<[number, BarAlignment, string[]]>(
    `delete from bar_carry ${where} returning id, alignment::text, tf`,
    [ids, alignments],
  );
  const existing: ByAsset<true> = new Map();
  for (const [id, alignment, tfs] of rows)
    for (const tf of tfs) putSeries(existing, { id, alignment, tf }, true);
  return existing;
}

/** Deletes the bars of series that have no state any more, so that they can be built again. */
export async function deleteStrayBars(tx: Tx, series: readonly AssetSeries[]): Promise<number> {
  return (await deleteSeries(tx, 'price_bars', series)).length;
}

/** Deletes bars of series whose timeframe is not in dim_timeframe any more; returns the rows by asset. */
export async function deleteRemovedBars(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<{ id: number }[]> {
  const rows = await tx.query<[number]>(
    `delete from price_bars b where b.id = any($1) and b.alignment = any($2::bar_alignment[])
       and not exists (select from dim_timeframe t where t.alignment = b.alignment and t.tf = b.tf)
     returning b.id`,
    [ids, alignments],
  );
  return rows.map(([id]) => ({ id }));
}
