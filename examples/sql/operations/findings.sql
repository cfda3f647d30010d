-- How many days of each asset are not plausible, and how many are not accepted yet?
--
-- The days themselves: "select id, day, kind, factor from price_finding order by id, day". The sample data have none.
select a.symbol, count(f.day) as findings, count(f.day) filter (where f.accepted_at is null) as open,
  max(f.day) as newest
from dim_assets a
left join price_finding f on f.id = a.id
where a.active
group by a.symbol
order by open desc, a.symbol
limit 3;

-- Output:
--   symbol  | findings | open | newest
-- ----------+----------+------+--------
--  SAMPLE-A |        0 |    0 |
--  SAMPLE-B |        0 |    0 |
--  SAMPLE-C |        0 |    0 |
-- (3 rows)
