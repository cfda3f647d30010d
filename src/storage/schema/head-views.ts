/** Views with the names and columns that the head of the replaced system has for all bars and all EMAs. */
import type { Tx } from '../session/database.js';

/** When a run last took in days of the asset. */
const ingestedOf = (row: string) =>
  `(select i.last_run_ts from cmc_price_bars_1d_state i where i.id = ${row}.id)`;

/** One venue here: the prices of an asset are one series. */
const VENUE = '1::smallint';

const BARS = `create or replace view price_bars_multi_tf_u as
  select s.id, s.timestamp, s.tf, s.tf_days, s.bar_seq,
    case s.alignment when 'multi_tf' then 'multi_tf' else 'multi_tf_' || s.alignment end as alignment_source,
    s.pos_in_bar, s.count_days, s.count_days_remaining,
    case s.alignment
      when 'multi_tf' then s.time_open
      else ((s.time_close at time zone 'UTC')::date + s.count_days_remaining + 1 - s.tf_days)::timestamp at time zone 'UTC'
    end as time_open_bar,
    case s.alignment
      when 'multi_tf' then s.time_open + s.tf_days * interval '1 day'
      else (((s.time_close at time zone 'UTC')::date + s.count_days_remaining + 1)::timestamp at time zone 'UTC')
        - interval '1 millisecond'
    end as time_close_bar,
    s.open, s.high, s.low, s.close, s.volume, s.market_cap, s.time_high, s.time_low, s.is_partial_start,
    s.is_partial_end, (s.time_close at time zone 'UTC')::date::timestamp at time zone 'UTC' as time_open, s.time_close,
    s.last_ts_half_open, s.is_missing_days, s.count_missing_days, s.count_missing_days_start, s.count_missing_days_end,
    s.count_missing_days_interior, s.missing_days_where, s.first_missing_day, s.last_missing_day,
    false as repaired_timehigh, false as repaired_timelow, false as repaired_high, false as repaired_low,
    false as repaired_open, false as repaired_close, false as repaired_volume, false as repaired_market_cap,
    null::text as src_name, null::timestamptz as src_load_ts, 'cmc_price_bars_1d'::text as src_file,
    ${ingestedOf('s')} as ingested_at, ${VENUE} as venue_id, s.bar_anchor_offset
  from price_bars_daily s
  union all
  select b.id, b.timestamp, b.tf, 1, b.bar_seq, 'multi_tf', 1, 1, 0, b.time_open, b.time_close, b.open, b.high, b.low,
    b.close, b.volume, b.market_cap, b.time_high, b.time_low, false, false, b.time_open, b.time_close,
    b.timestamp + interval '1 millisecond', false, 0, 0, 0, 0, null, null, null, b.repaired_timehigh,
    b.repaired_timelow, b.repaired_high, b.repaired_low, false, false, false, false, b.src_name, b.src_load_ts,
    b.src_file, ${ingestedOf('b')}, ${VENUE}, null
  from cmc_price_bars_1d b`;

const EMAS = `create or replace view ema_multi_tf_u as
  select e.id, ${VENUE} as venue_id, e.ts, e.tf, e.period, e.tf_days, e.roll, e.ema, e.ema_bar,
    e.ts >= (
      select (max(p.day) + 1)::timestamp at time zone 'UTC'
      from ema_points p
      where p.id = e.id and p.tf = e.tf and p.alignment =
        (case e.alignment_source when 'multi_tf' then 'multi_tf' else substr(e.alignment_source, 10) end)::bar_alignment
    ) as is_partial_end,
    e.ingested_at, e.alignment_source
  from cmc_ema_multi_tf_u e
  where e.alignment_source <> 'multi_tf_v2'`;

/** Makes them, or makes them again; needs the right to create in the schema. Throws where something else has a name of them. */
export async function writeHeadViews(tx: Tx): Promise<string[]> {
  for (const view of [BARS, EMAS]) await tx.execute(view);
  return ['price_bars_multi_tf_u', 'ema_multi_tf_u'];
}
