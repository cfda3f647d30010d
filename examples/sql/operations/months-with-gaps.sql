-- Which closed months were made of fewer days than they have?
--
-- Such a bar is right for the days that it has. When a missing day arrives, the next refresh writes it again.
select a.symbol, to_char(b.first_day, 'YYYY-MM') as month, b.count_days, b.count_missing_days as missing,
  b.first_missing_day, b.last_missing_day
from price_bars b
join dim_assets a on a.id = b.id
where b.alignment = 'cal_iso' and b.tf = '1M_CAL' and b.count_missing_days > 0
order by a.symbol, month;

-- Output:
--   symbol  |  month  | count_days | missing | first_missing_day | last_missing_day
-- ----------+---------+------------+---------+-------------------+------------------
--  SAMPLE-C | 2022-03 |         28 |       3 | 2022-03-10        | 2022-03-12
-- (1 row)
