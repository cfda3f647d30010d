-- The EMA views once more, so that joins and subqueries on id reach the keys of the tables, and two functions that read a
-- range of days of every series: bars_between and emas_between. ema_series selects from the second.

drop function ema_series(int, text, int, date, date, text);

-- Bars as of each day from one to another, both included; NULL: from the first, to the newest. Reads the bars that have days
-- in that range and no others. It is inlined: filters and joins on id, tf and alignment reach the keys.
create function bars_between(from_day date, to_day date default null) returns setof price_bars_daily
language sql stable parallel safe
begin atomic
  select s.id, s.alignment::text as alignment, s.tf, s.tf_days, s.bar_seq, s.bar_anchor_offset, s.time_open, s.time_close,
    s.time_high, s.time_low, s.open, s.high, s.low, s.close, s.volume, s.market_cap, s.time_close as timestamp,
    s.time_close + interval '1 millisecond' as last_ts_half_open, s.count_days as pos_in_bar, s.is_partial_start,
    s.is_partial_end, s.count_days, s.count_days_remaining, s.count_missing_days > 0 as is_missing_days,
    s.count_missing_days, s.count_missing_days_start, 0 as count_missing_days_end, s.count_missing_days_interior,
    s.missing_days_where, s.first_missing_day, s.last_missing_day, s.day
  from price_bar_snapshots s
  where s.bar_last_day >= coalesce(from_day, '-infinity') and s.day >= coalesce(from_day, '-infinity')
    and s.bar_first_day <= coalesce(to_day, 'infinity') and s.day <= coalesce(to_day, 'infinity');
end;
comment on function bars_between is
  'Bars of every series but 1D as of each day from from_day to to_day (UTC, inclusive; NULL: no bound). Filter by id, tf and alignment.';

-- One text makes the view of each alignment, with the alignment as a constant, and emas_between, which reads only the points
-- that a range of days needs; the words in angle brackets are filled in at the end. Read it from the inside:
--   points  ema and ema_bar of the closing days of one series;
--   p       a point with its two predecessors and the day of its successor;
--   v       the values of one period and its weights;
--   d       the 1D days from the point up to its successor or the watermark: m is how many days after the point. The
--           recursion ema = a * close + (1 - a) * ema written out is, after m steps,
--           (1 - a)^m * (ema_0 + sum over j = 1..m of a * close_j * (1 - a)^-j), and inflow is that sum. Every term is
--           positive, so nothing cancels; m never exceeds the length of a bar, so nothing overflows. Where 1 - a is 0
--           (period 1 of 1D) the sum is NULL, and ema is the close;
--   valued  the values, and differences from the point's predecessors. m = 0 is the point's own day, shown bit for bit
--           as stored;
--   g       differences to earlier rows. v2 has points at checkpoints only: its closing days are the rows whose number
--           is divisible by tf_days, so the closing day before is tf_days rows back.
-- OFFSET 0 keeps the planner from turning the joins around and walking the whole 1D series. The states come first and
-- everything else follows for one series of them: so filters, joins and subqueries on id, alignment and tf choose the series
-- that are computed. The period is a column of the PARTITION BY: a filter on it chooses the values that are computed. In
-- a view a filter on the day reaches nothing. That is what emas_between is for.
-- creates: emas_between
do $do$
declare
  grid constant text := $grid$
select
  s.id, e.tf, g.ts, g.period, t.tf_days,
  case when <alignment> = 'v2' then mod(g.row_seq, t.tf_days) <> 0 else g.m > 0 end as roll,
  case when <alignment> = 'v2' then mod(g.row_seq, t.tf_days) <> 0 else g.m > 0 end as roll_bar,
  g.ema,
  case when <alignment> <> 'v2' then g.d1 when mod(g.row_seq, t.tf_days) = 0 then g.ema - g.tf_1 end as d1,
  case when <alignment> <> 'v2' then g.d2 when mod(g.row_seq, t.tf_days) = 0 then (g.ema - g.tf_1) - (g.tf_1 - g.tf_2) end as d2,
  g.ema - g.row_1 as d1_roll,
  (g.ema - g.row_1) - (g.row_1 - g.row_2) as d2_roll,
  g.ema_bar, g.d1_bar, g.d2_bar,
  g.ema_bar - g.bar_1 as d1_roll_bar,
  (g.ema_bar - g.bar_1) - (g.bar_1 - g.bar_2) as d2_roll_bar,
  <source>
  r.last_run_ts as ingested_at,
  g.day
