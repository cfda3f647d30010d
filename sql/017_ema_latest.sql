-- The same rows as before, sooner: what is true of a whole series (where it stands, whether it rolls) is worked out once
-- for the series, and what is true of a period once for all series that have the same ones. OFFSET 0 keeps the planner
-- from moving either into every row; ids and timeframes asked for still reach the tables, since these stand outside.

create or replace view ema_latest as
select
  s.id, s.alignment, e.tf, k.period, w.ts, w.roll,
  w.ema[k.n] as ema,
  case
    when w.roll then k.alpha * w.last_close + k.rest * w.ema_bar[k.n]
    else w.ema_bar[k.n]
  end as ema_bar
from ema_asset_state s
join ema_state e on e.id = s.id and e.alignment = s.alignment
left join ema_series_lag l on l.id = e.id and l.alignment = e.alignment and l.tf = e.tf
cross join lateral (
  select
    s.periods, cardinality(e.ema) as seeded, e.ema, e.ema_bar,
    coalesce(l.watermark_ts, s.watermark_ts) as ts, coalesce(l.last_close, s.last_close) as last_close,
    case
      when s.alignment = 'v2'
        then mod(coalesce(l.row_count, s.row_count), substring(e.tf from '^[0-9]+')::int) <> 0
      else e.last_close_day < coalesce(l.watermark_day, s.watermark_day)
    end as roll
  offset 0
) w
cross join lateral (
  select
    u.period, u.n::int as n,
    2::double precision / (u.period + 1) as alpha, 1 - 2::double precision / (u.period + 1) as rest
  from unnest(w.periods) with ordinality as u (period, n)
  where u.n <= w.seeded
  offset 0
) k
-- What waits for its repair is not known to be right.
where s.repair_from is null;
