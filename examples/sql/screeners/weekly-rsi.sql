-- Whose RSI of closed weeks was below 30, when the last time, and where is it now?
select a.symbol, max(i.day) as last_below_30, count(*) as weeks,
  round(max(n.value)::numeric, 1) as rsi, round(max(n.preview)::numeric, 1) as rsi_if_the_week_closed_now
from indicators i
join indicators_latest n on n.id = i.id and n.alignment = i.alignment and n.tf = i.tf and n.name = i.name
join dim_assets a on a.id = i.id
where i.alignment = 'cal_iso' and i.tf = '1W_CAL_ISO' and i.name = 'rsi_14' and i.value < 30
group by a.symbol
order by last_below_30 desc, a.symbol;

-- Output:
--   symbol  | last_below_30 | weeks | rsi  | rsi_if_the_week_closed_now
-- ----------+---------------+-------+------+----------------------------
--  SAMPLE-D | 2025-11-09    |    37 | 55.9 |                       56.8
--  SAMPLE-B | 2025-08-10    |     7 | 55.6 |                       56.5
--  SAMPLE-G | 2023-12-03    |    10 | 40.1 |                       42.3
--  SAMPLE-C | 2021-09-12    |     3 | 44.7 |                       46.1
-- (4 rows)
