-- What do the newest week, month and year look like, closed or not?
--
-- `bars_latest` is read from the states by one index scan. `count_days_remaining` says how long a bar stays open.
select tf, (time_open at time zone 'UTC')::date as first_day, day as last_day,
  open, high, low, close, is_partial_end as is_open, count_days_remaining as to_go
from bars_latest
where id = 900001 and alignment = 'cal_iso' and tf in ('1W_CAL_ISO', '1M_CAL', '1Y_CAL')
order by tf_days;

-- Output:
--      tf     | first_day  |  last_day  |   open    |   high    |    low    |   close   | is_open | to_go
-- ------------+------------+------------+-----------+-----------+-----------+-----------+---------+-------
--  1W_CAL_ISO | 2025-12-29 | 2025-12-31 | 14417.331 |  14579.09 | 13683.387 | 13978.237 | t       |     4
--  1M_CAL     | 2025-12-01 | 2025-12-31 | 14105.143 | 15454.136 | 12701.873 | 13978.237 | f       |     0
--  1Y_CAL     | 2025-01-01 | 2025-12-31 | 17248.041 |     26190 | 12701.873 | 13978.237 | f       |     0
-- (3 rows)
