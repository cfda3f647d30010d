-- On which days of the month was the volume over twice that of the 30 days before?
--
-- The window is one of dates. A window of 30 days over `timestamptz` would follow the clock of the session's zone.
with volumes as (
  select id, (timestamp at time zone 'UTC')::date as day, volume
  from cmc_price_bars_1d
  where timestamp >= '2025-11-01Z' and timestamp < '2026-01-01Z'
), days as (
  select id, day, volume, avg(volume) over (
    partition by id order by day range between interval '30 days' preceding and interval '1 day' preceding
  ) as usual
  from volumes
)
select a.symbol, d.day, round((d.volume / d.usual)::numeric, 2) as times_usual
from days d
join dim_assets a on a.id = d.id
where d.day >= '2025-12-01' and d.volume > 2 * d.usual
order by times_usual desc;

-- Output:
--   symbol  |    day     | times_usual
-- ----------+------------+-------------
--  SAMPLE-H | 2025-12-20 |        2.36
--  SAMPLE-E | 2025-12-21 |        2.15
-- (2 rows)
