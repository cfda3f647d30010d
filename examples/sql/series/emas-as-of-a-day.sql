-- What were the EMAs of every asset on a day of the past?
--
-- `ema_asof` takes each asset on its newest day up to that one. SAMPLE-F has no price on 29 February 2024, so its
-- values are those of the day before.
select a.symbol, e.day, round(e.ema::numeric, 8) as ema,
  round(e.ema_bar::numeric, 8) as ema_bar
from ema_asof('2024-02-29') e
join dim_assets a on a.id = e.id
where e.alignment = 'multi_tf' and e.tf = '7D' and e.period = 21
order by a.symbol;

-- Output:
--   symbol  |    day     |      ema       |    ema_bar
-- ----------+------------+----------------+----------------
--  SAMPLE-A | 2024-02-29 | 10747.69082136 | 11001.49745055
--  SAMPLE-B | 2024-02-29 |   220.45542145 |   222.08746582
--  SAMPLE-C | 2024-02-29 |     0.21029782 |     0.21035349
--  SAMPLE-D | 2024-02-29 |     1.01611663 |     1.01531342
--  SAMPLE-E | 2024-02-29 |    24.62227210 |    24.79052086
--  SAMPLE-F | 2024-02-28 |     0.25030679 |     0.25445570
--  SAMPLE-G | 2024-02-29 |     4.08296046 |     3.98521403
--  SAMPLE-H | 2024-02-29 |     0.00001634 |     0.00001614
-- (8 rows)
