/** What people want to know of the assets behind a cause: their symbols, and since when they fail. */
import type { ComponentName } from '../../domain/planning/outcome.js';
import type { Tx } from '../session/database.js';

/**
 * When each of these assets began to fail in a component: the oldest run after the last one in which work on it succeeded.
 * Epoch microseconds. Assets of which no failed run is recorded are left out.
 */
export async function listFailingSince(
  tx: Tx,
  component: ComponentName,
  ids: readonly number[],
): Promise<Map<number, number>> {
  const rows = await tx.query<[number, number]>(
    `select a.id, min(r.started_at)
     from refresh_asset a join refresh_run r using (run)
     where a.component = $1 and a.id = any($2::int[]) and a.status = 'failed'
       and not exists (
         select from refresh_asset later join refresh_run l on l.run = later.run
         where later.id = a.id and later.component = a.component and later.status = 'ok'
           and l.started_at > r.started_at)
     group by a.id`,
    [component, ids],
  );
  return new Map(rows);
}

/** When the oldest run of a command began that failed after its last good one; null: none did. Epoch microseconds. */
export async function findFailingRunsSince(tx: Tx, command: string): Promise<number | null> {
  const rows = await tx.query<[number | null]>(
    `select min(started_at) from refresh_run r
     where command = $1 and status in ('failed', 'died')
       and started_at > coalesce(
         (select max(started_at) from refresh_run where command = $1 and status in ('ok', 'skipped')), '-infinity')`,
    [command],
  );
  return rows[0]?.[0] ?? null;
}

/** The oldest of the newest prices that were read of these assets; null: of none of them any. Epoch microseconds. */
export async function findOldestPrice(tx: Tx, ids: readonly number[]): Promise<number | null> {
  const rows = await tx.query<[number | null]>(
    'select min(last_src_ts) from cmc_price_bars_1d_state where id = any($1::int[])',
    [ids],
  );
  return rows[0]?.[0] ?? null;
}
