-- The daily EMA grid, derived from the points of closing days (v2: of checkpoints) and the 1D closes. Nothing here is
-- stored, and nothing is shown beyond ema_asset_state.watermark_day (or a series' own, lower one in ema_series_lag):
-- between the bars' commit and the EMAs' the views
-- may be shorter than the bars, never a mixture.

-- The alignment that a caller of ema_series means: `given`, also as in cmc_ema_multi_tf_u.alignment_source. NULL: the one
-- that the timeframe's name tells; multi_tf for days, the us one for months and years (those of iso are the same).
create function ema_alignment(tf text, given text) returns bar_alignment
language sql stable parallel safe
begin atomic
  select coalesce(
    regexp_replace(given, '^multi_tf_', ''),
    case
      when tf like '%ANCHOR_ISO' then 'cal_anchor_iso'
      when tf like '%ANCHOR%' then 'cal_anchor_us'
      when tf like '%CAL_ISO' then 'cal_iso'
      when tf like '%CAL%' then 'cal_us'
      else 'multi_tf'
    end)::bar_alignment;
end;

-- One text makes the view of each alignment, with the alignment as a constant, and the function ema_series, which reads
-- only the points that a range of days needs; the words in angle brackets are filled in at the end. Read it from the
-- inside:
--   points  ema and ema_bar of the closing days;
--   p       a point with its two predecessors and the day of its successor;
--   v       the values of one period and its weights;
--   d       the 1D days from the point up to its successor or the watermark: m is how many days after the point. The
--           recursion ema = a * close + (1 - a) * ema written out is, after m steps,
--           (1 - a)^m * (ema_0 + sum over j = 1..m of a * close_j * (1 - a)^-j), and inflow is that sum. Every term is
--           positive, so nothing cancels; m never exceeds the length of a bar, so nothing overflows. Where 1 - a is 0
--           (period 1 of 1D) the sum is NULL, and ema is the close;
--   valued  the values, and differences from the point's predecessors. m = 0 is the point's own day, shown bit for bit
--           as stored;
--   grid    differences to earlier rows. v2 has points at checkpoints only: its closing days are the rows whose number
--           is divisible by tf_days, so the closing day before is tf_days rows back.
-- OFFSET 0 keeps the planner from turning the joins around and walking the whole 1D series. id, tf and period stand in
-- every PARTITION BY, so constant filters on them reach the keys of the tables; a filter through a join or on time does
-- not: that is what ema_series and ema_asof are for.
-- creates: cmc_ema_multi_tf, cmc_ema_multi_tf_cal_us, cmc_ema_multi_tf_cal_iso, cmc_ema_multi_tf_cal_anchor_us,
-- creates: cmc_ema_multi_tf_cal_anchor_iso, cmc_ema_multi_tf_v2
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
  (ema_bar - bar_1) - (bar_1 - bar_2) as d2_roll_bar
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
    join ema_asset_state s on s.id = p.id and s.alignment = p.alignment
    left join ema_series_lag l on l.id = p.id and l.alignment = p.alignment and l.tf = p.tf
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
    where p.alignment = <constant> and k.n <= cardinality(p.ema_0)
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
    execute format('create view %I as %s',
      'cmc_ema_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end, filled);
  end loop;

  -- The points begin two before the one that covers the first day. Each of these two is followed by its successor, so
  -- they hold at least two rows, two closing days and, in v2, 2 * tf_days rows: all that differences refer to.
  filled := replace(grid, '<constant>', 'ema_alignment(ema_series.tf, ema_series.alignment)');
  filled := replace(filled, '<alignment>', 'alignment');
  filled := replace(filled, '<end>', 'least(p.next_day, s.watermark_day + 1, l.watermark_day + 1, to_day + 1)');
  filled := replace(filled, '<points>', $points$
          (to_day is null or day <= to_day)
          and bar_seq >= coalesce((
            select bar_seq from ema_points
            where id = ema_series.id and alignment = ema_alignment(ema_series.tf, ema_series.alignment)
              and tf = ema_series.tf and day <= from_day
            order by bar_seq desc offset 2 limit 1), 0)$points$);
  -- SET keeps the function from being inlined: so its arguments are constants to the planner also in a lateral join.
  execute format($function$
    create function ema_series(
      id int, tf text, period int, from_day date default null, to_day date default null, alignment text default null)
    returns setof cmc_ema_multi_tf
    language sql stable set jit = off
    begin atomic
      %s
      where grid.id = ema_series.id
        and grid.tf = ema_series.tf
        and grid.period = ema_series.period
        and (from_day is null or grid.day >= from_day)
      order by row_seq;
    end $function$, filled);
end $do$;

comment on function ema_series is
  'Daily rows of one EMA series from from_day to to_day (UTC, inclusive; NULL: no bound). alignment: also as in cmc_ema_multi_tf_u.alignment_source; NULL: the one that the timeframe''s name tells, multi_tf for days.';

create view cmc_ema_multi_tf_u as
select v.*, 'multi_tf'::text as alignment_source from cmc_ema_multi_tf v
union all
select v.*, 'multi_tf_v2'::text from cmc_ema_multi_tf_v2 v
union all
select v.*, 'multi_tf_cal_us'::text from cmc_ema_multi_tf_cal_us v
union all
select v.*, 'multi_tf_cal_iso'::text from cmc_ema_multi_tf_cal_iso v
union all
select v.*, 'multi_tf_cal_anchor_us'::text from cmc_ema_multi_tf_cal_anchor_us v
union all
select v.*, 'multi_tf_cal_anchor_iso'::text from cmc_ema_multi_tf_cal_anchor_iso v;
comment on view cmc_ema_multi_tf_u is 'All EMA views in one. With a constant alignment_source only that one is read.';

-- The newest value of everything, from the states alone.
create view ema_latest as
select
  s.id, s.alignment, e.tf, k.period, w.ts, r.roll,
  e.ema[k.n] as ema,
  case
    when r.roll then a.bar * w.last_close + (1 - a.bar) * e.ema_bar[k.n]
    else e.ema_bar[k.n]
  end as ema_bar
from ema_asset_state s
join ema_state e on e.id = s.id and e.alignment = s.alignment
left join ema_series_lag l on l.id = e.id and l.alignment = e.alignment and l.tf = e.tf
cross join lateral (
  select
    coalesce(l.watermark_day, s.watermark_day) as day, coalesce(l.watermark_ts, s.watermark_ts) as ts,
    coalesce(l.row_count, s.row_count) as row_count, coalesce(l.last_close, s.last_close) as last_close
) w
cross join lateral (
  select case
    when s.alignment = 'v2' then mod(w.row_count, substring(e.tf from '^[0-9]+')::int) <> 0
    else e.last_close_day < w.day
  end as roll
) r
cross join lateral unnest(s.periods) with ordinality as k (period, n)
cross join lateral (select 2::double precision / (k.period + 1) as bar) a
-- What waits for its repair is not known to be right.
where k.n <= cardinality(e.ema) and s.repair_from is null;
comment on view ema_latest is 'EMAs of the newest day: one row per asset, alignment, timeframe and period that has a value.';

-- From a series' last point up to the day the recursion is summed backwards from the day, so only positive powers occur.
create function ema_asof(as_of date)
returns setof ema_latest
language sql stable parallel safe
begin atomic
  select
    s.id, s.alignment, e.tf, k.period, last.time_close,
    case when s.alignment = 'v2' then mod(last.bar_seq, t.tf_days) <> 0 else d.m > 0 end,
    case when d.m = 0 then p.ema[k.n] else power(1 - a.day, d.m) * p.ema[k.n] + d.inflow end,
    case when d.m = 0 then p.bar[k.n] else a.bar * last.close + (1 - a.bar) * p.bar[k.n] end
  from ema_asset_state s
  join ema_state e on e.id = s.id and e.alignment = s.alignment
  join dim_timeframe t on t.alignment = e.alignment and t.tf = e.tf
  left join ema_series_lag l on l.id = e.id and l.alignment = e.alignment and l.tf = e.tf
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
    where id = e.id and alignment = e.alignment and tf = e.tf and day <= least(as_of, s.watermark_day, l.watermark_day)
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
  where k.n <= cardinality(p.ema);
end;
comment on function ema_asof is
  'EMAs as of a day (UTC): for each asset the values that the views have on its newest day up to then.';

create view ema_alpha_lookup as
select distinct
  t.tf, p.period, t.tf_days as tf_days_nominal,
  2::double precision / (p.period + 1) as alpha_bar,
  2 / (t.tf_days::double precision * p.period + 1) as alpha_ema_dailyspace
from dim_timeframe t
cross join dim_period p;
comment on view ema_alpha_lookup is 'Weights of the newest bar and of the newest day, by timeframe and period.';
