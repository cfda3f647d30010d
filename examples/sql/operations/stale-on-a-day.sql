-- Which assets were stale at a time: no price in the 48 hours before?
--
-- Of the present: `now()` in the place of the time that is written out here, a day and a half after the last prices.
select a.symbol, s.last_day, round(extract(epoch from asked.at - s.last_src_ts) / 3600, 1) as hours_old,
  s.last_src_ts < asked.at - interval '48 hours' as is_stale
from dim_assets a
left join cmc_price_bars_1d_state s on s.id = a.id
cross join (values (timestamptz '2026-01-02 12:00Z')) as asked (at)
where a.active
order by a.symbol
limit 3;

-- Output:
--   symbol  |  last_day  | hours_old | is_stale
-- ----------+------------+-----------+----------
--  SAMPLE-A | 2025-12-31 |      36.0 | f
--  SAMPLE-B | 2025-12-31 |      36.0 | f
--  SAMPLE-C | 2025-12-31 |      36.0 | f
-- (3 rows)
