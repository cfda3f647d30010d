-- Which days are missing between an asset's first and last day?
--
-- Days in a row minus their number are the same day, so each gap is one group.
with missing as (
  select s.id, day::date, day::date - (row_number() over (partition by s.id order by day))::int as gap
  from cmc_price_bars_1d_state s
  cross join generate_series(s.first_day::timestamp, s.last_day, '1 day') as day
  where not exists (
    select from cmc_price_bars_1d b
    where b.id = s.id and b.timestamp >= day at time zone 'UTC'
      and b.timestamp < (day + interval '1 day') at time zone 'UTC'
  )
)
select a.symbol, min(m.day) as first_missing, max(m.day) as last_missing, count(*) as days
from missing m
join dim_assets a on a.id = m.id
group by a.symbol, m.gap
order by a.symbol, first_missing;

-- Output:
--   symbol  | first_missing | last_missing | days
-- ----------+---------------+--------------+------
--  SAMPLE-C | 2022-03-10    | 2022-03-12   |    3
--  SAMPLE-F | 2021-07-31    | 2021-07-31   |    1
--  SAMPLE-F | 2024-02-29    | 2024-02-29   |    1
-- (3 rows)
