-- A time series panel: how far below its highest close of the range is an asset?
select timestamp as time, a.symbol as metric,
  round((100 * (b.close / max(b.close) over (partition by b.id order by b.timestamp) - 1))::numeric, 2)::float8 as value
from cmc_price_bars_1d b
join dim_assets a on a.id = b.id
where b.id = 900001 and $__timeFilter(b.timestamp)
order by b.timestamp
limit 8;

-- Output:
--             time            |  metric  | value
-- ----------------------------+----------+--------
--  2025-12-01 23:59:59.999+00 | SAMPLE-A |      0
--  2025-12-02 23:59:59.999+00 | SAMPLE-A |      0
--  2025-12-03 23:59:59.999+00 | SAMPLE-A |      0
--  2025-12-04 23:59:59.999+00 | SAMPLE-A |  -4.01
--  2025-12-05 23:59:59.999+00 | SAMPLE-A |  -6.78
--  2025-12-06 23:59:59.999+00 | SAMPLE-A | -10.13
--  2025-12-07 23:59:59.999+00 | SAMPLE-A | -10.28
--  2025-12-08 23:59:59.999+00 | SAMPLE-A | -10.18
-- (8 rows)
