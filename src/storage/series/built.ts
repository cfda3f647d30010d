/** series_built: which series an asset has, kept beside what they continue from so that verify sees its loss. */
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';
import { type AssetSeries, seriesKey } from './series.js';

/** The components that a series belongs to, as series_built names them. */
const OWNERS = ['bars', 'emas', 'indicators'] as const;
export type SeriesOwner = (typeof OWNERS)[number];

/** The series of one component, asset and alignment. */
export interface BuiltSeries {
  id: number;
  alignment: Alignment;
  /** Timeframes in the order of their names. */
  tfs: readonly string[];
}

/** What one asset has: keys of series, and alignments, which may be there without a series. */
export interface BuiltOfAsset {
  series: ReadonlySet<string>;
  alignments: ReadonlySet<Alignment>;
}

/** What an asset has of each component. */
export type SeriesBuilt = Record<SeriesOwner, BuiltOfAsset>;

const NOTHING: BuiltOfAsset = { series: new Set(), alignments: new Set() };

/** Nothing was built. */
export const NOTHING_BUILT: SeriesBuilt = { bars: NOTHING, emas: NOTHING, indicators: NOTHING };

/** What series_built says of one asset. */
export async function readSeriesBuilt(tx: Tx, id: number): Promise<SeriesBuilt> {
  const rows = await tx.query<[SeriesOwner, Alignment, string[]]>(
    'select component, alignment::text, tf from series_built where id = $1',
    [id],
  );
  const of = (owner: SeriesOwner): BuiltOfAsset => {
    const own = rows.filter(([component]) => component === owner);
    return {
      series: new Set(own.flatMap(([, alignment, tfs]) => tfs.map((tf) => seriesKey({ alignment, tf })))),
      alignments: new Set(own.map(([, alignment]) => alignment)),
    };
  };
  return { bars: of('bars'), emas: of('emas'), indicators: of('indicators') };
}

/** Says which series there are now; rows that say so already are not written. */
export async function writeSeriesBuilt(
  tx: Tx,
  owner: SeriesOwner,
  rows: readonly BuiltSeries[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(
    `insert into series_built as b (id, component, alignment, tf)
     select n.id, $1, n.alignment::bar_alignment, n.tf::text[]
     from unnest($2::int[], $3::text[], $4::text[]) n (id, alignment, tf)
     where not exists (
       select from series_built s
       where s.id = n.id and s.component = $1 and s.alignment = n.alignment::bar_alignment and s.tf = n.tf::text[])
     on conflict (id, component, alignment) do update set tf = excluded.tf`,
    [
      owner,
      rows.map(({ id }) => id),
      rows.map(({ alignment }) => alignment),
      // Names of timeframes have no character that an array literal would take for its own.
      rows.map(({ tfs }) => `{${tfs.join(',')}}`),
    ],
  );
}

/** Says that none is left of these assets and alignments. */
export async function deleteSeriesBuilt(
  tx: Tx,
  owner: SeriesOwner,
  pairs: readonly Pick<BuiltSeries, 'id' | 'alignment'>[],
): Promise<void> {
  if (pairs.length === 0) return;
  await tx.execute(
    `delete from series_built b using unnest($2::int[], $3::bar_alignment[]) as p (id, alignment)
     where b.component = $1 and b.id = p.id and b.alignment = p.alignment`,
    [owner, pairs.map(({ id }) => id), pairs.map(({ alignment }) => alignment)],
  );
}

/** A series that is there and not on the list. */
export type UnlistedSeries = AssetSeries & { owner: SeriesOwner };

/** Series that bar_carry, ema_carry or indicator_carry has and the list has not: none, unless something is broken. */
export async function listUnlisted(tx: Tx, id: number, built: SeriesBuilt): Promise<UnlistedSeries[]> {
  const rows = await tx.query<[SeriesOwner, Alignment, string]>(
    `select distinct c.component, c.alignment::text, u.tf collate "C"
     from (
       select 'bars' as component, alignment, tf from bar_carry where id = $1
       union all
       select 'emas', alignment, tf || lag_tf from ema_carry where id = $1
       union all
       select 'indicators', alignment, tf from indicator_carry where id = $1
     ) c cross join lateral unnest(c.tf) u (tf)
     order by 1, 2, 3`,
    [id],
  );
  return rows
    .map(([owner, alignment, tf]) => ({ owner, id, alignment, tf }))
    .filter((series) => !built[series.owner].series.has(seriesKey(series)));
}

/**
 * Lists what there is besides what was listed before: what is lost as a whole stays on the list, so that it is not
 * forgotten.
 */
export async function writeSeriesUnlisted(tx: Tx, id: number, before: SeriesBuilt): Promise<void> {
  const unlisted = await listUnlisted(tx, id, before);
  for (const owner of OWNERS) {
    const keys = new Set([
      ...before[owner].series,
      ...unlisted.filter((each) => each.owner === owner).map(seriesKey),
    ]);
    const tfs = new Map<Alignment, string[]>();
    for (const key of [...keys].sort()) {
      const [alignment, tf] = key.split(' ') as [Alignment, string];
      tfs.set(alignment, [...(tfs.get(alignment) ?? []), tf]);
    }
    await writeSeriesBuilt(
      tx,
      owner,
      [...tfs].map(([alignment, names]) => ({ id, alignment, tfs: names })),
    );
  }
}
