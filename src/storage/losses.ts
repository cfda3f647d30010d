/** What was there once and is not any more, as far as something else in the warehouse tells; for verify. */
import type { Alignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';

/** Series of one alignment that sums speak of, and of which no state is left. */
export interface LostSeries {
  table: 'price_bars_state' | 'ema_state';
  alignment: Alignment;
  series: number;
}

/** Alignments of an asset whose states are all gone. Sums are written with the states: those of an older epoch count too. */
export async function listLostSeries(tx: Tx, id: number): Promise<LostSeries[]> {
  const rows = await tx.query<[LostSeries['table'], Alignment, number]>(
    `select 'price_bars_state', k.alignment::text, k.series from price_bars_sum k
     where k.id = $1 and k.series > 0
       and not exists (select from price_bars_state b where b.id = k.id and b.alignment = k.alignment)
     union all
     select 'ema_state', k.alignment::text, k.series from ema_sum k
     where k.id = $1 and k.series > 0
       and not exists (select from ema_state e where e.id = k.id and e.alignment = k.alignment)
     order by 1, 2`,
    [id],
  );
  return rows.map(([table, alignment, series]) => ({ table, alignment, series }));
}

/** Why the newest work on an asset failed, "bars: …"; null: it did not. The newest of each component counts. */
export async function findLastFailure(tx: Tx, id: number): Promise<string | null> {
  const rows = await tx.query<[string | null]>(
    `select string_agg(n.component || ': ' || coalesce(n.error, n.reason), '; ' order by n.component) from (
       select distinct on (a.component) a.component, a.status, a.reason, a.error
       from refresh_asset a join refresh_run r using (run)
       where a.id = $1 order by a.component, r.started_at desc) n
     where n.status = 'failed'`,
    [id],
  );
  return rows[0]?.[0] ?? null;
}
