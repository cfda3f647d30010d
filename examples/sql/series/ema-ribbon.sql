-- A ribbon: several periods of one timeframe as columns, a row for each day
select e.day, round(max(e.ema) filter (where p.period = 10)::numeric, 2) as ema_10,
  round(max(e.ema) filter (where p.period = 20)::numeric, 2) as ema_20,
  round(max(e.ema) filter (where p.period = 50)::numeric, 2) as ema_50,
  round(max(e.ema) filter (where p.period = 100)::numeric, 2) as ema_100
from dim_period p
cross join lateral ema_series(900002, '1D', p.period, '2025-12-26', '2025-12-31') e
where p.period in (10, 20, 50, 100)
group by e.day
order by day;

-- Output:
--     day     | ema_10 | ema_20 | ema_50 | ema_100
-- ------------+--------+--------+--------+---------
--  2025-12-26 |  56.72 |  54.32 |  51.40 |   50.34
--  2025-12-27 |  56.73 |  54.55 |  51.61 |   50.47
--  2025-12-28 |  57.19 |  55.00 |  51.91 |   50.64
--  2025-12-29 |  57.35 |  55.29 |  52.16 |   50.79
--  2025-12-30 |  58.05 |  55.86 |  52.51 |   51.00
--  2025-12-31 |  58.45 |  56.28 |  52.82 |   51.18
-- (6 rows)
