-- Views that read the state of an asset once, not once a row, and arrays without a stored row set for each of their rows. No
-- column and no value of a view changes.

-- A state row as rows of its series: functions in the list of a lateral subquery hand over each row as it comes, where
-- functions in FROM first store all of them. Filters and joins on id and alignment still reach the key of bar_carry.
create or replace view price_bars_state as
select c.id, c.alignment,
  b.watermark_day, b.closed_seq, b.is_closed, b.bar_seq, b.first_day, b.last_day, b.tf_days, b.count_days,
  b.count_missing_days, b.count_days_remaining, b.first_missing_day, b.last_missing_day, b.is_partial_start,
  b.time_open, b.time_close, b.time_high, b.time_low, b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.tf
from bar_carry c
cross join lateral (
  select unnest(c.tf) as tf, unnest(c.watermark_day) as watermark_day, unnest(c.closed_seq) as closed_seq,
    unnest(c.is_closed) as is_closed, unnest(c.bar_seq) as bar_seq, unnest(c.first_day) as first_day,
    unnest(c.last_day) as last_day, unnest(c.tf_days) as tf_days, unnest(c.count_days) as count_days,
    unnest(c.count_missing_days) as count_missing_days, unnest(c.count_days_remaining) as count_days_remaining,
    unnest(c.first_missing_day) as first_missing_day, unnest(c.last_missing_day) as last_missing_day,
    unnest(c.is_partial_start) as is_partial_start, unnest(c.time_open) as time_open,
    unnest(c.time_close) as time_close, unnest(c.time_high) as time_high, unnest(c.time_low) as time_low,
    unnest(c.open) as open, unnest(c.high) as high, unnest(c.low) as low, unnest(c.close) as close,
    unnest(c.volume) as volume, unnest(c.market_cap) as market_cap) b;

create or replace view bars_latest as
select b.id, b.alignment::text as alignment, b.tf, b.tf_days, b.bar_seq, b.time_open, b.time_close, b.time_high, b.time_low,
  b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.time_close as timestamp,
  b.time_close + interval '1 millisecond' as last_ts_half_open, b.count_days as pos_in_bar, b.is_partial_start,
  not b.is_closed as is_partial_end, b.count_days, b.count_days_remaining, b.count_missing_days > 0 as is_missing_days,
  b.count_missing_days, m.missing_start as count_missing_days_start, 0 as count_missing_days_end,
  b.count_missing_days - m.missing_start as count_missing_days_interior,
  case
    when b.count_missing_days = 0 then null
    when m.missing_start = 0 then 'interior'
    when m.missing_start = b.count_missing_days then 'start'
    else 'start,interior'
  end as missing_days_where,
  b.first_missing_day, b.last_missing_day, b.watermark_day, b.last_day as day
from price_bars_state b
cross join lateral (
  select b.first_day - (b.last_day - b.count_days - b.count_missing_days + 1) as missing_start
) m
where b.bar_seq is not null;

create or replace view price_bar_snapshots as
select
  c.id,
  c.alignment,
  b.tf,
  b.tf_days,
  b.bar_seq,
  -- Bar 1 of an anchored series always exists: its window holds the asset's first day.
  case
    when c.alignment not in ('cal_anchor_us', 'cal_anchor_iso') then null
    when b.bar_seq = 1 then 0
    else (b.last_day + b.count_days_remaining - b.tf_days) - (f.last_day + f.count_days_remaining - f.tf_days)
  end as bar_anchor_offset,
  b.time_open,
  d.time_close,
  to_timestamp(d.high[3]) as time_high,
  to_timestamp(d.low[3]) as time_low,
  b.open,
  d.high[1] as high,
  d.low[1] as low,
  d.close,
  coalesce(d.volume, 0) as volume,
  d.market_cap[2] as market_cap,
  b.is_partial_start,
  not b.is_closed or d.day < b.last_day as is_partial_end,
  d.count_days,
  case
    when c.alignment = 'multi_tf' then b.count_days + b.count_days_remaining - d.count_days
    else b.last_day + b.count_days_remaining - d.day
  end as count_days_remaining,
  m.missing as count_missing_days,
  m.missing_start as count_missing_days_start,
  m.missing - m.missing_start as count_missing_days_interior,
  case
    when m.missing = 0 then null
    when m.missing_start = 0 then 'interior'
    when m.missing_start = m.missing then 'start'
    else 'start,interior'
  end as missing_days_where,
  case when b.first_missing_day < d.day then b.first_missing_day end as first_missing_day,
  case when -d.stretch[2] > s.day - date '1970-01-01' then date '1970-01-01' - d.stretch[2] - 1 end as last_missing_day,
  d.day,
  b.first_day as bar_first_day,
  b.last_day as bar_last_day
