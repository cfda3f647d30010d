-- Which week does a day belong to: ISO, US, or every seven rows?
select b.day, to_char(b.day, 'Dy') as weekday,
  max(b.pos_in_bar) filter (where b.tf = '1W_CAL_ISO') as day_of_iso_week,
  max(b.pos_in_bar) filter (where b.tf = '1W_CAL_US') as day_of_us_week,
  max(b.pos_in_bar) filter (where b.tf = '7D') as row_of_7d
from unnest(array['1W_CAL_ISO', '1W_CAL_US', '7D']) as wanted (tf)
cross join lateral bar_series(900001, wanted.tf, '2025-12-25', '2025-12-31') b
group by b.day
order by day;

-- Output:
--     day     | weekday | day_of_iso_week | day_of_us_week | row_of_7d
-- ------------+---------+-----------------+----------------+-----------
--  2025-12-25 | Thu     |               4 |              5 |         2
--  2025-12-26 | Fri     |               5 |              6 |         3
--  2025-12-27 | Sat     |               6 |              7 |         4
--  2025-12-28 | Sun     |               7 |              1 |         5
--  2025-12-29 | Mon     |               1 |              2 |         6
--  2025-12-30 | Tue     |               2 |              3 |         7
--  2025-12-31 | Wed     |               3 |              4 |         1
-- (7 rows)
