-- A time series panel: two EMAs, a line for each period
--
-- Format: time series. The column `metric` names the lines. Here only Mondays, to keep the answer short.
select e.ts as time, 'EMA ' || p.period as metric, e.ema as value
from dim_period p
cross join lateral ema_series(
  900001, '1D', p.period,
  (($__timeFrom())::timestamptz at time zone 'UTC')::date, (($__timeTo())::timestamptz at time zone 'UTC')::date
) e
where p.period in (21, 50) and extract(isodow from e.ts at time zone 'UTC') = 1
order by e.ts, metric;

-- Output:
--             time            | metric |       value
-- ----------------------------+--------+--------------------
--  2025-12-01 23:59:59.999+00 | EMA 21 |  15229.25985375691
--  2025-12-01 23:59:59.999+00 | EMA 50 | 16591.713286629736
--  2025-12-08 23:59:59.999+00 | EMA 21 | 14511.987775662772
--  2025-12-08 23:59:59.999+00 | EMA 50 | 15910.613132931163
--  2025-12-15 23:59:59.999+00 | EMA 21 | 14003.212218705561
--  2025-12-15 23:59:59.999+00 | EMA 50 | 15302.989580187672
--  2025-12-22 23:59:59.999+00 | EMA 21 | 14267.776556804762
--  2025-12-22 23:59:59.999+00 | EMA 50 | 15106.375414425016
--  2025-12-29 23:59:59.999+00 | EMA 21 |  14177.31733183234
--  2025-12-29 23:59:59.999+00 | EMA 50 | 14858.387210493442
-- (10 rows)
