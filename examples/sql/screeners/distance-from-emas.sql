-- How far are the newest closes from their EMAs, in percent?
--
-- `ema_latest` has one row for each period; an aggregate with a filter turns periods into columns.
select a.symbol, l.day,
  round((100 * (b.close / max(l.ema) filter (where l.period = 21) - 1))::numeric, 2) as from_21,
  round((100 * (b.close / max(l.ema) filter (where l.period = 50) - 1))::numeric, 2) as from_50,
  round((100 * (b.close / max(l.ema) filter (where l.period = 200) - 1))::numeric, 2) as from_200
from ema_latest l
join dim_assets a on a.id = l.id
join cmc_price_bars_1d b on b.id = l.id and b.time_close = l.ts
where l.alignment = 'multi_tf' and l.tf = '1D' and l.period in (21, 50, 200)
group by a.symbol, l.day, b.close
order by from_200 desc;

-- Output:
--   symbol  |    day     | from_21 | from_50 | from_200
-- ----------+------------+---------+---------+----------
--  SAMPLE-E | 2025-12-31 |    9.47 |   21.84 |    49.29
--  SAMPLE-B | 2025-12-31 |    7.45 |   14.10 |    11.09
--  SAMPLE-F | 2025-12-31 |  -15.23 |  -16.59 |     1.28
--  SAMPLE-D | 2025-12-31 |    0.30 |    0.51 |     0.30
--  SAMPLE-C | 2025-12-31 |   -5.12 |   -7.23 |   -10.60
--  SAMPLE-H | 2025-12-31 |    0.94 |    6.64 |   -18.00
--  SAMPLE-A | 2025-12-31 |   -1.24 |   -5.53 |   -18.08
--  SAMPLE-G | 2025-12-31 |   -9.52 |  -15.00 |   -25.35
-- (8 rows)
