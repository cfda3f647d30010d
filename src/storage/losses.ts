/** What was there once and is not any more, as far as something else in the warehouse tells; for verify. */
import type { Alignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';

/** Alignments of an asset whose EMAs have taken in bars, and of which no bar series is left. */
export async function listLostBars(tx: Tx, id: number): Promise<Alignment[]> {
  const rows = await tx.query<[Alignment]>(
    `select e.alignment::text from ema_carry e
     where e.id = $1 and e.taken_bars > 0
       and not exists (select from bar_carry b where b.id = e.id and b.alignment = e.alignment)
     order by 1`,
    [id],
  );
  return rows.map(([alignment]) => alignment);
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
