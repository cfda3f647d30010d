/** Series as keys and as SQL: an asset's rows are found by (id, alignment, tf). */
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** Key of a series within one asset. */
export interface SeriesKey {
  alignment: Alignment;
  tf: string;
}

export interface AssetSeries extends SeriesKey {
  id: number;
}

/** An asset in one alignment. */
export interface AssetAlignment {
  id: number;
  alignment: Alignment;
}

/** Series of several assets by id and key. */
export type ByAsset<T> = Map<number, Map<string, T>>;

/** The key as one string, for maps. */
export function seriesKey({ alignment, tf }: SeriesKey): string {
  return `${alignment} ${tf}`;
}

/** Key of an asset and alignment, for maps. */
export function alignmentKey(id: number, alignment: Alignment): string {
  return `${id} ${alignment}`;
}

/** Files a value under its asset and key. */
export function putSeries<T>(target: ByAsset<T>, series: AssetSeries, value: T): void {
  let ofAsset = target.get(series.id);
  if (ofAsset === undefined) {
    ofAsset = new Map();
    target.set(series.id, ofAsset);
  }
  ofAsset.set(seriesKey(series), value);
}

/** Alignments as an SQL array literal for COPY, which takes no parameters; names come from the code's own list. */
export function alignmentList(alignments: readonly Alignment[]): string {
  return `'{${alignments.join(',')}}'::bar_alignment[]`;
}

const TIMEFRAME = /^[0-9A-Z_]+$/;

/** Names of timeframes as an SQL array literal for COPY. Throws on a name that none can have. */
export function timeframeList(tfs: readonly string[]): string {
  for (const tf of tfs) if (!TIMEFRAME.test(tf)) throw new Error(`"${tf}" is no timeframe`);
  return `'{${tfs.join(',')}}'::text[]`;
}

/** Rows by alignmentKey. */
export function byAlignment<T extends AssetAlignment>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [alignmentKey(row.id, row.alignment), row]));
}

/** Deletes the rows of these assets and alignments; returns those that there were, by asset. */
export async function deletePairs(
  tx: Tx,
  table: string,
  pairs: readonly AssetAlignment[],
): Promise<{ id: number }[]> {
  if (pairs.length === 0) return [];
  const rows = await tx.query<[number]>(
    `delete from ${table} t using unnest($1::int[], $2::bar_alignment[]) as p (id, alignment)
     where t.id = p.id and t.alignment = p.alignment returning t.id`,
    [pairs.map(({ id }) => id), pairs.map(({ alignment }) => alignment)],
  );
  return rows.map(([id]) => ({ id }));
}

/** Deletes the rows of these series; returns those that there were, by asset. */
export async function deleteSeries(
  tx: Tx,
  table: string,
  series: readonly AssetSeries[],
): Promise<{ id: number }[]> {
  if (series.length === 0) return [];
  const rows = await tx.query<[number]>(
    `delete from ${table} t using unnest($1::int[], $2::bar_alignment[], $3::text[]) as s (id, alignment, tf)
     where t.id = s.id and t.alignment = s.alignment and t.tf = s.tf returning t.id`,
    [series.map(({ id }) => id), series.map(({ alignment }) => alignment), series.map(({ tf }) => tf)],
  );
  return rows.map(([id]) => ({ id }));
}
