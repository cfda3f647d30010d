-- Which assets are near their high of the year, and when was it?
with highs as (
  select distinct on (id) id, high, (time_high at time zone 'UTC')::date as high_day
  from cmc_price_bars_1d
  where timestamp >= '2025-01-01Z' and timestamp < '2026-01-01Z'
  order by id, high desc, timestamp
)
select a.symbol, h.high_day, round((100 * (b.close / h.high - 1))::numeric, 1) as percent_from_high
from highs h
join dim_assets a on a.id = h.id
join cmc_price_bars_1d b on b.id = h.id and b.timestamp = '2025-12-31 23:59:59.999Z'
order by percent_from_high desc;

-- Output:
--   symbol  |  high_day  | percent_from_high
-- ----------+------------+-------------------
--  SAMPLE-D | 2025-01-17 |              -1.7
--  SAMPLE-E | 2025-12-29 |              -8.1
--  SAMPLE-F | 2025-12-15 |             -36.1
--  SAMPLE-C | 2025-05-16 |             -45.3
--  SAMPLE-A | 2025-09-10 |             -46.6
--  SAMPLE-B | 2025-01-25 |             -47.9
--  SAMPLE-G | 2025-04-28 |             -72.4
--  SAMPLE-H | 2025-02-19 |             -73.4
-- (8 rows)
