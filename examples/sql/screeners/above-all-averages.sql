-- Which assets closed above their averages of 20, 50 and 200 days, and by how much above the longest?
with averages as (
  select id, max(day) as day, max(value) as highest, max(value) filter (where name = 'sma_200') as sma_200
  from indicators_latest
  where alignment = 'multi_tf' and tf = '1D' and name in ('sma_20', 'sma_50', 'sma_200')
  group by id
)
select a.symbol, v.day, round((100 * (b.close / v.sma_200 - 1))::numeric, 1) as percent_above_200
from averages v
join dim_assets a on a.id = v.id
join lateral (
  select close from cmc_price_bars_1d d where d.id = v.id order by d.bar_seq desc limit 1) b on true
where b.close > v.highest
order by percent_above_200 desc;

-- Output:
--   symbol  |    day     | percent_above_200
-- ----------+------------+-------------------
--  SAMPLE-E | 2025-12-31 |              51.2
--  SAMPLE-B | 2025-12-31 |              27.2
--  SAMPLE-D | 2025-12-31 |               0.4
-- (3 rows)
