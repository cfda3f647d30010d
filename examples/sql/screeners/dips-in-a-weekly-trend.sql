-- Which assets dip below their 21-day EMA while the week's trend is up?
--
-- Two timeframes in one query: the week of the ISO calendar says where it goes, the day says when.
select a.symbol, round((100 * (b.close / daily.ema - 1))::numeric, 2) as from_day_ema,
  round((100 * (b.close / weekly.ema_bar - 1))::numeric, 2) as from_week_ema
from ema_latest daily
join ema_latest weekly on weekly.id = daily.id and weekly.ts = daily.ts
join cmc_price_bars_1d b on b.id = daily.id and b.time_close = daily.ts
join dim_assets a on a.id = daily.id
where daily.alignment = 'multi_tf' and daily.tf = '1D' and daily.period = 21
  and weekly.alignment = 'cal_iso' and weekly.tf = '1W_CAL_ISO' and weekly.period = 50
  and b.close < daily.ema and b.close > weekly.ema_bar
order by a.symbol;

-- Output:
--   symbol  | from_day_ema | from_week_ema
-- ----------+--------------+---------------
--  SAMPLE-F |       -15.23 |         18.86
-- (1 row)
