-- Which assets' 21-day EMA crossed their 50-day EMA this month?
--
-- A cross is a day on which the sign of the difference is another one than on the day before. So the series begins one
-- day early.
with days as (
  select a.symbol, fast.day, fast.ema > slow.ema as is_above,
    lag(fast.ema > slow.ema) over (partition by a.id order by fast.ts) as was_above
  from dim_assets a
  cross join lateral ema_series(a.id, '1D', 21, '2025-11-30', '2025-12-31') fast
  join lateral ema_series(a.id, '1D', 50, '2025-11-30', '2025-12-31') slow on slow.ts = fast.ts
  where a.active
)
select day, symbol, case when is_above then 'up' else 'down' end as crossed
from days
where is_above <> was_above
order by day, symbol;

-- Output:
--     day     |  symbol  | crossed
-- ------------+----------+---------
--  2025-12-07 | SAMPLE-D | up
--  2025-12-15 | SAMPLE-H | up
--  2025-12-18 | SAMPLE-B | up
--  2025-12-24 | SAMPLE-G | down
--  2025-12-26 | SAMPLE-C | down
--  2025-12-30 | SAMPLE-F | down
-- (6 rows)
