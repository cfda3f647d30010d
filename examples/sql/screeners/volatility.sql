-- How volatile was each asset in December, scaled to a year?
--
-- The standard deviation of the log returns of days, times the square root of 365.
with returns as (
  select id, timestamp, ln(close / lag(close) over (partition by id order by timestamp)) as log_return
  from cmc_price_bars_1d
  where timestamp >= '2025-12-01Z' and timestamp < '2026-01-01Z'
)
select a.symbol, count(r.log_return) as days,
  round((100 * stddev_samp(r.log_return) * sqrt(365))::numeric, 1) as volatility_percent
from returns r
join dim_assets a on a.id = r.id
group by a.symbol
order by volatility_percent desc;

-- Output:
--   symbol  | days | volatility_percent
-- ----------+------+--------------------
--  SAMPLE-G |   30 |              111.9
--  SAMPLE-H |   30 |               94.9
--  SAMPLE-C |   30 |               91.1
--  SAMPLE-B |   30 |               88.6
--  SAMPLE-F |   30 |               79.0
--  SAMPLE-E |   30 |               73.0
--  SAMPLE-A |   30 |               64.2
--  SAMPLE-D |   30 |                1.5
-- (8 rows)
