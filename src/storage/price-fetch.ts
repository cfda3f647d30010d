/** What must be known of an asset before more of its days are fetched. */
import type { Day } from '../domain/day.js';
import type { Tx } from './database.js';

export interface FetchPoint {
  /** The UTC day that is not over, by the database's clock. */
  today: Day;
  /** The newest stored day that is over, and whether it came from `sourceFile`; null: none is stored. */
  last: { day: Day; isOurs: boolean } | null;
}

/** Where fetching the days of an asset goes on. */
export async function readFetchPoint(
  tx: Tx,
  { id, sourceFile }: { id: number; sourceFile: string },
): Promise<FetchPoint> {
  const rows = await tx.query<[Day, Day | null, boolean | null]>(
    `select now()::date, last.day, last.is_ours
     from (select 1) as one left join lateral (
       select timestamp::date as day, source_file is not distinct from $2 as is_ours
       from cmc_price_histories7 where id = $1 and timestamp < date_trunc('day', now()) and isfinite(timestamp)
       order by timestamp desc limit 1) as last on true`,
    [id, sourceFile],
  );
  const [today, day, isOurs] = rows[0] as [Day, Day | null, boolean | null];
  return { today, last: day === null ? null : { day, isOurs: isOurs === true } };
}
