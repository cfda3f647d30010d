/** What was there once and is not any more, as far as something else in the warehouse tells; for verify. */
import type { Alignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';

/** Series that were there once, and of which none is left. */
export interface LostSeries {
  table: 'price_bars_state' | 'ema_state';
  /** null: all of the asset. */
  alignment: Alignment | null;
}

/** Bars that EMAs of their alignment have taken in, and bars or EMAs of an asset that a recorded run has written. */
export async function listLostSeries(tx: Tx, id: number): Promise<LostSeries[]> {
  const wasWritten = (component: string) =>
    `exists (select from refresh_asset where id = $1 and component = '${component}' and status = 'ok' and rows_written > 0)
     and exists (select from cmc_price_bars_1d where id = $1)`;
  const rows = await tx.query<[LostSeries['table'], Alignment | null]>(
    `select 'price_bars_state', e.alignment::text from ema_carry e
     where e.id = $1 and e.taken_bars > 0
       and not exists (select from bar_carry b where b.id = e.id and b.alignment = e.alignment)
     union all
     select 'price_bars_state', null where ${wasWritten('bars')}
       and not exists (select from bar_carry where id = $1) and not exists (select from ema_carry where id = $1)
     union all
     select 'ema_state', null where ${wasWritten('emas')} and not exists (select from ema_carry where id = $1)
     order by 1, 2`,
    [id],
  );
  return rows.map(([table, alignment]) => ({ table, alignment }));
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
