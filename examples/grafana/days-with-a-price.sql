-- A bar gauge: of how many days in the range does each asset have a price?
select a.symbol as metric, count(b.timestamp) as days
from dim_assets a
left join cmc_price_bars_1d b on b.id = a.id and $__timeFilter(b.timestamp)
where a.active
group by a.symbol
order by a.symbol;

-- Output:
--   metric  | days
-- ----------+------
--  SAMPLE-A |   31
--  SAMPLE-B |   31
--  SAMPLE-C |   31
--  SAMPLE-D |   31
--  SAMPLE-E |   31
--  SAMPLE-F |   31
--  SAMPLE-G |   31
--  SAMPLE-H |   31
-- (8 rows)
