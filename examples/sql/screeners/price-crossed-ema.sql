-- Which assets closed above their 200-day EMA after a close below it?
--
-- An EMA of 1D has a value for every day that has a price, so bars and EMAs are joined by their time.
with days as (
  select a.symbol, e.day, b.close, e.ema,
    lag(b.close > e.ema) over (partition by a.id order by e.ts) as was_above
  from dim_assets a
  cross join lateral ema_series(a.id, '1D', 200, '2025-09-30', '2025-12-31') e
  join cmc_price_bars_1d b on b.id = a.id and b.time_close = e.ts
  where a.active
)
select day, symbol, round(close::numeric, 6) as close, round(ema::numeric, 6) as ema
from days
where close > ema and not was_above
order by day desc, symbol
limit 8;

-- Output:
--     day     |  symbol  |   close   |    ema
-- ------------+----------+-----------+-----------
--  2025-12-23 | SAMPLE-D |  0.966193 |  0.965912
--  2025-12-21 | SAMPLE-C |  0.119204 |  0.118468
--  2025-12-17 | SAMPLE-B | 57.929971 | 53.512492
--  2025-12-13 | SAMPLE-C |  0.122845 |  0.118336
--  2025-12-10 | SAMPLE-G |  2.842245 |  2.807489
--  2025-12-08 | SAMPLE-C |  0.119240 |  0.118438
--  2025-12-03 | SAMPLE-G |  2.826092 |  2.818223
--  2025-11-19 | SAMPLE-G |  2.979733 |  2.844780
-- (8 rows)
