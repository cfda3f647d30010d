-- Which assets rose most in 90 days, and how much in 30 and 365?
--
-- Days of the calendar are counted, not bars: an asset with a gap has fewer bars than days.
with closes as (
  select id, close, date '2025-12-31' - (timestamp at time zone 'UTC')::date as age
  from cmc_price_bars_1d
  where timestamp >= '2024-12-31Z' and timestamp < '2026-01-01Z'
), then_and_now as (
  select id, max(close) filter (where age = 0) as now, max(close) filter (where age = 30) as ago_30,
    max(close) filter (where age = 90) as ago_90, max(close) filter (where age = 365) as ago_365
  from closes
  group by id
)
select a.symbol, round((100 * (now / ago_30 - 1))::numeric, 1) as days_30,
  round((100 * (now / ago_90 - 1))::numeric, 1) as days_90,
  round((100 * (now / ago_365 - 1))::numeric, 1) as days_365
from then_and_now t
join dim_assets a on a.id = t.id
order by now / ago_90 desc;

-- Output:
--   symbol  | days_30 | days_90 | days_365
-- ----------+---------+---------+----------
--  SAMPLE-E |    34.2 |    47.3 |    277.4
--  SAMPLE-F |   -21.0 |    37.4 |    239.2
--  SAMPLE-C |   -12.5 |    20.0 |    -29.3
--  SAMPLE-B |    29.0 |    11.2 |    -36.7
--  SAMPLE-D |     0.8 |     0.3 |     -1.4
--  SAMPLE-G |   -16.6 |    -3.3 |    -30.4
--  SAMPLE-H |    41.9 |   -13.1 |    -64.1
--  SAMPLE-A |     0.8 |   -36.1 |    -19.0
-- (8 rows)
