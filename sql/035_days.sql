-- The day of a row, UTC, as the last column of the views and functions of bars and EMAs. Casting the time gives another
-- day in a session that is not in UTC. Functions name what there is when they are asked for what there is not, they take "7d"
-- for "7D", and bar_series knows 1D.

drop function bar_series(int, text, date, date, text);
drop function ema_series(int, text, int, date, date, text);
drop function indicator_series(int, text, text, date, date, text);

create or replace view cmc_price_bars_multi_tf as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = b.id) as ingested_at, day
from price_bar_snapshots b
where alignment = 'multi_tf';

create or replace view cmc_price_bars_multi_tf_cal_us as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = b.id) as ingested_at, day
from price_bar_snapshots b
where alignment = 'cal_us';

create or replace view cmc_price_bars_multi_tf_cal_iso as
select id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = b.id) as ingested_at, day
from price_bar_snapshots b
where alignment = 'cal_iso';

create or replace view cmc_price_bars_multi_tf_cal_anchor_us as
select id, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = b.id) as ingested_at, day
from price_bar_snapshots b
where alignment = 'cal_anchor_us';

create or replace view cmc_price_bars_multi_tf_cal_anchor_iso as
select id, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close, time_high, time_low,
  open, high, low, close, volume, market_cap, time_close as timestamp,
  time_close + interval '1 millisecond' as last_ts_half_open, count_days as pos_in_bar, is_partial_start, is_partial_end,
  count_days, count_days_remaining, count_missing_days > 0 as is_missing_days, count_missing_days,
  count_missing_days_start, 0 as count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = b.id) as ingested_at, day
from price_bar_snapshots b
where alignment = 'cal_anchor_iso';

create or replace view price_bars_daily as
select id, 'multi_tf'::text as alignment, tf, tf_days, bar_seq, null::int as bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day, day
from cmc_price_bars_multi_tf
union all
select id, 'cal_us'::text, tf, tf_days, bar_seq, null::int, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day, day
from cmc_price_bars_multi_tf_cal_us
union all
select id, 'cal_iso'::text, tf, tf_days, bar_seq, null::int, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day, day
from cmc_price_bars_multi_tf_cal_iso
union all
select id, 'cal_anchor_us'::text, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day, day
from cmc_price_bars_multi_tf_cal_anchor_us
union all
select id, 'cal_anchor_iso'::text, tf, tf_days, bar_seq, bar_anchor_offset, time_open, time_close,
  time_high, time_low, open, high, low, close, volume, market_cap, timestamp, last_ts_half_open, pos_in_bar,
  is_partial_start, is_partial_end, count_days, count_days_remaining, is_missing_days, count_missing_days,
  count_missing_days_start, count_missing_days_end, count_missing_days_interior, missing_days_where,
  first_missing_day, last_missing_day, day
from cmc_price_bars_multi_tf_cal_anchor_iso;

create or replace view bars_latest as
select c.id, c.alignment::text as alignment, b.tf, b.tf_days, b.bar_seq, b.time_open, b.time_close, b.time_high, b.time_low,
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
from bar_carry c
cross join lateral unnest(
  c.tf, c.watermark_day, c.is_closed, c.bar_seq, c.first_day, c.last_day, c.tf_days, c.count_days,
  c.count_missing_days, c.count_days_remaining, c.first_missing_day, c.last_missing_day, c.is_partial_start,
  c.time_open, c.time_close, c.time_high, c.time_low, c.open, c.high, c.low, c.close, c.volume, c.market_cap) b (
  tf, watermark_day, is_closed, bar_seq, first_day, last_day, tf_days, count_days, count_missing_days,
  count_days_remaining, first_missing_day, last_missing_day, is_partial_start, time_open, time_close, time_high,
  time_low, open, high, low, close, volume, market_cap)
cross join lateral (
  select b.first_day - (b.last_day - b.count_days - b.count_missing_days + 1) as missing_start
) m
where b.bar_seq is not null;

