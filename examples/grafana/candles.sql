-- A candlestick panel: closed weeks in the range of the dashboard
--
-- Format: table. The range is cut into UTC days, so it does not depend on the zone of Grafana's session.
select b.time_close as time, b.open, b.high, b.low, b.close, b.volume
from bar_series(
  900001, '1W_CAL_ISO',
  (($__timeFrom())::timestamptz at time zone 'UTC')::date, (($__timeTo())::timestamptz at time zone 'UTC')::date
) b
where not b.is_partial_end
order by b.time_close;

-- Output:
--             time            |   open    |   high    |    low    |   close   |    volume
-- ----------------------------+-----------+-----------+-----------+-----------+--------------
--  2025-12-07 23:59:59.999+00 | 14105.143 | 14975.232 |  13151.94 | 13309.084 | 108796657757
--  2025-12-14 23:59:59.999+00 | 13309.084 | 14041.566 | 12701.873 | 14029.737 | 110405028066
--  2025-12-21 23:59:59.999+00 | 14029.737 | 15027.602 | 13510.679 | 14439.762 | 130099227712
--  2025-12-28 23:59:59.999+00 | 14439.762 | 15454.136 | 13599.214 | 14417.331 | 145024181524
-- (4 rows)
