-- The EMA views once more, in one text with emas_between, which computes fewer rows that it does not show.

-- One text makes the view of each alignment, with the alignment as a constant, and emas_between, which reads only the points
-- that a range of days needs; the words in angle brackets are filled in at the end. Read it from the inside:
--   points  ema and ema_bar of the closing days of one series;
--   p       a point with its two predecessors and its successor;
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
-- OFFSET 0 keeps the planner from turning the joins around and walking the whole 1D series or, for each asset, all
-- states. The states come first and everything else follows for one series of them: so filters, joins and subqueries on id, alignment and tf choose the series
-- that are computed. The period is a column of the PARTITION BY: a filter on it chooses the values that are computed. In
-- a view a filter on the day reaches nothing. That is what emas_between is for.
-- creates: emas_between
do $do$
declare
  grid constant text := $grid$
select
  s.id, e.tf, g.ts, g.period, t.tf_days,
  case when <is_v2> then mod(g.row_seq, t.tf_days) <> 0 else g.m > 0 end as roll,
  case when <is_v2> then mod(g.row_seq, t.tf_days) <> 0 else g.m > 0 end as roll_bar,
  g.ema,
  case when not <is_v2> then g.d1 when mod(g.row_seq, t.tf_days) = 0 then g.ema - g.tf_1 end as d1,
  case when not <is_v2> then g.d2 when mod(g.row_seq, t.tf_days) = 0 then (g.ema - g.tf_1) - (g.tf_1 - g.tf_2) end as d2,
  g.ema - g.row_1 as d1_roll,
  (g.ema - g.row_1) - (g.row_1 - g.row_2) as d2_roll,
  g.ema_bar, g.d1_bar, g.d2_bar,
  g.ema_bar - g.bar_1 as d1_roll_bar,
  (g.ema_bar - g.bar_1) - (g.bar_1 - g.bar_2) as d2_roll_bar,
  <source>
  r.last_run_ts as ingested_at,
  g.day
from ema_carry s
left join lateral (select last_run_ts from cmc_price_bars_1d_state where id = s.id offset 0) r on true
<shown>cross join lateral unnest(s.tf) e (tf)
join dim_timeframe t on t.alignment = s.alignment and t.tf = e.tf
left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = e.tf
cross join lateral (
  select
    valued.*,
    lag(ema) over w as row_1,
    lag(ema, 2) over w as row_2,
    lag(ema, <closes_1>) over w as tf_1,
    lag(ema, <closes_2>) over w as tf_2,
    lag(ema_bar) over w as bar_1,
    lag(ema_bar, 2) over w as bar_2
  from (
    select
      k.period, d.row_seq, d.m, d.day, d.ts,
      case when d.m = 0 then v.ema_0 else coalesce(power(v.rest, d.m) * (v.ema_0 + d.inflow), d.close) end as ema,
      case when d.m = 0 then v.bar_0 else v.bar_alpha * d.close + (1 - v.bar_alpha) * v.bar_0 end as ema_bar,
      case when d.m = 0 then v.ema_0 - v.ema_1 end as d1,
      case when d.m = 0 then (v.ema_0 - v.ema_1) - (v.ema_1 - v.ema_2) end as d2,
      case when d.m = 0 then v.bar_0 - v.bar_1 end as d1_bar,
      case when d.m = 0 then (v.bar_0 - v.bar_1) - (v.bar_1 - v.bar_2) end as d2_bar
    from (
      select
        bar_seq, day,
        lead(day) over w as next_day, lead(bar_seq) over w as next_seq,
        ema as ema_0, lag(ema) over w as ema_1, lag(ema, 2) over w as ema_2,
        bar as bar_0, lag(bar) over w as bar_1, lag(bar, 2) over w as bar_2
      from (
        select
          bar_seq, day, ema,
          case when not <is_v2> then coalesce(ema_bar, ema) end as bar
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
          and timestamp < least(<next>, s.watermark_day + 1, l.watermark_day + 1<end>)::timestamp at time zone 'UTC'
      ) days
      offset 0
    ) d
    where k.n <= cardinality(p.ema_0)<rows>
  ) valued
  window w as (partition by period order by row_seq)
) g
where s.watermark_day is not null and <where>
$grid$;
  filled text;
  alignment bar_alignment;