-- Raises invalid_parameter_value. It names no table, so it works whatever the search path is.
create function refuse_argument(message text, hint text) returns bar_alignment
language plpgsql stable parallel safe as $$
begin
  raise invalid_parameter_value using message = refuse_argument.message, hint = refuse_argument.hint;
end $$;
comment on function refuse_argument is 'The error of a function whose arguments name what is not there.';

-- The alignment that a caller of bar_series, ema_series or indicator_series means: `given`, also as in
-- cmc_ema_multi_tf_u.alignment_source. NULL: the first one that has the timeframe, in the order multi_tf, cal_us, cal_iso,
-- cal_anchor_us, cal_anchor_iso. Whatever an argument names must be there, else the error says what is.
create function series_alignment(asset int, wanted text, given text, length int default null, output text default null)
returns bar_alignment
language sql stable parallel safe
begin atomic
  select case
    when asset is null or wanted is null then null
    when not exists (select from dim_assets a where a.id = asset)
      and not exists (select from cmc_price_bars_1d p where p.id = asset)
      then refuse_argument(format('there is no asset %s', asset), 'select id, symbol from dim_assets')
    when n.name <> all (enum_range(null::bar_alignment)::text[])
      then refuse_argument(
        format('there is no alignment "%s"', given),
        'expected ' || array_to_string(enum_range(null::bar_alignment), ', '))
    when f.alignment is null
      then refuse_argument(
        format('there is no timeframe "%s"%s: there are %s', wanted, ' of ' || n.name, coalesce((
          select string_agg(l.tf, ', ' order by l.tf_days, l.tf) from (
            select distinct t.tf, t.tf_days from dim_timeframe t where n.name is null or t.alignment::text = n.name) l),
          'none')),
        'select alignment, tf from dim_timeframe')
    when length is not null and not exists (select from dim_period p where p.period = length)
      -- A period that was removed has its values until the next run.
      and not exists (select from ema_carry c where c.id = asset and length = any (c.periods))
      then refuse_argument(
        format('there is no period %s: there are %s', length,
          (select string_agg(p.period::text, ', ' order by p.period) from dim_period p)),
        'select period from dim_period')
    when output is not null
      and not exists (select from indicator_carry c where c.id = asset and series_alignment.output = any (c.output))
      then refuse_argument(
        format('asset %s has no indicator "%s": it has %s', asset, output, coalesce((
          select string_agg(distinct o, ', ' order by o) from indicator_carry c cross join unnest(c.output) o
          where c.id = asset), 'none')),
        'barwright indicator list')
    else f.alignment
  end
  from (select regexp_replace(given, '^multi_tf_', '') as name) n
  cross join lateral (
    select coalesce(
      min(t.alignment) filter (where case when n.name is null then t.alignment <> 'v2' else t.alignment::text = n.name end),
      case when upper(wanted) = '1D' and coalesce(n.name, 'multi_tf') = 'multi_tf' then 'multi_tf'::bar_alignment end)
      as alignment
    from dim_timeframe t where t.tf = upper(wanted)) f;
end;
comment on function series_alignment is 'The alignment that is meant by the arguments of a function; an error that names what there is where they name what there is not.';

