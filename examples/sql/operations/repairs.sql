-- What was refused or repaired, with the values as the source gave them?
select a.symbol, (r.timestamp at time zone 'UTC')::date as day, r.action, r.reason,
  r.time_low as given_time_low, r.low as given_low, b.low as stored_low
from cmc_price_bars_1d_rejects r
join dim_assets a on a.id = r.id
left join cmc_price_bars_1d b on b.id = r.id and b.timestamp = r.timestamp
order by day, r.reason;

-- Output:
--   symbol  |    day     |  action  |      reason      |     given_time_low     | given_low | stored_low
-- ----------+------------+----------+------------------+------------------------+-----------+------------
--  SAMPLE-B | 2022-12-14 | repaired | repaired_low     | 2022-12-15 01:04:00+00 | 93.652014 |  94.960182
--  SAMPLE-B | 2022-12-14 | repaired | repaired_timelow | 2022-12-15 01:04:00+00 | 93.652014 |  94.960182
-- (2 rows)
