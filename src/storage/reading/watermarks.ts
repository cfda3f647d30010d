/** The newest days of one asset, by what is made of its prices. */
import type { Day } from '../../domain/calendar/day.js';
import type { Tx } from '../session/database.js';

/** Days that everything of a kind has reached; null: there is nothing of it, or the views show nothing of it now. */
export interface Watermarks {
  /** Newest 1D bar. */
  daily: Day | null;
  bars: Day | null;
  emas: Day | null;
  indicators: Day | null;
}

/** The watermarks of the slowest alignment of each kind. */
export async function readWatermarks(tx: Tx, id: number): Promise<Watermarks> {
  const rows = await tx.query<[Day | null, Day | null, Day | null, Day | null]>(
    `select
       (select max((timestamp at time zone 'UTC')::date) from cmc_price_bars_1d where id = $1),
       (select min(oldest_day) from bar_carry where id = $1),
       (select case when bool_and(watermark_day is not null) then min(watermark_day) end from ema_carry where id = $1),
       (select case when bool_and(watermark_day is not null) then min(watermark_day) end
        from indicator_carry where id = $1)`,
    [id],
  );
  const [daily = null, bars = null, emas = null, indicators = null] = rows[0] ?? [];
  return { daily, bars, emas, indicators };
}