-- The snapshots of one series from one day to another, both included; NULL: from the first, to the newest. Reads the bars
-- that have days in that range and no others. Without an alignment it is the first one that has this tf, in the order
-- multi_tf, cal_us, cal_iso, cal_anchor_us, cal_anchor_iso. Bars of 1D are closed from the start, and lie in a table of their own.
create function bar_series(id int, tf text, from_day date default null, to_day date default null, alignment text default null)
returns setof price_bars_daily
language sql stable parallel safe
begin atomic
  select b.*
  from (
    select s.id, s.alignment::text as alignment, s.tf, s.tf_days, s.bar_seq, s.bar_anchor_offset, s.time_open, s.time_close,
      s.time_high, s.time_low, s.open, s.high, s.low, s.close, s.volume, s.market_cap, s.time_close as timestamp,
      s.time_close + interval '1 millisecond' as last_ts_half_open, s.count_days as pos_in_bar, s.is_partial_start,
      s.is_partial_end, s.count_days, s.count_days_remaining, s.count_missing_days > 0 as is_missing_days,
      s.count_missing_days, s.count_missing_days_start, 0 as count_missing_days_end, s.count_missing_days_interior,
      s.missing_days_where, s.first_missing_day, s.last_missing_day, s.day
    from price_bar_snapshots s
    where s.id = bar_series.id
      and s.tf = upper(bar_series.tf)
      and s.alignment = (select series_alignment(bar_series.id, bar_series.tf, bar_series.alignment))
      and s.bar_last_day >= coalesce(from_day, '-infinity') and s.day >= coalesce(from_day, '-infinity')
      and s.bar_first_day <= coalesce(to_day, 'infinity') and s.day <= coalesce(to_day, 'infinity')
    union all
    select p.id, 'multi_tf'::text, p.tf, 1, p.bar_seq, null::int, p.time_open, p.time_close, p.time_high, p.time_low, p.open,
      p.high, p.low, p.close, coalesce(p.volume, 0), p.market_cap, p.time_close, p.time_close + interval '1 millisecond', 1,
      false, false, 1, 0, false, 0, 0, 0, 0, null::text, null::date, null::date, (p.timestamp at time zone 'UTC')::date
    from cmc_price_bars_1d p
    where p.id = bar_series.id
      and upper(bar_series.tf) = '1D'
      and (select series_alignment(bar_series.id, bar_series.tf, bar_series.alignment)) = 'multi_tf'
      and p.timestamp >= coalesce(from_day, '-infinity')::timestamp at time zone 'UTC'
      and p.timestamp < coalesce(to_day + 1, 'infinity')::timestamp at time zone 'UTC'
  ) b
  -- Asked before anything is read: a plan that finds no row would not come to it.
  where (select series_alignment(bar_series.id, bar_series.tf, bar_series.alignment)) is not null
  order by b.day;
end;

-- The EMA views as in sql/007 and sql/023, with the day.
do $do$
declare
  grid constant text := $grid$
select
  id, tf, ts, period, tf_days,
  case when <alignment> = 'v2' then mod(row_seq, tf_days) <> 0 else m > 0 end as roll,
  case when <alignment> = 'v2' then mod(row_seq, tf_days) <> 0 else m > 0 end as roll_bar,
  ema,
  case when <alignment> <> 'v2' then d1 when mod(row_seq, tf_days) = 0 then ema - tf_1 end as d1,
  case when <alignment> <> 'v2' then d2 when mod(row_seq, tf_days) = 0 then (ema - tf_1) - (tf_1 - tf_2) end as d2,
  ema - row_1 as d1_roll,
  (ema - row_1) - (row_1 - row_2) as d2_roll,
  ema_bar, d1_bar, d2_bar,
  ema_bar - bar_1 as d1_roll_bar,
  (ema_bar - bar_1) - (bar_1 - bar_2) as d2_roll_bar,
  (select s.last_run_ts from cmc_price_bars_1d_state s where s.id = grid.id) as ingested_at,
  day
