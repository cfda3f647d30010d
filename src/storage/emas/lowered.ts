/** EMA watermarks when bars change: views show nothing of what waits for its repair (decision 022). */

import type { AssetAlignment } from '../series/series.js';
import type { Tx } from '../session/database.js';

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
