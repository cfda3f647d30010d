/** What records of runs say of an asset; for verify. */
import type { Tx } from '../session/database.js';

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
