-- What are the last closed weeks of two assets, side by side?
select (b.time_open at time zone 'UTC')::date as monday,
  max(b.close) filter (where a.symbol = 'SAMPLE-A') as sample_a,
  max(b.close) filter (where a.symbol = 'SAMPLE-B') as sample_b
from dim_assets a
cross join lateral bar_series(a.id, '1W_CAL_ISO', '2025-11-24', '2025-12-31') b
where a.symbol in ('SAMPLE-A', 'SAMPLE-B') and not b.is_partial_end
group by monday
order by monday;

-- Output:
--    monday   | sample_a  | sample_b
-- ------------+-----------+-----------
--  2025-11-24 | 14105.143 | 46.395011
--  2025-12-01 | 13309.084 | 47.912004
--  2025-12-08 | 14029.737 | 46.553642
--  2025-12-15 | 14439.762 | 60.913736
--  2025-12-22 | 14417.331 | 59.280476
-- (5 rows)
