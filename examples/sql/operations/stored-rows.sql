-- How many closed bars and EMA points are stored, by alignment?
select alignment, (select count(distinct tf) from price_bars b where b.alignment = t.alignment) as bar_series,
  (select count(*) from price_bars b where b.alignment = t.alignment) as bars,
  (select count(*) from ema_points p where p.alignment = t.alignment) as points
from (select distinct alignment from dim_timeframe) t
order by alignment;

-- Output:
--    alignment    | bar_series | bars  | points
-- ----------------+------------+-------+--------
--  multi_tf       |         63 | 37737 |  53166
--  cal_us         |         19 |  7552 |   6928
--  cal_iso        |         19 |  7552 |   6928
--  cal_anchor_us  |         25 |  7616 |   6944
--  cal_anchor_iso |         25 |  7616 |   6944
--  v2             |          0 |     0 |  11970
-- (6 rows)
