-- Where are Bollinger Bands of days narrow beside their own last year (rank 0: a squeeze)?
with widths as (
  select id, day,
    (max(value) filter (where name = 'bbands_20_2.upper') - max(value) filter (where name = 'bbands_20_2.lower'))
      / max(value) filter (where name = 'bbands_20_2.middle') as width
  from indicators
  where id between 900001 and 900008 and alignment = 'multi_tf' and tf = '1D' and name like 'bbands_20_2.%'
    and day between '2025-01-01' and '2025-12-31'
  group by id, day
), ranked as (
  select id, day, width, percent_rank() over (partition by id order by width) as rank from widths
)
select a.symbol, r.day, round((100 * r.width)::numeric, 1) as width_percent, round((100 * r.rank)::numeric) as rank
from ranked r
join dim_assets a on a.id = r.id
where r.day = '2025-12-31' and r.rank < 0.5
order by r.rank;

-- Output:
--   symbol  |    day     | width_percent | rank
-- ----------+------------+---------------+------
--  SAMPLE-H | 2025-12-31 |          24.2 |   10
--  SAMPLE-A | 2025-12-31 |          13.8 |   13
-- (2 rows)