from (
  select
    valued.*,
    lag(ema) over w as row_1,
    lag(ema, 2) over w as row_2,
    lag(ema, tf_days) over w as tf_1,
    lag(ema, 2 * tf_days) over w as tf_2,
    lag(ema_bar) over w as bar_1,
    lag(ema_bar, 2) over w as bar_2
  from (
    select
      p.id, p.alignment, p.tf, k.period, t.tf_days, p.bar_seq, d.row_seq, d.m, d.day, d.ts,
      case when d.m = 0 then v.ema_0 else coalesce(power(v.rest, d.m) * (v.ema_0 + d.inflow), d.close) end as ema,
      case when d.m = 0 then v.bar_0 else v.bar_alpha * d.close + (1 - v.bar_alpha) * v.bar_0 end as ema_bar,
      case when d.m = 0 then v.ema_0 - v.ema_1 end as d1,
      case when d.m = 0 then (v.ema_0 - v.ema_1) - (v.ema_1 - v.ema_2) end as d2,
      case when d.m = 0 then v.bar_0 - v.bar_1 end as d1_bar,
      case when d.m = 0 then (v.bar_0 - v.bar_1) - (v.bar_1 - v.bar_2) end as d2_bar
    from (
      select
        id, alignment, tf, bar_seq, day,
        lead(day) over w as next_day,
        ema as ema_0, lag(ema) over w as ema_1, lag(ema, 2) over w as ema_2,
        bar as bar_0, lag(bar) over w as bar_1, lag(bar, 2) over w as bar_2
      from (
        select
          id, alignment, tf, bar_seq, day, ema,
          case when alignment <> 'v2' then coalesce(ema_bar, ema) end as bar
        from ema_points
        where <points>
      ) points
      window w as (partition by id, alignment, tf order by bar_seq)
    ) p
    join ema_carry s on s.id = p.id and s.alignment = p.alignment
    left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = p.tf
    join dim_timeframe t on t.alignment = p.alignment and t.tf = p.tf
    cross join lateral unnest(s.periods) with ordinality as k (period, n)
    cross join lateral (
      select
        p.ema_0[k.n] as ema_0, p.ema_1[k.n] as ema_1, p.ema_2[k.n] as ema_2,
        p.bar_0[k.n] as bar_0, p.bar_1[k.n] as bar_1, p.bar_2[k.n] as bar_2,
        2::double precision / (k.period + 1) as bar_alpha,
        2 / (t.tf_days::double precision * k.period + 1) as day_alpha,
        nullif(1 - 2 / (t.tf_days::double precision * k.period + 1), 0) as rest
      offset 0
    ) v
    cross join lateral (
      select
        day, ts, row_seq, close, m,
        sum(case when m > 0 then v.day_alpha * close * power(v.rest, -m) else 0 end) over (
          order by timestamp rows unbounded preceding) as inflow
      from (
        select
          timestamp, (timestamp at time zone 'UTC')::date as day, time_close as ts, bar_seq as row_seq, close,
          row_number() over (order by timestamp) - 1 as m
        from cmc_price_bars_1d
        where id = p.id
          and timestamp >= p.day::timestamp at time zone 'UTC'
          and timestamp < <end>::timestamp at time zone 'UTC'
      ) days
      offset 0
    ) d
    where p.alignment = <constant> and k.n <= cardinality(p.ema_0) and s.watermark_day is not null
  ) valued
  window w as (partition by id, alignment, tf, period order by bar_seq, row_seq)
) grid
$grid$;
  filled text;
  alignment bar_alignment;
