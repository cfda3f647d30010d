-- What is the close of each day beside its EMA and its change?
select e.day, b.close, round(e.ema::numeric, 3) as ema_21,
  round(e.d1::numeric, 3) as change
from cmc_price_bars_1d b
join lateral ema_series(b.id, '1D', 21, '2025-12-25', '2025-12-31') e on e.ts = b.time_close
where b.id = 900001
order by e.day;

-- Output:
--     day     |   close   |  ema_21   | change
-- ------------+-----------+-----------+---------
--  2025-12-25 | 13676.468 | 14225.274 | -54.881
--  2025-12-26 | 13811.033 | 14187.616 | -37.658
--  2025-12-27 | 14266.091 | 14194.750 |   7.134
--  2025-12-28 | 14417.331 | 14214.985 |  20.235
--  2025-12-29 | 13800.643 | 14177.317 | -37.667
--  2025-12-30 | 14117.679 | 14171.896 |  -5.422
--  2025-12-31 | 13978.237 | 14154.290 | -17.605
-- (7 rows)
