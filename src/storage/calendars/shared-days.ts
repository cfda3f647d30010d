/** Days that assets of one calendar lack together: what explains a gap afterwards. */
import type { Day } from '../../domain/calendar/day.js';
import type { Expectations } from '../../domain/source/expectation.js';
import type { Tx } from '../session/database.js';
import { effectiveCalendar, expectedParameters, joinExpected } from '../source/expectations.js';

/** Of how many assets a day lies within the history, and how many of them lack it. */
export interface SharedDay {
  assets: number;
  missing: number;
}

/** Looks at the active assets that have the same calendar as this one, for each of these days. */
export async function readSharedDays(
  tx: Tx,
  { id, expectations }: { id: number; expectations: Expectations },
  days: readonly Day[],
): Promise<Map<Day, SharedDay>> {
  if (days.length === 0) return new Map();
  const rows = await tx.query<[Day, number, number]>(
    `select d.day, count(*), count(*) filter (where not exists (
       select from cmc_price_bars_1d b
       where b.id = s.id and b.timestamp >= d.day::timestamp at time zone 'UTC'
         and b.timestamp < (d.day + 1)::timestamp at time zone 'UTC'))
     from (select date '1970-01-01' + unnest($2::int[]) as day) d
     join cmc_price_bars_1d_state s on s.first_day < d.day and s.last_day > d.day
     join dim_assets a on a.id = s.id and a.active
     ${joinExpected('e', 's', 3)}
     join dim_assets own on own.id = $1
     left join cmc_price_bars_1d_state os on os.id = $1
     ${joinExpected('oe', 'os', 3)}
     left join asset_calendar c on c.id = a.id
     left join asset_calendar o on o.id = $1
     where a.id = $1 or c.weekdays is not distinct from o.weekdays
       and ${effectiveCalendar('a', 'e')} is not distinct from ${effectiveCalendar('own', 'oe')}
     group by d.day`,
    [id, days, ...expectedParameters(expectations)],
  );
  return new Map(rows.map(([day, assets, missing]) => [day, { assets, missing }]));
}
