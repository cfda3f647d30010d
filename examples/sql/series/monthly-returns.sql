-- What did an asset gain in each month of three years, in percent?
with months as (
  select day as closed, 100 * (close / lag(close) over (order by day) - 1) as gain
  from bar_series(900001, '1M_CAL', '2022-12-01', '2025-12-31')
  where not is_partial_end
)
select to_char(closed, 'Mon') as month,
  round(max(gain) filter (where extract(year from closed) = 2023)::numeric, 1) as "2023",
  round(max(gain) filter (where extract(year from closed) = 2024)::numeric, 1) as "2024",
  round(max(gain) filter (where extract(year from closed) = 2025)::numeric, 1) as "2025"
from months
where closed >= '2023-01-01'
group by month, extract(month from closed)
order by extract(month from closed);

-- Output:
--  month | 2023  | 2024  | 2025
-- -------+-------+-------+-------
--  Jan   |   5.2 | -18.5 | -13.5
--  Feb   |  35.3 |  48.5 |  23.1
--  Mar   |  -1.6 |  10.4 | -29.7
--  Apr   |   3.3 |   8.7 |  33.0
--  May   |  -6.3 |   0.2 |  -5.6
--  Jun   | -26.9 | -22.1 | -15.7
--  Jul   | -10.0 |  -4.6 |  36.8
--  Aug   |   6.1 |   7.8 |  30.9
--  Sep   | -10.1 |  -1.2 |  -7.7
--  Oct   |   8.4 |  15.9 | -28.1
--  Nov   |   8.0 |  24.6 | -13.3
--  Dec   |  -5.4 |  -6.7 |  -0.9
-- (12 rows)
