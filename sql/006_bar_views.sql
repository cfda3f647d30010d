-- Daily snapshots of bars: the bar after each of its days, over its rows up to that day. Nothing here is stored.
--
-- Everything is derived in one view, price_bar_snapshots; the views that people query select from it. Its shape: a bar
-- (closed: price_bars; open: price_bars_state) and, in a lateral subquery, the running values of its days. The window
-- functions stay inside the lateral subquery, and the union inside b has no WHERE of its own: so filters and joins on
-- id, alignment, tf and bar_seq reach the keys of both tables. A filter on time does not: that is what bar_series() is
-- for. A bar's days are found by its own first and last day, so no series shows a day that it has not taken in.

create view price_bar_snapshots as
select
  b.id,
  b.alignment,
  b.tf,
  b.tf_days,
  b.bar_seq,
  -- Bar 1 of an anchored series always exists: its window holds the asset's first day.
  case
    when b.alignment not in ('cal_anchor_us', 'cal_anchor_iso') then null
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
    when b.alignment = 'multi_tf' then b.count_days + b.count_days_remaining - d.count_days
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
from (
  select id, alignment, tf, tf_days, bar_seq, first_day, last_day, count_days, count_missing_days, count_days_remaining,
    first_missing_day, is_partial_start, time_open, open, true as is_closed, false as is_shown_twice
  from price_bars
  union all
  select id, alignment, tf, tf_days, bar_seq, first_day, last_day, count_days, count_missing_days, count_days_remaining,
    first_missing_day, is_partial_start, time_open, open, is_closed, is_closed as is_shown_twice
  from price_bars_state
) b
left join price_bars f on f.id = b.id and f.alignment = b.alignment and f.tf = b.tf and f.bar_seq = 1
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
  where p.id = b.id
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
comment on view price_bar_snapshots is 'What the snapshot views have in common; use those.';

create view cmc_price_bars_multi_tf as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from price_bar_snapshots
where alignment = 'multi_tf';

create view cmc_price_bars_multi_tf_cal_us as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from price_bar_snapshots
where alignment = 'cal_us';

create view cmc_price_bars_multi_tf_cal_iso as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from price_bar_snapshots
where alignment = 'cal_iso';

create view cmc_price_bars_multi_tf_cal_anchor_us as
select id, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from price_bar_snapshots
where alignment = 'cal_anchor_us';

create view cmc_price_bars_multi_tf_cal_anchor_iso as
select id, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from price_bar_snapshots
where alignment = 'cal_anchor_iso';

create view price_bars_daily as
select id, 'multi_tf'::text as alignment, tf, tf_days, bar_seq, null::int as bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from cmc_price_bars_multi_tf
union all
select id, 'cal_us'::text, tf, tf_days, bar_seq, null::int, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from cmc_price_bars_multi_tf_cal_us
union all
select id, 'cal_iso'::text, tf, tf_days, bar_seq, null::int, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from cmc_price_bars_multi_tf_cal_iso
union all
select id, 'cal_anchor_us'::text, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from cmc_price_bars_multi_tf_cal_anchor_us
union all
select id, 'cal_anchor_iso'::text, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day
from cmc_price_bars_multi_tf_cal_anchor_iso;
comment on view price_bars_daily is 'The daily snapshots of every bar of every alignment. bar_anchor_offset: days from the asset''s first window to this one, anchored alignments only.';

create view bars_latest as
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
  b.first_missing_day, b.last_missing_day, b.watermark_day
from price_bars_state b
cross join lateral (
  select b.first_day - (b.last_day - b.count_days - b.count_missing_days + 1) as missing_start
) m
where b.bar_seq is not null;
comment on view bars_latest is 'The newest bar of every series as of its watermark_day: open, or closed on that day (is_partial_end false).';

-- The snapshots of one series from one day to another, both included; NULL: from the first, to the newest. Reads the bars
-- that have days in that range and no others. Without an alignment it is the first one that has this tf, in the order
-- multi_tf, cal_us, cal_iso, cal_anchor_us, cal_anchor_iso.
create function bar_series(id int, tf text, from_day date default null, to_day date default null, alignment text default null)
returns setof price_bars_daily
language sql stable parallel safe
begin atomic
  select s.id, s.alignment::text, s.tf, s.tf_days, s.bar_seq, s.bar_anchor_offset, s.time_open, s.time_close, s.time_high,
    s.time_low, s.open, s.high, s.low, s.close, s.volume, s.market_cap, s.time_close,
    s.time_close + interval '1 millisecond', s.count_days, s.is_partial_start, s.is_partial_end, s.count_days,
    s.count_days_remaining, s.count_missing_days > 0, s.count_missing_days, s.count_missing_days_start, 0,
    s.count_missing_days_interior, s.missing_days_where, s.first_missing_day, s.last_missing_day
  from price_bar_snapshots s
  where s.id = bar_series.id
    and s.tf = bar_series.tf
    and s.alignment = coalesce(bar_series.alignment::bar_alignment, (
      select min(t.alignment) from dim_timeframe t where t.tf = bar_series.tf and t.alignment <> 'v2'))
    and s.bar_last_day >= coalesce(from_day, '-infinity') and s.day >= coalesce(from_day, '-infinity')
    and s.bar_first_day <= coalesce(to_day, 'infinity') and s.day <= coalesce(to_day, 'infinity')
  order by s.day;
end;