from bar_carry c
cross join lateral (
  select tf, tf_days, bar_seq, first_day, last_day, count_days, count_missing_days, count_days_remaining, first_missing_day,
    is_partial_start, time_open, open, true as is_closed, false as is_shown_twice
  from price_bars p where p.id = c.id and p.alignment = c.alignment
  union all
  select u.*, u.is_closed
  from (
    select unnest(c.tf) as tf, unnest(c.tf_days) as tf_days, unnest(c.bar_seq) as bar_seq, unnest(c.first_day) as first_day,
      unnest(c.last_day) as last_day, unnest(c.count_days) as count_days,
      unnest(c.count_missing_days) as count_missing_days, unnest(c.count_days_remaining) as count_days_remaining,
      unnest(c.first_missing_day) as first_missing_day, unnest(c.is_partial_start) as is_partial_start,
      unnest(c.time_open) as time_open, unnest(c.open) as open, unnest(c.is_closed) as is_closed) u
) b
-- The first bar, which only offsets of anchored series ask for: a key that is NULL is not looked up.
left join price_bars f on f.id = c.id and f.alignment = c.alignment and f.tf = b.tf
  and f.bar_seq = case when c.alignment in ('cal_anchor_us', 'cal_anchor_iso') then 1 end
-- The first day that counts for the bar.
cross join lateral (select b.last_day - b.count_days - b.count_missing_days + 1 as day) s
cross join lateral (
  select
    (p.timestamp at time zone 'UTC')::date as day,
    p.time_close,
    p.close,
    (row_number() over w)::int as count_days,
    -- An extreme with the time of the first day that reached it: arrays compare element by element. Seconds since 1970
    -- as a double hold every microsecond until the year 2106.
    max(array[p.high, -p.bar_seq, date_part('epoch', p.time_high)]) over w as high,
    min(array[p.low, p.bar_seq, date_part('epoch', p.time_low)]) over w as low,
    sum(p.volume) over w as volume,
    max(case when p.market_cap is not null then array[p.bar_seq, p.market_cap] end) over w as market_cap,
    -- Day minus 1D bar_seq is constant over a stretch of days without a gap and greater after each gap, so this is
    -- (it, minus the first day) of the stretch that the day belongs to. NULL for a bar without gaps.
    max(case when b.count_missing_days > 0 then array[
      (p.timestamp at time zone 'UTC')::date - date '1970-01-01' - p.bar_seq,
      date '1970-01-01' - (p.timestamp at time zone 'UTC')::date] end) over w as stretch
  from cmc_price_bars_1d p
  where p.id = c.id
    and p.timestamp >= b.first_day::timestamp at time zone 'UTC'
    and p.timestamp < (b.last_day + 1)::timestamp at time zone 'UTC'
  window w as (order by p.timestamp rows unbounded preceding)
  -- All of them. Said as a limit, because the planner then expects few rows and does not compile the query (JIT).
  limit b.count_days
) d
cross join lateral (
  select d.day - s.day + 1 - d.count_days as missing, b.first_day - s.day as missing_start
) m
where not b.is_shown_twice;

-- The time of the last run is a join of one row, which the planner leaves out where nobody asks for it.
do $do$
declare
  alignment bar_alignment;
begin
  foreach alignment in array array['multi_tf', 'cal_us', 'cal_iso', 'cal_anchor_us', 'cal_anchor_iso'] loop
    execute format($view$
      create or replace view %I as
      select b.id, b.tf, b.tf_days, b.bar_seq, %s b.time_open, b.time_close, b.time_high, b.time_low,
        b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.time_close as timestamp,
        b.time_close + interval '1 millisecond' as last_ts_half_open, b.count_days as pos_in_bar, b.is_partial_start,
        b.is_partial_end, b.count_days, b.count_days_remaining, b.count_missing_days > 0 as is_missing_days,
        b.count_missing_days, b.count_missing_days_start, 0 as count_missing_days_end, b.count_missing_days_interior,
        b.missing_days_where, b.first_missing_day, b.last_missing_day, s.last_run_ts as ingested_at, b.day
      from price_bar_snapshots b
      left join cmc_price_bars_1d_state s on s.id = b.id
      where b.alignment = %L$view$,
      'cmc_price_bars_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end,
      case when alignment::text like '%anchor%' then 'b.bar_anchor_offset,' else '' end,
      alignment);
  end loop;
end $do$;
