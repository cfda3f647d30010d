/** EMA points, and the rows that states and lags are compared as. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { BarCloses, CloseColumns, EmaAssetState, EmaPoint, EmaState } from '../../domain/emas/series.js';
import { type ColumnType, type CopyColumn, idList, readRows, writeRows } from '../copy/copy.js';
import type { StoredPart, TableShape } from '../copy/differences.js';
import {
  type AssetAlignment,
  type AssetSeries,
  alignmentList,
  type ByAsset,
  deletePairs,
  deleteSeries,
  putSeries,
  seriesKey,
  timeframeList,
} from '../series/series.js';
import type { Tx } from '../session/database.js';
import { deleteEmaBases } from './bases.js';
import { deleteEmaCarries, type EmaLag } from './ema-states.js';

export interface EmaPointRow extends AssetSeries {
  point: EmaPoint;
}

export interface EmaStateRow extends AssetSeries {
  state: EmaState;
}

export interface EmaAssetStateRow extends AssetAlignment {
  state: EmaAssetState;
}

export interface EmaLagRow extends AssetSeries {
  lag: EmaLag;
}

const KEY_COLUMNS: readonly CopyColumn<AssetSeries>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'tf', type: 'text', get: ({ tf }) => tf },
];
const POINT_COLUMNS: readonly CopyColumn<EmaPointRow>[] = [
  ...KEY_COLUMNS,
  { name: 'bar_seq', type: 'int4', get: ({ point }) => point.barSeq },
  { name: 'day', type: 'date', get: ({ point }) => point.day },
  { name: 'ema', type: 'float8[]', get: ({ point }) => point.ema },
  { name: 'ema_bar', type: 'float8[]', get: ({ point }) => point.emaBar },
];
const STATE_COLUMNS: readonly CopyColumn<EmaStateRow>[] = [
  ...KEY_COLUMNS,
  { name: 'input_count', type: 'int4', get: ({ state }) => state.inputCount },
  { name: 'bar_seq', type: 'int4', get: ({ state }) => state.barSeq },
  { name: 'last_close_day', type: 'date', get: ({ state }) => state.lastCloseDay },
  { name: 'close_sum', type: 'float8', get: ({ state }) => state.closeSum },
  { name: 'ema', type: 'float8[]', get: ({ state }) => state.ema },
  { name: 'ema_bar', type: 'float8[]', get: ({ state }) => state.emaBar },
];
const ASSET_COLUMNS: readonly CopyColumn<EmaAssetStateRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'watermark_day', type: 'date', get: ({ state }) => state.watermarkDay },
  { name: 'watermark_ts', type: 'timestamptz', get: ({ state }) => state.watermarkTsUs },
  { name: 'row_count', type: 'int4', get: ({ state }) => state.rowCount },
  { name: 'last_close', type: 'float8', get: ({ state }) => state.lastClose },
  { name: 'close_sum', type: 'float8', get: ({ state }) => state.closeSum },
  { name: 'kernel_version', type: 'int4', get: ({ state }) => state.kernelVersion },
  { name: 'periods', type: 'int4[]', get: ({ state }) => state.periods },
  // The transaction that writes a watermark has repaired everything before it.
  { name: 'repair_from', type: 'date', get: () => null },
];

const LAG_COLUMNS: readonly CopyColumn<EmaLagRow>[] = [
  ...KEY_COLUMNS,
  { name: 'watermark_day', type: 'date', get: ({ lag }) => lag.watermarkDay },
  { name: 'watermark_ts', type: 'timestamptz', get: ({ lag }) => lag.watermarkTsUs },
  { name: 'row_count', type: 'int4', get: ({ lag }) => lag.rowCount },
  { name: 'last_close', type: 'float8', get: ({ lag }) => lag.lastClose },
  { name: 'close_sum', type: 'float8', get: ({ lag }) => lag.closeSum },
];

/** Points, for comparison. */
export const EMA_POINT_SHAPE: TableShape<EmaPointRow> = {
  table: 'ema_points',
  columns: POINT_COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text', 'int'],
};

/** The points that are stored of these assets and alignments: OFFSET 0 keeps it one index range for each. */
export function pointsOfAlignments(
  pairs: readonly AssetAlignment[],
  table: 'ema_points' | 'indicator_points' = 'ema_points',
): StoredPart {
  const ids = idList(pairs.map(({ id }) => id));
  const alignments = alignmentList(pairs.map(({ alignment }) => alignment));
  return `unnest(${ids}, ${alignments}) w (id, alignment)
    cross join lateral (select * from ${table} p where p.id = w.id and p.alignment = w.alignment offset 0) t`;
}

/** States of series, for comparison: a view over ema_carry. */
export const EMA_STATE_SHAPE: TableShape<EmaStateRow> = {
  table: 'ema_state',
  columns: STATE_COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text'],
};

/** Watermarks, for comparison of those that wait for no repair: a view over ema_carry. */
export const EMA_ASSET_SHAPE: TableShape<EmaAssetStateRow> = {
  table: 'ema_asset_state',
  columns: ASSET_COLUMNS,
  keyTypes: ['int', 'bar_alignment'],
};

/** Lagging series, for comparison. */
export const EMA_LAG_SHAPE: TableShape<EmaLagRow> = {
  table: 'ema_series_lag',
  columns: LAG_COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text'],
};

