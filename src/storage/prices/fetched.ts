/** What must be known of an asset before more of its days are fetched, and what is remembered of holes. */
import type { Day } from '../../domain/calendar/day.js';
import type { AskedHole, FetchFacts } from '../../domain/source/fetch-plan.js';
import type { Tx } from '../session/database.js';

/** Where a source is asked for an asset: `sourceFile` is how its rows name it. */
export interface FetchPlace {
  id: number;
  sourceFile: string;
}

/** The facts for planFetch; today is by the database's clock. */
export async function readFetchFacts(
  tx: Tx,
  { id, sourceFile }: FetchPlace,
): Promise<Omit<FetchFacts, 'since'>> {
  const now = await tx.query<[Day]>('select now()::date');
  const stored = await tx.query<[Day, boolean]>(
    `select timestamp::date as day, bool_and(source_file is not distinct from $2)
     from cmc_price_histories7 where id = $1 and timestamp < date_trunc('day', now()) and isfinite(timestamp)
     group by 1 order by 1`,
    [id, sourceFile],
  );
  const holes = await tx.query<[Day, number, Day]>(
    'select day, asked, asked_at::date from price_hole where id = $1 and source = $2',
    [id, sourceFile],
  );
  return {
    today: (now[0] as [Day])[0],
    stored: stored.map(([day, isOurs]) => ({ day, isOurs })),
    asked: new Map(holes.map(([day, times, lastAsked]): [Day, AskedHole] => [day, { times, lastAsked }])),
  };
}

/**
 * Remembers that these holes were asked for: those that have a price by now are forgotten, the others have stayed empty
 * once more. Returns how many stayed empty.
 */
export async function writeAskedHoles(
  tx: Tx,
  { id, sourceFile }: FetchPlace,
  days: readonly Day[],
): Promise<number> {
  await tx.execute(
    `delete from price_hole h where h.id = $1 and exists (
       select from cmc_price_histories7 p where p.id = h.id and p.timestamp >= h.day::timestamptz
         and p.timestamp < (h.day + 1)::timestamptz)`,
    [id],
  );
  if (days.length === 0) return 0;
  return tx.execute(
    `insert into price_hole as h (id, source, day, asked, asked_at)
     select $1, $2, asked_day, 1, now()
     from (select date '1970-01-01' + n as asked_day from unnest($3::int[]) as u (n)) as d
     where not exists (select from cmc_price_histories7 p where p.id = $1 and p.timestamp >= asked_day::timestamptz
       and p.timestamp < (asked_day + 1)::timestamptz)
     order by asked_day
     on conflict (id, source, day) do update set asked = h.asked + 1, asked_at = now()`,
    [id, sourceFile, days],
  );
}
