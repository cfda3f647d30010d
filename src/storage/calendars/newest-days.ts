/** How far assets have come: what lateness is judged by. */

import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import { boundName } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import { selectEnd } from '../source/select.js';
import type { Source } from '../source/source.js';

export interface NewestDay {
  id: number;
  symbol: string | null;
  /** Newest day with a 1D bar. */
  lastDay: Day | null;
  /** Newest day that was read, refused rows included. */
  readDay: Day | null;
  /** Oldest day that was read, likewise. */
  firstReadDay: Day | null;
  /** The relation that its bars were read from; "" while there are none. */
  source: string;
  hasCeased: boolean;
}

type NewestRow = [
  id: number,
  symbol: string | null,
  lastDay: Day | null,
  lastSrcUs: number | null,
  firstSrcUs: number | null,
  source: string | null,
  hasCeased: boolean,
];

/** Active assets (of `ids`; null: all), ascending by id. */
export async function listNewestDays(tx: Tx, ids: readonly number[] | null): Promise<NewestDay[]> {
  const rows = await tx.query<NewestRow>(
    `select a.id, a.symbol, s.last_day, s.last_src_ts, s.daily_min_seen, s.source, c.ceased_on is not null
     from dim_assets a
     left join cmc_price_bars_1d_state s on s.id = a.id
     left join asset_calendar c on c.id = a.id
     where a.active and ($1::int[] is null or a.id = any($1))
     order by a.id`,
    [ids],
  );
  return rows.map(([id, symbol, lastDay, lastSrcUs, firstSrcUs, source, hasCeased]) => ({
    id,
    symbol: boundName(symbol),
    lastDay,
    readDay: lastSrcUs === null ? null : dayOfUs(lastSrcUs),
    firstReadDay: firstSrcUs === null ? null : dayOfUs(firstSrcUs),
    source: source ?? '',
    hasCeased,
  }));
}

/** The newest day that the source has of these assets, up to now; one without a row has no entry. */
export async function readSourceDays(
  tx: Tx,
  source: Source,
  ids: readonly number[],
): Promise<Map<number, Day>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, number | null]>(
    `select asked.id, ${selectEnd(source, 'asked.id', 'newest')} from unnest($1::int[]) as asked (id)`,
    [ids],
  );
  return new Map(rows.flatMap(([id, us]) => (us === null ? [] : [[id, dayOfUs(us)] as const])));
}
