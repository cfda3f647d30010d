/** Series whose EMAs have not come as far as their asset and alignment, and the comparison shapes of EMA tables. */
import type { EmaAssetState } from '../domain/ema-series.js';
import type { Alignment } from '../domain/timeframe.js';
import { type CopyColumn, idList, readRows, upsertRows } from './copy.js';
import type { Tx } from './database.js';
import type { TableShape } from './differences.js';
import { type AssetSeries, alignmentList, type ByAsset, deleteSeries, putSeries } from './series.js';

/** How far one series has come: the same facts that ema_asset_state holds for the others. */
export type EmaLag = Pick<
  EmaAssetState,
  'watermarkDay' | 'watermarkTsUs' | 'rowCount' | 'lastClose' | 'closeSum'
>;

export interface EmaLagRow extends AssetSeries {
  lag: EmaLag;
}

const COLUMNS: readonly CopyColumn<EmaLagRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'tf', type: 'text', get: ({ tf }) => tf },
  { name: 'watermark_day', type: 'date', get: ({ lag }) => lag.watermarkDay },
  { name: 'watermark_ts', type: 'timestamptz', get: ({ lag }) => lag.watermarkTsUs },
  { name: 'row_count', type: 'int4', get: ({ lag }) => lag.rowCount },
  { name: 'last_close', type: 'float8', get: ({ lag }) => lag.lastClose },
  { name: 'close_sum', type: 'float8', get: ({ lag }) => lag.closeSum },
];

/** Lagging series, for comparison. */
export const EMA_LAG_SHAPE: TableShape<EmaLagRow> = {
  table: 'ema_series_lag',
  columns: COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text'],
};

/** The lagging series of these assets and alignments. */
export async function readEmaLags(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<ByAsset<EmaLag>> {
  const lags: ByAsset<EmaLag> = new Map();
  await readRows(
    tx,
    {
      select: `select ${COLUMNS.map(({ name }) => name).join(', ')} from ema_series_lag
     where id = any(${idList(ids)}) and alignment = any(${alignmentList(alignments)})`,
      types: COLUMNS.map(({ type }) => type),
    },
    (cells) => {
      const [id, alignment, tf, watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum] = cells;
      const lag = { watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum } as EmaLag;
      putSeries(lags, { id, alignment, tf } as AssetSeries, lag);
    },
  );
  return lags;
}

/** Files series as lagging, or how far they have come meanwhile; returns how many rows the database wrote. */
export function upsertEmaLags(tx: Tx, rows: readonly EmaLagRow[]): Promise<number> {
  return upsertRows(tx, 'ema_series_lag', { columns: COLUMNS, key: ['id', 'alignment', 'tf'], rows });
}

/** Series that have caught up; returns how many rows there were. */
export function deleteEmaLags(tx: Tx, series: readonly AssetSeries[]): Promise<number> {
  return deleteSeries(tx, 'ema_series_lag', series);
}
