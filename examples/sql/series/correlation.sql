-- How closely do the daily returns of assets follow those of SAMPLE-A?
--
-- Returns are joined by the time of the close, so a day that one asset lacks is left out. The return of the day after a
-- gap is that of several days: it is left out too. Hours, because a day of the session's zone may have 23 of them.
with returns as (
  select id, timestamp, ln(close / lag(close) over by_time) as value, timestamp - lag(timestamp) over by_time as since
  from cmc_price_bars_1d
  where timestamp >= '2025-01-01Z' and timestamp < '2026-01-01Z'
  window by_time as (partition by id order by timestamp)
)
select a.symbol, count(*) as days, round(corr(one.value, other.value)::numeric, 3) as correlation
from returns one
join returns other on other.timestamp = one.timestamp and other.id <> one.id
join dim_assets a on a.id = other.id
where one.id = 900001 and one.since = interval '24 hours' and other.since = interval '24 hours'
group by a.symbol
order by correlation desc;

-- Output:
--   symbol  | days | correlation
-- ----------+------+-------------
--  SAMPLE-E |  364 |       0.117
--  SAMPLE-B |  364 |       0.090
--  SAMPLE-F |  364 |       0.028
--  SAMPLE-H |  364 |      -0.024
--  SAMPLE-D |  364 |      -0.028
--  SAMPLE-C |  364 |      -0.030
--  SAMPLE-G |  364 |      -0.044
-- (7 rows)
