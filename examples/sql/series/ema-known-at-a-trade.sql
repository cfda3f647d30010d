-- Which EMA was known when a trade was made?
--
-- A day's value is known at its close. So a trade at 14:00 sees the day before, and one at midnight the day that has
-- just ended: the newest row whose time is before that of the trade. This keeps a backtest from looking ahead.
with trades (made_at, price) as (
  values (timestamptz '2025-12-10 14:00Z', 14200.0), ('2025-12-11 00:00Z', 13000.0), ('2025-12-30 09:30Z', 14500.0)
)
select t.made_at, t.price, e.day as ema_of, round(e.ema::numeric, 2) as ema_21
from trades t
cross join lateral (
  select s.day, s.ema
  from ema_series(900001, '1D', 21, (t.made_at at time zone 'UTC')::date - 7, (t.made_at at time zone 'UTC')::date) s
  where s.ts < t.made_at
  order by s.ts desc
  limit 1
) e
order by t.made_at;

-- Output:
--         made_at         |  price  |   ema_of   |  ema_21
-- ------------------------+---------+------------+----------
--  2025-12-10 14:00:00+00 | 14200.0 | 2025-12-09 | 14364.36
--  2025-12-11 00:00:00+00 | 13000.0 | 2025-12-10 | 14238.45
--  2025-12-30 09:30:00+00 | 14500.0 | 2025-12-29 | 14177.32
-- (3 rows)