/** Appends points; returns how many the database took. */
export function writeEmaPoints(tx: Tx, rows: Iterable<EmaPointRow>): Promise<number> {
  return writeRows(tx, { table: 'ema_points', columns: POINT_COLUMNS }, rows);
}

/** A series and the bars of it that are wanted: those after this bar_seq. */
export interface BarsWanted extends AssetSeries {
  afterSeq: number;
}

/** Closed bars of these series, by rising bar_seq. */
export async function readBarCloses(tx: Tx, wanted: readonly BarsWanted[]): Promise<ByAsset<BarCloses>> {
  if (wanted.length === 0) return new Map();
  return readCloses(
    tx,
    // OFFSET 0 keeps it one index range for each series.
    `select p.id, p.alignment, p.tf, p.bar_seq, p.last_day, p.close
     from unnest(${idList(wanted.map(({ id }) => id))}, ${alignmentList(wanted.map(({ alignment }) => alignment))},
       ${timeframeList(wanted.map(({ tf }) => tf))}, ${idList(wanted.map(({ afterSeq }) => afterSeq))})
       w (id, alignment, tf, after_seq)
     cross join lateral (
       select p.* from price_bars p
       where p.id = w.id and p.alignment = w.alignment and p.tf = w.tf and p.bar_seq > w.after_seq offset 0) p`,
  );
}

/** Closed bars of all series of these assets and alignments that dim_timeframe knows, by rising bar_seq. */
export function readAllBarCloses(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<ByAsset<BarCloses>> {
  return readCloses(
    tx,
    `select p.id, p.alignment, p.tf, p.bar_seq, p.last_day, p.close
     from price_bars p join dim_timeframe t on t.alignment = p.alignment and t.tf = p.tf
     where p.id = any(${idList(ids)}) and p.alignment = any(${alignmentList(alignments)})`,
  );
}

async function readCloses(tx: Tx, select: string): Promise<ByAsset<BarCloses>> {
  const rows = new Map<
    string,
    { series: AssetSeries; closes: [barSeq: number, day: Day, close: number][] }
  >();
  await readRows(
    tx,
    {
      select: `${select} order by p.id, p.alignment, p.tf, p.bar_seq`,
      types: ['int4', 'text', 'text', 'int4', 'date', 'float8'],
    },
    ([id, alignment, tf, ...cells]) => {
      const series = { id, alignment, tf } as AssetSeries;
      const key = `${series.id} ${seriesKey(series)}`;
      const found = rows.get(key);
      if (found === undefined) rows.set(key, { series, closes: [cells as [number, Day, number]] });
      else found.closes.push(cells as [number, Day, number]);
    },
  );
  const closes: ByAsset<BarCloses> = new Map();
  for (const { series, closes: bars } of rows.values()) {
    putSeries(closes, series, {
      length: bars.length,
      barSeq: Int32Array.from(bars, ([barSeq]) => barSeq),
      day: Int32Array.from(bars, ([, day]) => day),
      close: Float64Array.from(bars, ([, , close]) => close),
    });
  }
  return closes;
}

/** Daily closes with the time_close of each day. */
export type DailyCloses = CloseColumns & { timeCloseUs: Float64Array };

const CLOSE_TYPES: readonly ColumnType[] = ['int4', 'int4', 'date', 'float8', 'timestamptz'];

/** Daily closes after the given number of 1D bars, by asset; an asset without such days has no entry. */
export async function readDailyCloses(
  tx: Tx,
  wanted: readonly { id: number; afterRow: number }[],
): Promise<Map<number, DailyCloses>> {
  const cellsById = new Map<number, number[][]>();
  const ids = idList(wanted.map(({ id }) => id));
  const rows = idList(wanted.map(({ afterRow }) => afterRow));
  await readRows(
    tx,
    {
      select: `select b.id, b.bar_seq, b.timestamp::date, b.close, b.time_close
     from unnest(${ids}, ${rows}) w (id, after_row)
     cross join lateral (
       select * from cmc_price_bars_1d d where d.id = w.id and d.bar_seq > w.after_row offset 0) b
     order by b.id, b.bar_seq`,
      types: CLOSE_TYPES,
    },
    (row) => {
      const [id, ...cells] = row as number[];
      const found = cellsById.get(id as number);
      if (found === undefined) cellsById.set(id as number, [cells]);
      else found.push(cells);
    },
  );
  const closes = new Map<number, DailyCloses>();
  for (const [id, cells] of cellsById) {
    closes.set(id, {
      length: cells.length,
      firstBarSeq: cells[0]?.[0] as number,
      day: Int32Array.from(cells, (cell) => cell[1] as number),
      close: Float64Array.from(cells, (cell) => cell[2] as number),
      timeCloseUs: Float64Array.from(cells, (cell) => cell[3] as number),
    });
  }
  return closes;
}

/** Deletes points of these assets and alignments, and what they continue from. */
export async function deleteEmas(tx: Tx, pairs: readonly AssetAlignment[]): Promise<void> {
  await deletePairs(tx, 'ema_points', pairs);
  await deleteEmaCarries(tx, pairs);
  await deleteEmaBases(tx, pairs);
}

/** Deletes the points of single series; returns the rows that went, by asset. */
export function deleteEmaPoints(tx: Tx, series: readonly AssetSeries[]): Promise<{ id: number }[]> {
  return deleteSeries(tx, 'ema_points', series);
}