from ema_carry s
left join cmc_price_bars_1d_state r on r.id = s.id
cross join lateral unnest(s.tf) e (tf)
join dim_timeframe t on t.alignment = s.alignment and t.tf = e.tf
left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = e.tf
cross join lateral (
  select
    valued.*,
    lag(ema) over w as row_1,
    lag(ema, 2) over w as row_2,
    lag(ema, t.tf_days) over w as tf_1,
    lag(ema, 2 * t.tf_days) over w as tf_2,
    lag(ema_bar) over w as bar_1,
    lag(ema_bar, 2) over w as bar_2
  from (
    select
      k.period, p.bar_seq, d.row_seq, d.m, d.day, d.ts,
      case when d.m = 0 then v.ema_0 else coalesce(power(v.rest, d.m) * (v.ema_0 + d.inflow), d.close) end as ema,
      case when d.m = 0 then v.bar_0 else v.bar_alpha * d.close + (1 - v.bar_alpha) * v.bar_0 end as ema_bar,
      case when d.m = 0 then v.ema_0 - v.ema_1 end as d1,
      case when d.m = 0 then (v.ema_0 - v.ema_1) - (v.ema_1 - v.ema_2) end as d2,
      case when d.m = 0 then v.bar_0 - v.bar_1 end as d1_bar,
      case when d.m = 0 then (v.bar_0 - v.bar_1) - (v.bar_1 - v.bar_2) end as d2_bar
    from (
      select
        bar_seq, day,
        lead(day) over w as next_day,
        ema as ema_0, lag(ema) over w as ema_1, lag(ema, 2) over w as ema_2,
        bar as bar_0, lag(bar) over w as bar_1, lag(bar, 2) over w as bar_2
      from (
        select
          bar_seq, day, ema,
          case when <alignment> <> 'v2' then coalesce(ema_bar, ema) end as bar
        from ema_points
        where id = s.id and alignment = s.alignment and tf = e.tf and <points>
      ) points
      window w as (order by bar_seq)
    ) p
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
        where id = s.id
          and timestamp >= p.day::timestamp at time zone 'UTC'
          and timestamp < least(p.next_day, s.watermark_day + 1, l.watermark_day + 1<end>)::timestamp at time zone 'UTC'
      ) days
      offset 0
    ) d
    where k.n <= cardinality(p.ema_0)
  ) valued
  window w as (partition by period order by bar_seq, row_seq)
) g
where s.watermark_day is not null and <where>
$grid$;
  filled text;
  alignment bar_alignment;
begin
  foreach alignment in array enum_range(null::bar_alignment) loop
    filled := replace(grid, '<alignment>', quote_literal(alignment));
    filled := replace(filled, '<source>', '');
    filled := replace(filled, '<points>', 'true');
    filled := replace(filled, '<end>', '');
    filled := replace(filled, '<where>', 's.alignment = ' || quote_literal(alignment));
    execute format('create or replace view %I as %s',
      'cmc_ema_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end, filled);
  end loop;

  -- The points begin two before the one that covers the first day. Each of these two is followed by its successor, so
  -- they hold at least two rows, two closing days and, in v2, 2 * tf_days rows: all that differences refer to.
  filled := replace(grid, '<alignment>', 's.alignment');
  filled := replace(filled, '<source>', $source$
  case when s.alignment = 'multi_tf' then 'multi_tf' else 'multi_tf_' || s.alignment::text end as alignment_source,$source$);
  filled := replace(filled, '<points>', $points$
          (to_day is null or day <= to_day)
          and bar_seq >= coalesce((
            select bar_seq from ema_points
            where id = s.id and alignment = s.alignment and tf = e.tf and day <= from_day
            order by bar_seq desc offset 2 limit 1), 0)$points$);
  filled := replace(filled, '<end>', ', to_day + 1');
  filled := replace(filled, '<where>', '(from_day is null or g.day >= from_day)');
  execute format($function$
    create function emas_between(from_day date, to_day date default null) returns setof cmc_ema_multi_tf_u
    language sql stable parallel safe
    begin atomic
      %s;
    end $function$, filled);
end $do$;
comment on function emas_between is
  'Daily rows of every EMA series from from_day to to_day (UTC, inclusive; NULL: no bound). Filter by id, tf, period and alignment_source.';

-- SET keeps the function from being inlined: so its arguments are constants to the planner also in a lateral join.
create function ema_series(
  id int, tf text, period int, from_day date default null, to_day date default null, alignment text default null)
returns setof cmc_ema_multi_tf
language sql stable set jit = off
begin atomic
  select e.id, e.tf, e.ts, e.period, e.tf_days, e.roll, e.roll_bar, e.ema, e.d1, e.d2, e.d1_roll, e.d2_roll, e.ema_bar,
    e.d1_bar, e.d2_bar, e.d1_roll_bar, e.d2_roll_bar, e.ingested_at, e.day
  from emas_between(from_day, to_day) e
  where (select series_alignment(ema_series.id, ema_series.tf, ema_series.alignment, ema_series.period)) is not null
    and e.id = ema_series.id
    and e.tf = upper(ema_series.tf)
    and e.period = ema_series.period
    and e.alignment_source = (
      select case when a.alignment = 'multi_tf' then 'multi_tf' else 'multi_tf_' || a.alignment::text end
      from series_alignment(ema_series.id, ema_series.tf, ema_series.alignment, ema_series.period) a (alignment))
  order by e.day;
end;
comment on function ema_series is
  'Daily rows of one EMA series from from_day to to_day (UTC, inclusive; NULL: no bound). alignment: also as in cmc_ema_multi_tf_u.alignment_source; NULL: the first one that has the timeframe.';
