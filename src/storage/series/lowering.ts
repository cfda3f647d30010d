/** What is derived from bars and waits for its repair when they change: ema_carry and indicator_carry (decision 022). */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** Tables of what derived series continue from. Each has watermark_day and repair_from. */
export type DerivedCarry = 'ema_carry' | 'indicator_carry';

/**
 * Bars of these assets changed from `day` on: no view shows anything of that day or later until it is repaired.
 * Bases of that day or later go. Returns the rows that were lowered, by asset.
 */
export async function writeRepair(
  tx: Tx,
  table: DerivedCarry,
  changed: readonly { id: number; day: Day }[],
): Promise<{ id: number }[]> {
  if (changed.length === 0) return [];
  const rows = await tx.query<[number]>(
    `update ${table} e
     set watermark_day = c.day - 1, repair_from = least(e.repair_from, c.day)
     from (select id, date '1970-01-01' + day as day from unnest($1::int[], $2::int[]) u (id, day)) c
     where e.id = c.id and e.watermark_day >= c.day returning e.id`,
    [changed.map(({ id }) => id), changed.map(({ day }) => day)],
  );
  if (table === 'ema_carry')
    await tx.execute(
      `delete from ema_base b using unnest($1::int[], $2::int[]) c (id, day)
       where b.id = c.id and b.watermark_day >= date '1970-01-01' + c.day`,
      [changed.map(({ id }) => id), changed.map(({ day }) => day)],
    );
  return rows.map(([id]) => ({ id }));
}

/**
 * Bars of these assets and alignments are rebuilt: the views show nothing until what is derived has been compared from the
 * first day on. That is `sourceDay` where older history has arrived with the rebuild (null: none was looked at). Returns
 * the rows that were lowered, by asset; an asset without a 1D state has none.
 */
export async function writeRepairs(
  tx: Tx,
  table: DerivedCarry,
  {
    assets,
    alignments,
  }: { assets: readonly { id: number; sourceDay: Day | null }[]; alignments: readonly Alignment[] },
): Promise<{ id: number }[]> {
  const rows = await tx.query<[number]>(
    `update ${table} e set watermark_day = f.day - 1, repair_from = least(e.repair_from, f.day)
     from unnest($1::int[], $2::int[]) a (id, source_day)
     join cmc_price_bars_1d_state d on d.id = a.id and d.first_day is not null
     cross join lateral (select least(d.first_day, date '1970-01-01' + a.source_day) as day) f
     where e.id = a.id and e.alignment = any($3::bar_alignment[]) and e.watermark_day is not null
     returning e.id`,
    [assets.map(({ id }) => id), assets.map(({ sourceDay }) => sourceDay), alignments],
  );
  if (table === 'ema_carry')
    await tx.execute('delete from ema_base where id = any($1) and alignment = any($2::bar_alignment[])', [
      assets.map(({ id }) => id),
      alignments,
    ]);
  return rows.map(([id]) => ({ id }));
}
