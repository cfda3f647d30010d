/** Splits and redenominations as recorded, beside dim_assets. */
import type { Day } from '../../domain/calendar/day.js';
import type { Split } from '../../domain/prices/split.js';
import type { Tx } from '../session/database.js';

/** A row of dim_asset_split. */
export interface RecordedSplit extends Split {
  id: number;
  note: string | null;
}

/** Splits of these assets, announced ones too, each asset's by day; an asset without splits has no entry. */
export async function readSplits(tx: Tx, ids: readonly number[]): Promise<Map<number, RecordedSplit[]>> {
  const rows = await tx.query<[number, Day, number, number, boolean, string | null]>(
    `select id, day, new_units, old_units, volume_in_units, note
     from dim_asset_split where id = any($1) order by id, day`,
    [ids],
  );
  const splits = rows.map(([id, day, newUnits, oldUnits, isVolumeInUnits, note]) => ({
    ...{ id, day, newUnits, oldUnits, isVolumeInUnits, note },
  }));
  return Map.groupBy(splits, ({ id }) => id);
}

/** Records a split, or changes the one of that day; returns 0 when it is recorded so already. */
export function upsertSplit(
  tx: Tx,
  { id, day, newUnits, oldUnits, isVolumeInUnits, note }: RecordedSplit,
): Promise<number> {
  return tx.execute(
    `insert into dim_asset_split as s (id, day, new_units, old_units, volume_in_units, note)
     values ($1, date '1970-01-01' + $2::int, $3, $4, $5, $6)
     on conflict (id, day) do update set (new_units, old_units, volume_in_units, note)
       = (excluded.new_units, excluded.old_units, excluded.volume_in_units, excluded.note)
     where (s.new_units, s.old_units, s.volume_in_units, s.note)
       is distinct from (excluded.new_units, excluded.old_units, excluded.volume_in_units, excluded.note)`,
    [id, day, newUnits, oldUnits, isVolumeInUnits, note],
  );
}

/** Takes a split back; returns 0 when there is none on that day. */
export function deleteSplit(tx: Tx, { id, day }: Pick<RecordedSplit, 'id' | 'day'>): Promise<number> {
  return tx.execute(`delete from dim_asset_split where id = $1 and day = date '1970-01-01' + $2::int`, [
    id,
    day,
  ]);
}
