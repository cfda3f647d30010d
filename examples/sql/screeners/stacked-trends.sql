-- Which assets are in a stacked trend: close, 20-, 50- and 200-day EMA in order?
with emas as (
  select id, ts, max(ema) filter (where period = 20) as ema_20, max(ema) filter (where period = 50) as ema_50,
    max(ema) filter (where period = 200) as ema_200
  from ema_latest
  where alignment = 'multi_tf' and tf = '1D' and period in (20, 50, 200)
  group by id, ts
)
select a.symbol, case
    when b.close > ema_20 and ema_20 > ema_50 and ema_50 > ema_200 then 'up'
    when b.close < ema_20 and ema_20 < ema_50 and ema_50 < ema_200 then 'down'
    else 'mixed'
  end as trend, round((100 * (ema_20 / ema_200 - 1))::numeric, 1) as spread_percent
from emas e
join dim_assets a on a.id = e.id
join cmc_price_bars_1d b on b.id = e.id and b.time_close = e.ts
order by trend desc, a.symbol;

-- Output:
--   symbol  | trend | spread_percent
-- ----------+-------+----------------
--  SAMPLE-E | up    |           37.1
--  SAMPLE-B | mixed |            3.7
--  SAMPLE-D | mixed |            0.0
--  SAMPLE-F | mixed |           19.0
--  SAMPLE-H | mixed |          -18.5
--  SAMPLE-A | down  |          -17.1
--  SAMPLE-C | down  |           -6.0
--  SAMPLE-G | down  |          -17.9
-- (8 rows)
