-- What did the last runs do, component by component?
--
-- Add r.started_at, r.finished_at and s.duration_sec to see when, and how long it took.
select r.command, r.status, r.exit_code, s.component, s.ok, s.failed, s.skipped, s.rows_needed, s.rows_written
from refresh_run r
join refresh_stage s using (run)
order by r.started_at desc, s.component
limit 4;

-- Output:
--     command    | status | exit_code | component  | ok | failed | skipped | rows_needed | rows_written
-- ---------------+--------+-----------+------------+----+--------+---------+-------------+--------------
--  refresh --all | ok     |         0 | bars       |  8 |      0 |       0 |       85662 |        85662
--  refresh --all | ok     |         0 | emas       |  8 |      0 |       0 |       92928 |        92928
--  refresh --all | ok     |         0 | indicators |  8 |      0 |       0 |       77623 |        77623
-- (3 rows)
