/** Values of indicators at closes: indicator_points. */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import { type CopyColumn, writeRows } from '../copy/copy.js';
import type { TableShape } from '../copy/differences.js';
import { deleteSeriesBuilt } from '../series/built.js';
import { type AssetAlignment, type AssetSeries, deletePairs, deleteSeries } from '../series/series.js';
import type { Tx } from '../session/database.js';

/** The values of one series at one close. */
export interface IndicatorPointRow extends AssetSeries {
  barSeq: number;
  day: Day;
  /** In the order of the set, up to the last output that has a value by then; NaN: none (stored as NULL). */
  values: Float64Array;
}

const COLUMNS: readonly CopyColumn<IndicatorPointRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'tf', type: 'text', get: ({ tf }) => tf },
  { name: 'bar_seq', type: 'int4', get: ({ barSeq }) => barSeq },
  { name: 'day', type: 'date', get: ({ day }) => day },
  { name: 'value', type: 'float8|null[]', get: ({ values }) => values },
];

/** Points, for comparison. */
export const INDICATOR_POINT_SHAPE: TableShape<IndicatorPointRow> = {
  table: 'indicator_points',
  columns: COLUMNS,
  keyTypes: ['int', 'bar_alignment', 'text', 'int'],
};

/** Alignments of an asset that have points and no row to continue from: it is lost. */
export async function listOrphanedPoints(tx: Tx, id: number): Promise<BarAlignment[]> {
  const rows = await tx.query<[BarAlignment]>(
    `select a.alignment::text from unnest(enum_range(null::bar_alignment)) a (alignment)
     where exists (select from indicator_points p where p.id = $1 and p.alignment = a.alignment)
       and not exists (select from indicator_carry c where c.id = $1 and c.alignment = a.alignment)
     order by a.alignment`,
    [id],
  );
  return rows.map(([alignment]) => alignment);
}

/** Appends points; returns how many the database took. */
export function writeIndicatorPoints(tx: Tx, rows: Iterable<IndicatorPointRow>): Promise<number> {
  return writeRows(tx, { table: 'indicator_points', columns: COLUMNS }, rows);
}

/** Deletes the points of single series; returns the rows that went, by asset. */
export function deleteIndicatorPoints(tx: Tx, series: readonly AssetSeries[]): Promise<{ id: number }[]> {
  return deleteSeries(tx, 'indicator_points', series);
}

/** Deletes everything of these assets and alignments; returns the points that went, by asset. */
export async function deleteIndicatorRows(
  tx: Tx,
  pairs: readonly AssetAlignment[],
): Promise<{ id: number }[]> {
  await deleteSeriesBuilt(tx, 'indicators', pairs);
  await deletePairs(tx, 'indicator_carry', pairs);
  return deletePairs(tx, 'indicator_points', pairs);
}

/** Takes the watermarks away: the views show nothing of these indicators until they are built again. */
export async function deleteIndicatorWatermarks(tx: Tx, pairs: readonly AssetAlignment[]): Promise<void> {
  if (pairs.length === 0) return;
  await tx.execute(
    `update indicator_carry t set watermark_day = null, repair_from = null
     from unnest($1::int[], $2::bar_alignment[]) as p (id, alignment)
     where t.id = p.id and t.alignment = p.alignment and t.watermark_day is not null`,
    [pairs.map(({ id }) => id), pairs.map(({ alignment }) => alignment)],
  );
}
