-- What are the newest EMAs of an asset, by timeframe and period?
select l.tf, round(max(l.ema) filter (where l.period = 10)::numeric, 2) as ema_10,
  round(max(l.ema) filter (where l.period = 21)::numeric, 2) as ema_21,
  round(max(l.ema) filter (where l.period = 50)::numeric, 2) as ema_50
from ema_latest l
join dim_timeframe t using (alignment, tf)
where l.id = 900001 and l.alignment = 'multi_tf' and l.tf in ('1D', '3D', '7D', '14D', '30D')
group by l.tf, t.tf_days
order by t.tf_days;

-- Output:
--  tf  |  ema_10  |  ema_21  |  ema_50
-- -----+----------+----------+----------
--  1D  | 14112.35 | 14154.29 | 14795.96
--  3D  | 14274.93 | 15196.23 | 16804.82
--  7D  | 15403.85 | 16779.20 | 16980.60
--  14D | 16713.53 | 17084.25 | 16117.06
--  30D | 17075.58 | 16278.03 | 14901.01
-- (5 rows)
