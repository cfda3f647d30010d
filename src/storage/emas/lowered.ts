/** EMA watermarks when bars change: views show nothing of what waits for its repair (decision 022). */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';
import type { AssetAlignment } from './emas.js';

/** Takes the watermarks away: the views show nothing of these EMAs until they are built again. */
export async function deleteEmaWatermarks(tx: Tx, pairs: readonly AssetAlignment[]): Promise<void> {
  if (pairs.length === 0) return;
  await tx.execute(
    `update ema_carry t set (watermark_day, watermark_ts, row_count, last_close, close_sum, kernel_version, periods,
       repair_from) = (null, null, null, null, null, null, null, null)
     from unnest($1::int[], $2::bar_alignment[]) as p (id, alignment)
     where t.id = p.id and t.alignment = p.alignment and t.watermark_day is not null`,
    [pairs.map(({ id }) => id), pairs.map(({ alignment }) => alignment)],
  );
}

/**
 * Bars of these assets changed from `day` on: no EMA view shows anything of that day or later until its EMAs are repaired.
 * Returns the rows that were lowered, by asset.
 */
export async function writeEmaRepair(
  tx: Tx,
  changed: readonly { id: number; day: Day }[],
): Promise<{ id: number }[]> {
  if (changed.length === 0) return [];
  const rows = await tx.query<[number]>(
    `update ema_carry e
     set watermark_day = c.day - 1, repair_from = least(e.repair_from, c.day)
     from (select id, date '1970-01-01' + day as day from unnest($1::int[], $2::int[]) u (id, day)) c
     where e.id = c.id and e.watermark_day >= c.day returning e.id`,
    [changed.map(({ id }) => id), changed.map(({ day }) => day)],
  );
  return rows.map(([id]) => ({ id }));
}

/**
 * Bars of these assets and alignments are rebuilt: their EMA views show nothing until their EMAs have been compared
 * from the first day on. That is `sourceDay` where older history has arrived with the rebuild (null: none was looked
 * at). Returns the rows that were lowered, by asset; an asset without a 1D state has none.
 */
export async function writeEmaRepairs(
  tx: Tx,
  assets: readonly { id: number; sourceDay: Day | null }[],
  alignments: readonly Alignment[],
): Promise<{ id: number }[]> {
  const rows = await tx.query<[number]>(
    `update ema_carry e set watermark_day = f.day - 1, repair_from = least(e.repair_from, f.day)
     from unnest($1::int[], $2::int[]) a (id, source_day)
     join cmc_price_bars_1d_state d on d.id = a.id and d.first_day is not null
     cross join lateral (select least(d.first_day, date '1970-01-01' + a.source_day) as day) f
     where e.id = a.id and e.alignment = any($3::bar_alignment[]) and e.watermark_day is not null
     returning e.id`,
    [assets.map(({ id }) => id), assets.map(({ sourceDay }) => sourceDay), alignments],
  );
  return rows.map(([id]) => ({ id }));
}
