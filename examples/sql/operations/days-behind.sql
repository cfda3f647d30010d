-- How many days is each asset behind the newest one, in bars and in EMAs?
--
-- For the age in hours, take `now() - s.last_src_ts`. EMAs of the six alignments may stand on different days: the
-- slowest counts.
select a.symbol, s.last_day as bars_up_to, min(e.watermark_day) as emas_up_to,
  max(s.last_day) over () - s.last_day as days_behind, s.last_day - min(e.watermark_day) as emas_behind_bars
from dim_assets a
join cmc_price_bars_1d_state s on s.id = a.id
join ema_asset_state e on e.id = a.id
where a.active
group by a.symbol, s.last_day
order by days_behind desc, a.symbol;

-- Output:
--   symbol  | bars_up_to | emas_up_to | days_behind | emas_behind_bars
-- ----------+------------+------------+-------------+------------------
--  SAMPLE-A | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-B | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-C | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-D | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-E | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-F | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-G | 2025-12-31 | 2025-12-31 |           0 |                0
--  SAMPLE-H | 2025-12-31 | 2025-12-31 |           0 |                0
-- (8 rows)
