-- How did one week's bar look on each of its days?
--
-- A row of the bar views is the bar as known at that day's close. Only on the closing day is_partial_end is false.
select day, open, high, low, close, count_days, count_days_remaining as to_go,
  is_partial_end as is_open
from bar_series(900001, '1W_CAL_ISO', '2025-12-22', '2025-12-28')
order by day;

-- Output:
--     day     |   open    |   high    |    low    |   close   | count_days | to_go | is_open
-- ------------+-----------+-----------+-----------+-----------+------------+-------+---------
--  2025-12-22 | 14439.762 | 15454.136 | 14228.921 |  15320.77 |          1 |     6 | t
--  2025-12-23 | 14439.762 | 15454.136 | 14228.921 | 14782.192 |          2 |     5 | t
--  2025-12-24 | 14439.762 | 15454.136 |  13891.23 | 13936.289 |          3 |     4 | t
--  2025-12-25 | 14439.762 | 15454.136 | 13627.797 | 13676.468 |          4 |     3 | t
--  2025-12-26 | 14439.762 | 15454.136 | 13599.214 | 13811.033 |          5 |     2 | t
--  2025-12-27 | 14439.762 | 15454.136 | 13599.214 | 14266.091 |          6 |     1 | t
--  2025-12-28 | 14439.762 | 15454.136 | 13599.214 | 14417.331 |          7 |     0 | f
-- (7 rows)
