-- Which days moved most?
with moves as (
  select id, timestamp, close, lag(close) over (partition by id order by timestamp) as before
  from cmc_price_bars_1d
)
select a.symbol, (m.timestamp at time zone 'UTC')::date as day, m.before, m.close,
  round((m.close / m.before)::numeric, 3) as factor
from moves m
join dim_assets a on a.id = m.id
where m.before is not null
order by abs(ln(m.close / m.before)) desc
limit 5;

-- Output:
--   symbol  |    day     |    before     |     close     | factor
-- ----------+------------+---------------+---------------+--------
--  SAMPLE-G | 2021-11-11 |     16.243109 |     12.683425 |  0.781
--  SAMPLE-H | 2023-06-15 | 1.8680578e-05 | 1.5083386e-05 |  0.807
--  SAMPLE-H | 2024-11-07 | 4.5650425e-05 | 3.7772372e-05 |  0.827
--  SAMPLE-H | 2023-02-11 | 1.7158993e-05 | 1.4202941e-05 |  0.828
--  SAMPLE-H | 2025-06-11 | 1.3277395e-05 |  1.099345e-05 |  0.828
-- (5 rows)