begin
  foreach alignment in array enum_range(null::bar_alignment) loop
    filled := replace(grid, '<is_v2>', (alignment = 'v2')::text);
    filled := replace(filled, '<source>', '');
    filled := replace(filled, '<shown>', '');
    filled := replace(filled, '<points>', 'true');
    filled := replace(filled, '<next>', 'p.next_day');
    filled := replace(filled, '<end>', '');
    filled := replace(filled, '<rows>', '');
    filled := replace(filled, '<closes_1>', 't.tf_days');
    filled := replace(filled, '<closes_2>', '2 * t.tf_days');
    filled := replace(filled, '<where>', 's.alignment = ' || quote_literal(alignment));
    execute format('create or replace view %I as %s',
      'cmc_ema_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end, filled);
  end loop;

  -- A row shows differences to the two rows before it, so rows are kept from the second one before from_day on: c is its
  -- day and its number. A closing day shows differences to the two closing days before it. These are points, which need
  -- no rows. In v2 they are rows, so closing days are kept as well, and a point is read that is not after the earlier one.
  -- Then closing days are fewer rows apart: each is one row before c, and so many as there are days after it. A lag by NULL
  -- rows costs nothing: only closing days of v2 look so far back.
  filled := replace(grid, '<is_v2>', $$s.alignment = 'v2'$$);
  filled := replace(filled, '<source>', $source$
  case when s.alignment = 'multi_tf' then 'multi_tf' else 'multi_tf_' || s.alignment::text end as alignment_source,$source$);
  filled := replace(filled, '<shown>', $shown$left join lateral (
  select (timestamp at time zone 'UTC')::date as day, bar_seq as row_seq from cmc_price_bars_1d
  where id = s.id and timestamp < from_day::timestamp at time zone 'UTC'
  order by timestamp desc offset 1 limit 1
) c on true
$shown$);
  filled := replace(filled, '<points>', $points$
          (to_day is null or day <= to_day)
          and bar_seq >= coalesce((
            select max(bar_seq) from ema_points
            where id = s.id and alignment = s.alignment and tf = e.tf and bar_seq <= -2 + (
              select bar_seq from ema_points
              where id = s.id and alignment = s.alignment and tf = e.tf and day <= from_day
              order by bar_seq desc limit 1)), 0)$points$);
  filled := replace(filled, '<next>',
    'case when p.next_day <= c.day and p.next_seq = p.bar_seq + 1 then p.day + 1 else p.next_day end');
  filled := replace(filled, '<end>', ', to_day + 1');
  filled := replace(filled, '<rows>', $rows$
      and case when s.alignment = 'v2' then mod(d.row_seq, t.tf_days) = 0 or coalesce(d.day >= c.day, true)
        else coalesce(p.next_day > c.day, true) and coalesce(d.day >= c.day, true) end$rows$);
  filled := replace(filled, '<closes_1>', $closes$
      case when s.alignment <> 'v2' or mod(row_seq, t.tf_days) <> 0 then null
        when c.row_seq is null or row_seq - t.tf_days >= c.row_seq then t.tf_days
        else row_seq - c.row_seq + 1 end$closes$);
  filled := replace(filled, '<closes_2>', $closes$
      case when s.alignment <> 'v2' or mod(row_seq, t.tf_days) <> 0 then null
        when c.row_seq is null or row_seq - 2 * t.tf_days >= c.row_seq then 2 * t.tf_days
        when row_seq - t.tf_days >= c.row_seq then row_seq - c.row_seq + 1
        else row_seq - c.row_seq + 2 end$closes$);
  filled := replace(filled, '<where>', '(from_day is null or g.day >= from_day)');
  execute format($function$
    create or replace function emas_between(from_day date, to_day date default null) returns setof cmc_ema_multi_tf_u
    language sql stable parallel safe
    begin atomic
      %s;
    end $function$, filled);
end $do$;
