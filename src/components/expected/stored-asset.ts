/** Everything that is stored of one asset, read in one snapshot: what verify compares and state rebuild repairs. */
import type { DailyState } from '../../domain/prices/daily-state.js';
import { BAR_SHAPE, BAR_STATE_SHAPE } from '../../storage/bars/bars.js';
import { DAILY_SHAPE, REJECT_SHAPE } from '../../storage/bars/daily-bars.js';
import { allRows, keyCells, readStoredRows, type TableShape } from '../../storage/copy/differences.js';
import { EMA_ASSET_SHAPE, EMA_LAG_SHAPE, EMA_POINT_SHAPE, EMA_STATE_SHAPE } from '../../storage/emas/emas.js';
import { readDailyStates } from '../../storage/planning/bar-facts.js';
import { readSeriesBuilt, type SeriesBuilt } from '../../storage/series/built.js';
import type { Tx } from '../../storage/session/database.js';

/** The tables by the name that the code has for them. */
export const SHAPES = {
  daily: DAILY_SHAPE,
  rejects: REJECT_SHAPE,
  barStates: BAR_STATE_SHAPE,
  bars: BAR_SHAPE,
  emaAssets: EMA_ASSET_SHAPE,
  lags: EMA_LAG_SHAPE,
  emaStates: EMA_STATE_SHAPE,
  points: EMA_POINT_SHAPE,
} as const;
export type TableName = keyof typeof SHAPES;
export type RowOf<N extends TableName> = N extends TableName
  ? (typeof SHAPES)[N] extends TableShape<infer T>
    ? T
    : never
  : never;

/** Rows of one table, in the order of their key. */
export interface StoredTable {
  /** By the bytes of the key. */
  rows: Map<string, Buffer>;
  /** By "alignment tf" (watermarks: "alignment"; 1D bars and rejects: ""). */
  bySeries: Map<string, Buffer[]>;
}

export type StoredAsset = Record<TableName, StoredTable> & {
  id: number;
  dailyState: DailyState | null;
  /** Series that were built, as far as series_built knows: they must be there. */
  built: SeriesBuilt;
};

/** Reads all of one asset. */
export async function readStoredAsset(tx: Tx, id: number): Promise<StoredAsset> {
  const tables = {} as Record<TableName, StoredTable>;
  for (const name of Object.keys(SHAPES) as TableName[]) tables[name] = await readTable(tx, name, id);
  const dailyState = (await readDailyStates(tx, [id])).get(id) ?? null;
  return { ...tables, id, dailyState, built: await readSeriesBuilt(tx, id) };
}

async function readTable(tx: Tx, name: TableName, id: number): Promise<StoredTable> {
  const rows = await readStoredRows(tx, SHAPES[name], { from: allRows(SHAPES[name], [id]), isOrdered: true });
  const bySeries = new Map<string, Buffer[]>();
  for (const bytes of rows.values()) {
    const series = seriesOfRow(name, bytes);
    const found = bySeries.get(series);
    if (found === undefined) bySeries.set(series, [bytes]);
    else found.push(bytes);
  }
  return { rows, bySeries };
}

/** The series that a stored row belongs to: the key of `bySeries`. */
export function seriesOfRow(name: TableName, bytes: Buffer): string {
  if (name === 'daily' || name === 'rejects') return '';
  const [, alignment, tf] = keyCells(SHAPES[name], bytes);
  return name === 'emaAssets' ? String(alignment) : `${alignment} ${tf}`;
}

/** bar_seq of stored bars or points of one series. */
export function storedSeqs(table: StoredTable, series: string, name: 'bars' | 'points'): Set<number> {
  const rows = table.bySeries.get(series) ?? [];
  return new Set(rows.map((bytes) => keyCells(SHAPES[name], bytes)[3] as number));
}