begin
  foreach alignment in array enum_range(null::bar_alignment) loop
    filled := replace(grid, '<constant>', quote_literal(alignment));
    filled := replace(filled, '<alignment>', quote_literal(alignment));
    filled := replace(filled, '<points>', 'true');
    filled := replace(filled, '<end>', 'least(p.next_day, s.watermark_day + 1, l.watermark_day + 1)');
    execute format('create or replace view %I as %s',
      'cmc_ema_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end, filled);
  end loop;

  -- The points begin two before the one that covers the first day. Each of these two is followed by its successor, so
  -- they hold at least two rows, two closing days and, in v2, 2 * tf_days rows: all that differences refer to.
  filled := replace(grid, '<constant>', '(select series_alignment(ema_series.id, ema_series.tf, ema_series.alignment, ema_series.period))');
  filled := replace(filled, '<alignment>', 'alignment');
  filled := replace(filled, '<end>', 'least(p.next_day, s.watermark_day + 1, l.watermark_day + 1, to_day + 1)');
  filled := replace(filled, '<points>', $points$
          (to_day is null or day <= to_day)
          and bar_seq >= coalesce((
            select bar_seq from ema_points
            where id = ema_series.id and tf = upper(ema_series.tf)
              and alignment = (select series_alignment(ema_series.id, ema_series.tf, ema_series.alignment, ema_series.period))
              and day <= from_day
            order by bar_seq desc offset 2 limit 1), 0)$points$);
  -- SET keeps the function from being inlined: so its arguments are constants to the planner also in a lateral join.
  execute format($function$
    create function ema_series(
      id int, tf text, period int, from_day date default null, to_day date default null, alignment text default null)
    returns setof cmc_ema_multi_tf
    language sql stable set jit = off
    begin atomic
      %s
      where (select series_alignment(ema_series.id, ema_series.tf, ema_series.alignment, ema_series.period)) is not null
        and grid.id = ema_series.id
        and grid.tf = upper(ema_series.tf)
        and grid.period = ema_series.period
        and (from_day is null or grid.day >= from_day)
      order by row_seq;
    end $function$, filled);
end $do$;
comment on function ema_series is
  'Daily rows of one EMA series from from_day to to_day (UTC, inclusive; NULL: no bound). alignment: also as in cmc_ema_multi_tf_u.alignment_source; NULL: the first one that has the timeframe.';
drop function ema_alignment(text, text);

create or replace view cmc_ema_multi_tf_u as
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf'::text as alignment_source, ingested_at, day from cmc_ema_multi_tf
union all
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf_v2'::text, ingested_at, day from cmc_ema_multi_tf_v2
union all
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf_cal_us'::text, ingested_at, day from cmc_ema_multi_tf_cal_us
union all
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf_cal_iso'::text, ingested_at, day from cmc_ema_multi_tf_cal_iso
union all
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf_cal_anchor_us'::text, ingested_at, day from cmc_ema_multi_tf_cal_anchor_us
union all
select id, tf, ts, period, tf_days, roll, roll_bar, ema, d1, d2, d1_roll, d2_roll, ema_bar, d1_bar, d2_bar, d1_roll_bar,
  d2_roll_bar, 'multi_tf_cal_anchor_iso'::text, ingested_at, day from cmc_ema_multi_tf_cal_anchor_iso;

create or replace view ema_latest as
select
  s.id, s.alignment, e.tf, k.period, e.ts, e.roll,
  v.ema[e.before + k.n] as ema,
  case
    when e.roll then k.alpha * e.last_close + k.rest * v.ema_bar[e.before + k.n]
    else v.ema_bar[e.before + k.n]
  end as ema_bar,
  e.day
from ema_carry s
cross join lateral (
  select s.ema || '{}'::double precision[] as ema, s.ema_bar || '{}'::double precision[] as ema_bar offset 0) v
cross join lateral (
  select
    u.tf, u.seeded, (sum(u.seeded) over (order by u.n) - u.seeded)::int as before,
    coalesce(l.watermark_day, s.watermark_day) as day, coalesce(l.watermark_ts, s.watermark_ts) as ts, coalesce(l.last_close, s.last_close) as last_close,
    case
      when s.alignment = 'v2'
        then mod(coalesce(l.row_count, s.row_count), substring(u.tf from '^[0-9]+')::int) <> 0
      else u.last_close_day < coalesce(l.watermark_day, s.watermark_day)
    end as roll
  from unnest(s.tf, s.last_close_day, s.seeded) with ordinality u (tf, last_close_day, seeded, n)
  left join unnest(s.lag_tf, s.lag_day, s.lag_ts, s.lag_rows, s.lag_close)
    l (tf, watermark_day, watermark_ts, row_count, last_close) on l.tf = u.tf
  offset 0
) e
cross join lateral (
  select
    p.period, p.n::int as n,
    2::double precision / (p.period + 1) as alpha, 1 - 2::double precision / (p.period + 1) as rest
  from unnest(s.periods) with ordinality as p (period, n)
  where p.n <= e.seeded
  offset 0
) k
-- What waits for its repair is not known to be right.
where s.watermark_day is not null and s.repair_from is null;

create or replace function ema_asof(as_of date)
returns setof ema_latest
language sql stable parallel safe
begin atomic
  select
    s.id, s.alignment, e.tf, k.period, last.time_close,
    case when s.alignment = 'v2' then mod(last.bar_seq, t.tf_days) <> 0 else d.m > 0 end,
    case when d.m = 0 then p.ema[k.n] else power(1 - a.day, d.m) * p.ema[k.n] + d.inflow end,
    case when d.m = 0 then p.bar[k.n] else a.bar * last.close + (1 - a.bar) * p.bar[k.n] end,
    (last.timestamp at time zone 'UTC')::date
  from ema_carry s
  cross join lateral unnest(s.tf) e (tf)
  join dim_timeframe t on t.alignment = s.alignment and t.tf = e.tf
  left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = e.tf
  cross join lateral (
    select timestamp, time_close, close, bar_seq
    from cmc_price_bars_1d
    where id = s.id
      and timestamp < (least(as_of, s.watermark_day, l.watermark_day) + 1)::timestamp at time zone 'UTC'
    order by timestamp desc
    limit 1
  ) last
  cross join lateral (
    select day, ema, case when alignment <> 'v2' then coalesce(ema_bar, ema) end as bar
    from ema_points
    where id = s.id and alignment = s.alignment and tf = e.tf and day <= least(as_of, s.watermark_day, l.watermark_day)
    order by bar_seq desc
    limit 1
  ) p
  cross join lateral unnest(s.periods) with ordinality as k (period, n)
  cross join lateral (
    select 2::double precision / (k.period + 1) as bar, 2 / (t.tf_days::double precision * k.period + 1) as day
  ) a
  cross join lateral (
    select
      count(*) as m,
      sum(a.day * close * power(1 - a.day, last.bar_seq - bar_seq)) as inflow
    from cmc_price_bars_1d
    where id = s.id
      and timestamp >= (p.day + 1)::timestamp at time zone 'UTC'
      and timestamp <= last.timestamp
  ) d
  where k.n <= cardinality(p.ema) and s.watermark_day is not null;
end;

-- Values of one series from one day to another, both included; NULL: from the first, to the newest. Without an alignment
-- it is the first one that has this tf, in the order multi_tf, cal_us, cal_iso, cal_anchor_us, cal_anchor_iso.
create function indicator_series(
  id int, tf text, name text, from_day date default null, to_day date default null, alignment text default null)
returns setof indicators
language sql stable parallel safe
begin atomic
  select i.*
  from indicators i
  where (select series_alignment(
      indicator_series.id, indicator_series.tf, indicator_series.alignment, null, indicator_series.name)) is not null
    and i.id = indicator_series.id
    and i.tf = upper(indicator_series.tf)
    and i.name = indicator_series.name
    and i.alignment = (select series_alignment(
      indicator_series.id, indicator_series.tf, indicator_series.alignment, null, indicator_series.name))
    and (from_day is null or i.day >= from_day)
    and (to_day is null or i.day <= to_day)
  order by i.day;
end;

create or replace view all_emas as
select id, ts, tf, tf_days, period, ema, d1_roll as d1, d2_roll as d2, d1 as d1_close, d2 as d2_close, roll, day
from cmc_ema_multi_tf;

create or replace view cmc_price_with_emas as
select b.id, b.src_name as name, b.time_open as timeopen, b.time_close as timeclose, b.time_high as timehigh,
  b.time_low as timelow, b.timestamp, b.open, b.high, b.low, b.close, b.volume, b.market_cap as marketcap,
  b.src_file as source_file, b.src_load_ts as load_ts, b.time_close as bar_ts,
  e.tf, e.tf_days, e.ts as ema_ts, e.period, e.ema, e.d1, e.d2, e.d1_close, e.d2_close, e.roll,
  (b.timestamp at time zone 'UTC')::date as day
from cmc_price_bars_1d b
left join all_emas e on e.id = b.id and e.ts = b.time_close;

create or replace view cmc_price_bars_1d_rejects as
select r.*, '1D'::text as tf,
  1 + coalesce((
    select b.bar_seq from cmc_price_bars_1d b
    where b.id = r.id and b.timestamp < r.timestamp order by b.timestamp desc limit 1), 0) as bar_seq,
  (r.timestamp at time zone 'UTC')::date as day
from price_rejects r;
