-- Where did the weekly EMA turn, from falling to rising or back?
--
-- `d1_bar` is the change of `ema_bar` from closing day to closing day. `not roll` leaves the closing days only.
with weeks as (
  select a.symbol, e.day as closed, e.d1_bar,
    lag(e.d1_bar) over (partition by a.id order by e.ts) as before
  from dim_assets a
  cross join lateral ema_series(a.id, '1W_CAL_ISO', 10, '2025-11-30', '2025-12-31') e
  where a.active and not e.roll
)
select closed, symbol, case when d1_bar > 0 then 'rising' else 'falling' end as turned
from weeks
where sign(d1_bar) <> sign(before)
order by closed, symbol;

-- Output:
--    closed   |  symbol  | turned
-- ------------+----------+---------
--  2025-12-07 | SAMPLE-D | rising
--  2025-12-07 | SAMPLE-G | falling
--  2025-12-14 | SAMPLE-G | rising
--  2025-12-14 | SAMPLE-H | rising
--  2025-12-21 | SAMPLE-B | rising
--  2025-12-21 | SAMPLE-G | falling
--  2025-12-28 | SAMPLE-C | falling
--  2025-12-28 | SAMPLE-F | falling
-- (8 rows)
